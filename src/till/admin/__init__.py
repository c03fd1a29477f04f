"""Pages for people, made on the server: signing in, the apps of a shop, and apps inside the admin."""

from till.admin.shell import page

__all__ = ["page"]
