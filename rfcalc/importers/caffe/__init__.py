"""Networks of Caffe: text-format protocol buffers, each layer a message."""
