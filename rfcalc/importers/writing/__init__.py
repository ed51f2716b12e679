"""Imported networks written down as descriptions: `flat` for the way to a table, `folded` for people."""
