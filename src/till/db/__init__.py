"""Storage: the only package that knows a database driver."""
