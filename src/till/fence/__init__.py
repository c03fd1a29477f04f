"""Themes are rendered and parsed here, in processes without files or network, with little time and memory."""
