"""The architecture of a network as boxes and edges."""
