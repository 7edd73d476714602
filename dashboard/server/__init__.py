"""What stands between the network and the application: guards, slow clients, start-up."""
