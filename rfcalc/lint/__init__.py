"""Checking: what is wrong with a network, which promise it breaks, and what good practice says of it."""
