"""What the arguments of PyTorch's functions are called, in both dialects: one set of names for each.

ATen's schema names all of them; in Python, functions that are compiled and methods of tensors have positions
alone.  Names differ here and there (`self`, `input`); the operators know one.
"""

from __future__ import annotations

from collections.abc import Mapping

from rfcalc.importers.torch.program import ArgumentValue

# In the order of their places; one with a star takes all that follow, as `x.view(1, -1)` gives them.
_ROWS = (
    ("conv1d conv2d conv3d", "input weight bias stride padding dilation groups"),
    (
        "conv_transpose1d conv_transpose2d conv_transpose3d",
        "input weight bias stride padding output_padding groups dilation",
    ),
    ("convolution", "input weight bias stride padding dilation transposed output_padding groups"),
    ("max_pool1d max_pool2d max_pool3d", "input kernel_size stride padding dilation ceil_mode"),
    (
        "avg_pool1d avg_pool2d avg_pool3d",
        "input kernel_size stride padding ceil_mode count_include_pad divisor_override",
    ),
    (
        """adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d
        adaptive_max_pool3d""",
        "input output_size",
    ),
    ("batch_norm native_batch_norm", "input weight bias running_mean running_var training"),
    ("instance_norm", "input weight bias running_mean running_var use_input_stats"),
    ("group_norm", "input num_groups weight bias"),
    ("layer_norm native_layer_norm", "input normalized_shape weight bias"),
    ("pixel_shuffle", "input upscale_factor"),
    ("pixel_unshuffle", "input downscale_factor"),
    ("channel_shuffle native_channel_shuffle", "input groups"),
    ("embedding", "weight indices"),
    ("unfold", "input dimension size step"),
    (
        "lstm gru rnn_tanh rnn_relu",
        "input hx params has_biases num_layers dropout train bidirectional batch_first",
    ),
    ("linear", "input weight bias"),
    ("matmul rmatmul imatmul", "input other"),
    ("bmm mm", "input mat2"),
    ("addmm", "input mat1 mat2"),
    ("baddbmm", "input batch1 batch2"),
    ("einsum", "equation *tensors"),
    ("scaled_dot_product_attention", "query key value attn_mask dropout_p is_causal"),
    ("leaky_relu", "input negative_slope"),
    ("elu", "input alpha"),
    ("prelu", "input weight"),
    ("hardtanh", "input min_val max_val"),
    ("clamp clip", "input min max"),
    ("clamp_min", "input min"),
    ("clamp_max", "input max"),
    (
        """add sub subtract mul multiply div divide true_divide truediv floordiv floor_divide mod remainder
        radd rsub rmul rdiv rtruediv maximum minimum eq ne lt le gt ge view_as reshape_as expand_as""",
        "input other",
    ),
    ("addcmul", "input tensor1 tensor2"),
    ("pow float_power", "input exponent"),
    ("where", "condition input other"),
    ("masked_fill", "input mask value"),
    ("mean sum amax amin max min", "input dim keepdim"),
    ("norm", "input p dim keepdim"),
    ("linalg_vector_norm", "input ord dim keepdim"),
    ("softmax log_softmax", "input dim"),
    ("dropout dropout1d dropout2d dropout3d alpha_dropout feature_dropout native_dropout", "input p train"),
    ("view", "input *size"),
    ("reshape", "input *shape"),
    ("expand", "input *size"),
    ("repeat", "input *repeats"),
    ("tile", "input *dims"),
    ("permute", "input *dims"),
    ("broadcast_to", "input size"),
    ("flatten", "input start_dim end_dim"),
    ("unflatten", "input dim sizes"),
    ("transpose swapaxes swapdims", "input dim0 dim1"),
    ("movedim moveaxis", "input source destination"),
    ("squeeze unsqueeze unbind size sym_size", "input dim"),
    ("cat concat concatenate stack", "tensors dim"),
    ("chunk unsafe_chunk", "input chunks dim"),
    ("split unsafe_split", "input split_size dim"),
    ("split_with_sizes", "input split_sizes dim"),
    ("tensor_split", "input sections dim"),
    ("select index_select", "input dim index"),
    ("narrow", "input dim start length"),
    ("getitem", "input index"),
    ("roll", "input shifts dims"),
    ("pad", "input pad mode value"),
    ("full", "size fill_value"),
    ("scalar_tensor", "s"),
)
SIGNATURES: dict[str, tuple[str, ...]] = {
    function: tuple(names.split()) for functions, names in _ROWS for function in functions.split()
}
# Other names of the same arguments, in one of the dialects or as NumPy has them.
_ALSO = {
    "self": "input",
    "x": "input",
    "tensor": "input",
    "a": "input",
    "b": "other",
    "axis": "dim",
    "axis0": "dim0",
    "axis1": "dim1",
    "keepdims": "keepdim",
    "split_size_or_sections": "split_size",
    "indices_or_sections": "sections",
    "operands": "tensors",
}


def bound(function: str, arguments: Mapping[str, ArgumentValue]) -> dict[str, ArgumentValue]:
    """The arguments of a call by their names; a place that has none keeps its number."""
    names = SIGNATURES.get(function, ("input",))
    found: dict[str, ArgumentValue] = {}
    for key, value in arguments.items():
        if not key.isdecimal():
            found[_ALSO.get(key, key)] = value
            continue
        place = int(key)
        name = names[place] if place < len(names) else names[-1] if names[-1].startswith("*") else key
        if not name.startswith("*"):
            found[name] = value
        elif type(value) is tuple and place == len(names) - 1:
            found[name[1:]] = value
        else:
            before = found.get(name[1:])
            found[name[1:]] = (*(before if type(before) is tuple else ()), value)
    return found
