"""`till theme check`: what is wrong with a theme, found without rendering it, with line and way out."""
