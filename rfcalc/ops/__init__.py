"""The operators: each one function that states its facts, and the schema its signature is."""
