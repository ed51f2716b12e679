"""Reading models of Keras."""
