"""ONNX: a description as a model file."""
