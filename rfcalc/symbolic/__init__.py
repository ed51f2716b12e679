"""Exact polynomials in named symbols: the numbers of a network whose sizes are symbols."""
