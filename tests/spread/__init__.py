"""What a cluster refuses, read from the text of statements, and a cluster to try them on."""
