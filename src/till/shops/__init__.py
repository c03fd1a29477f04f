"""Shops at rest."""
