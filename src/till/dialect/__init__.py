"""How Genstore spells things in general."""
