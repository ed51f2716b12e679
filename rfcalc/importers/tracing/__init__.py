"""Following a program of tensors, call by call, to the layers that it is made of."""
