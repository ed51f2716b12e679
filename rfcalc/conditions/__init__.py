"""Promises: what comparisons of figures mean, whether they hold, and what is said where they do not."""
