"""What follows from a graph: receptive fields, counts, totals; one frozen result each."""
