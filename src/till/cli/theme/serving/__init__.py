"""What `till theme dev` serves: the theme of a folder, repainted while it is worked on."""
