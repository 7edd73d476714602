"""What an outside developer builds: clients generated from the OpenAPI document by published packages."""
