"""What other frameworks call operators and attributes, for the hints of errors: the one list of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

# The layers of PyTorch and Keras: how they are called, our operator, and their arguments in order.  One
# behind which `:` and a name of ours stands is that, one behind which nothing stands means nothing to us.
_CALLS = """
Conv1d Conv2d Conv3d = conv in_channels out_channels kernel_size stride padding dilation groups bias
Conv1D Conv2D Conv3D Convolution2D = conv filters kernel_size strides padding
SeparableConv2D = dwconv filters: kernel_size strides padding
ConvTranspose1d ConvTranspose2d ConvTranspose3d = deconv in_channels out_channels kernel_size stride padding
Conv1DTranspose Conv2DTranspose Conv3DTranspose = deconv filters kernel_size strides padding
DepthwiseConv1D DepthwiseConv2D = dwconv kernel_size strides padding
LocallyConnected1D LocallyConnected2D = localconv filters kernel_size strides padding
Linear LazyLinear = fc in_features out_features bias
Dense = fc units activation use_bias
BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm = bn num_features
BatchNormalization = bn
LayerNorm = ln normalized_shape
LayerNormalization = ln
GroupNorm = gn num_groups num_channels
GroupNormalization = gn groups
InstanceNorm1d InstanceNorm2d InstanceNorm3d = in num_features
LocalResponseNorm = lrn size:n alpha beta k:k
MaxPool1d MaxPool2d MaxPool3d = maxpool kernel_size stride padding dilation
MaxPooling1D MaxPooling2D MaxPooling3D MaxPool2D = maxpool pool_size strides padding
AvgPool1d AvgPool2d AvgPool3d = avgpool kernel_size stride padding ceil_mode count_include_pad
AveragePooling1D AveragePooling2D AveragePooling3D AvgPool2D = avgpool pool_size strides padding
AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d = adaptiveavgpool output_size:size
AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d = adaptivemaxpool output_size:size
GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalAvgPool2D = globalavgpool
GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GlobalMaxPool2D = globalmaxpool
Dropout Dropout1d Dropout2d Dropout3d AlphaDropout = dropout p:rate
SpatialDropout2D = dropout rate
DropPath StochasticDepth = droppath drop_prob:rate
Flatten = flatten start_dim: end_dim:
Upsample = upsample size scale_factor mode
UpSampling1D UpSampling2D UpSampling3D = upsample size:scale
UpsamplingNearest2d = upsample size scale_factor
PixelShuffle = pixelshuffle upscale_factor
PixelUnshuffle = pixelunshuffle downscale_factor:factor
ChannelShuffle = channelshuffle groups
ReLU = relu inplace
ReLU6 = relu6 inplace
LeakyReLU = leakyrelu negative_slope:slope inplace
PReLU = prelu num_parameters:
ELU = elu alpha
GELU = gelu approximate:
SiLU Swish = silu inplace
Hardswish = hardswish inplace
Hardsigmoid = hardsigmoid inplace
Sigmoid = sigmoid
Tanh = tanh
Softplus = softplus beta:
Softmax Softmax2d LogSoftmax = softmax dim:
CrossEntropyLoss NLLLoss = softmaxloss
Embedding = embedding num_embeddings:words embedding_dim:out_channels
MultiheadAttention = attention embed_dim: num_heads
MultiHeadAttention = attention num_heads key_dim:
LSTM = lstm input_size: hidden_size:out_channels num_layers:layers
GRU = gru input_size: hidden_size:out_channels num_layers:layers
ZeroPad1d ZeroPad2d ZeroPad3d ReflectionPad2d ReplicationPad2d = pad padding
ZeroPadding1D ZeroPadding2D ZeroPadding3D = pad padding
Cropping2D = crop
Identity = identity
Add = add
Multiply = mul
Subtract = sub
Maximum = max
Concatenate = concat
conv1d conv2d conv3d = conv input: weight: bias: stride padding dilation groups
max_pool1d max_pool2d max_pool3d = maxpool input: kernel_size stride padding
avg_pool1d avg_pool2d avg_pool3d = avgpool input: kernel_size stride padding
adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d = adaptiveavgpool input: output_size:size
relu = relu input: inplace
leaky_relu = leakyrelu input: negative_slope:slope
dropout = dropout input: p:rate
interpolate = upsample input: size scale_factor mode
flatten = flatten input: start_dim: end_dim:
"""

# Further names of operators, which are no calls.
_OTHER_NAMES = """
fc = linear dense gemm fully_connected fullyconnected innerproduct inner_product matmul_bias
conv = convolution convolutional
dwconv = depthwise depthwiseconv dw_conv
deconv = convtranspose conv_transpose convolutiontranspose upconv transposedconv tconv
bn = batchnorm batch_norm batchnormalisation
gn = groupnorm group_norm
ln = layernorm layer_norm
in = instancenorm instance_norm
lrn = localresponsenormalization localresponsenormalisation
maxpool = max_pool maxpooling pool pooling
avgpool = avg_pool averagepool average_pool avgpooling averagepooling meanpool
adaptiveavgpool = adaptive_avg_pool
globalavgpool = globalaveragepool globalaveragepooling gap global_avg_pool global_average_pool
globalmaxpool = gmp global_max_pool
leakyrelu = lrelu leaky
hardswish = hswish h_swish hard_swish
hardsigmoid = hsigmoid h_sigmoid hard_sigmoid
concat = cat route stack
add = sum shortcut plus eltwise residual skip
mul = multiply times
div = divide
upsample = resize unpool upsampling
permute = transpose
reshape = view rearrange
softmaxloss = crossentropy cross_entropy softmaxwithloss
attention = mha self_attention selfattention
deformconv = deform_conv
learned = parameter
reducemean = mean
localconv = locallyconnected
channelshuffle = shuffle_channels
"""

_ATTRIBUTES = """
out_channels = filters num_filter num_output out_features units out channels c oc cout
out_channels = n_filters out_planes nf width
kernel = k ks ksize kernel_size kernel_shape pool_size window filter_size
stride = strides st
padding = pad pads
dilation = dilation_rate dilations dil rates
groups = num_groups group n_groups
bias = use_bias bias_term
ceil = ceil_mode
scale = scale_factor
factor = upscale_factor
heads = num_heads n_heads
rate = p drop_rate keep_prob prob
size = output_size
slope = negative_slope
multiplier = depth_multiplier
alpha = α
beta = β
"""

# What says how many channels enter, which is known.
OF_THE_INPUT = frozenset(
    "in_channels in_features num_features num_channels input_shape input_dim normalized_shape cin inplanes"
    " in_planes c_in".split()
)
# What changes no size and no count.
OF_TRAINING = frozenset(
    "inplace name eps epsilon momentum dtype device track_running_stats kernel_initializer bias_initializer"
    " kernel_regularizer bias_regularizer activity_regularizer trainable data_format batch_first center"
    " seed".split()
)


class ForeignCall:
    """A layer of another framework: our operator, and what its arguments are called with us by position.

    arguments: their name and ours, "" for what means nothing to us.
    """

    def __init__(self, operator: str, arguments: tuple[tuple[str, str], ...]) -> None:
        self.operator = operator
        self.arguments = arguments


def _lines(text: str) -> Iterator[tuple[list[str], list[str]]]:
    for line in text.strip().splitlines():
        left, _, right = line.partition(" = ")
        yield left.split(), right.split()


def _by_foreign_name(text: str) -> dict[str, str]:
    return {name: ours[0] for ours, theirs in _lines(text) for name in theirs}


FOREIGN_ATTRIBUTES: Mapping[str, str] = _by_foreign_name(_ATTRIBUTES)


def our_attribute(theirs: str) -> str:
    """What an attribute of another framework is called with us; "" for what means nothing to us."""
    name = theirs.casefold()
    return "" if name in OF_THE_INPUT | OF_TRAINING else FOREIGN_ATTRIBUTES.get(name, name)


def _call(operator: str, arguments: list[str]) -> ForeignCall:
    pairs = [name.partition(":") for name in arguments]
    return ForeignCall(
        operator, tuple((name, ours if colon else our_attribute(name)) for name, colon, ours in pairs)
    )


FOREIGN_CALLS: Mapping[str, ForeignCall] = {
    name: _call(ours[0], ours[1:]) for names, ours in _lines(_CALLS) for name in names
}
FOREIGN_OPERATORS: Mapping[str, str] = {
    name: ours
    for name, ours in (
        *((name.casefold(), call.operator) for name, call in FOREIGN_CALLS.items()),
        *_by_foreign_name(_OTHER_NAMES).items(),
    )
    # Some are called as ours are.
    if name != ours
}
