"""Orders as Genstore spells them: read from requests, shown in answers and told in events."""
