"""From a syntax tree to a graph of layers, each with its facts."""
