"""The description language: from text to a syntax tree in which everything has its place."""
