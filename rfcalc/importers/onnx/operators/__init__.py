"""What each ONNX operator is here: a function for each, in modules by families."""
