"""PyTorch: a description as the source of modules."""
