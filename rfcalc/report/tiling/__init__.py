"""Tiles of an image: what was asked, tables, data."""
