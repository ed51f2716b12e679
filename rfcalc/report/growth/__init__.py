"""How fields grow with depth, and where they reach the input: points, table, chart, data."""
