"""Plans of nnU-Net."""
