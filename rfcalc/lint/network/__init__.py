"""What rules ask about a network: kinds of layers, wiring, windows, fields, names."""
