"""The one-page report as HTML: one file, with nothing beside it."""
