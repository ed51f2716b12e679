"""Receptive fields: from what each operator reads to what each layer sees of the input."""
