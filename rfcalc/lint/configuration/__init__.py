"""The configuration: its text, its places, and what it says for which paths."""
