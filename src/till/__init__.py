"""Till: a self-hostable server for the Genstore open platform API."""
