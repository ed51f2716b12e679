"""What each layer of Caffe becomes, by its type."""
