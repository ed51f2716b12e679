"""PyTorch: exported programs (`.pt2`) and modules in Python."""
