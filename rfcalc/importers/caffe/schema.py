"""The messages of caffe.proto that networks are written in: their fields, and what each holds.

After src/caffe/proto/caffe.proto of BVLC, with the layers of common forks (SSD, DeepLab, SegNet, SENet,
ShuffleNet, py-faster-rcnn).
"""

from __future__ import annotations

from collections.abc import Mapping

from rfcalc.records import NamedTuple

# What a field holds: `int`, `float`, `bool`, `string`, the words of an enumeration joined by `|`, the name
# of a message, or `any` where nothing of it matters here.  What may stand several times begins with `*`.
_LAYER_FIELDS = """
    name:string bottom:*string top:*string loss_weight:*float include:*NetStateRule exclude:*NetStateRule
    transform_param:TransformationParameter loss_param:any blobs:*any
"""
_STATE = "phase:TRAIN|TEST level:int stage:*string"
_SHAPE = "dim:*int"
_WINDOW = "pad_h:int pad_w:int kernel_h:int kernel_w:int stride_h:int stride_w:int"
_DATA = """source:any batch_size:int rand_skip:any backend:any scale:any mean_file:any crop_size:int
    mirror:any force_encoded_color:any prefetch:any root_folder:any shuffle:any new_height:int new_width:int
    is_color:bool fg_threshold:any bg_threshold:any fg_fraction:any context_pad:any crop_mode:any
    cache_images:any"""

_TEXTS: Mapping[str, str] = {
    "NetParameter": """name:string input:*string input_dim:*int input_shape:*BlobShape force_backward:any
        state:NetState debug_info:any layer:*LayerParameter layers:*V1LayerParameter""",
    "NetState": _STATE,
    "NetStateRule": "phase:TRAIN|TEST min_level:int max_level:int stage:*string not_stage:*string",
    "BlobShape": _SHAPE,
    "ParamSpec": "name:string share_mode:any lr_mult:any decay_mult:any",
    "TransformationParameter": """scale:any mirror:any crop_size:int crop_h:int crop_w:int mean_file:any
        mean_value:*float force_color:bool force_gray:bool resize_param:ResizeParameter noise_param:any
        distort_param:any expand_param:any emit_constraint:any""",
    "ResizeParameter": """prob:any resize_mode:any height:int width:int height_scale:any width_scale:any
        pad_mode:any pad_value:any interp_mode:any""",
    "ConvolutionParameter": f"""num_output:int bias_term:bool pad:*int kernel_size:*int stride:*int
        dilation:*int {_WINDOW} group:int weight_filler:any bias_filler:any engine:any
        axis:int force_nd_im2col:any hole:*int hole_h:int hole_w:int""",
    "PoolingParameter": f"""pool:MAX|AVE|STOCHASTIC pad:int kernel_size:int stride:int {_WINDOW} engine:any
        global_pooling:bool round_mode:CEIL|FLOOR ceil_mode:bool""",
    "LRNParameter": """local_size:int alpha:float beta:float k:float engine:any
        norm_region:ACROSS_CHANNELS|WITHIN_CHANNEL""",
    "InnerProductParameter": """num_output:int bias_term:bool weight_filler:any bias_filler:any axis:int
        transpose:any""",
    "BatchNormParameter": "use_global_stats:any moving_average_fraction:any eps:any scale_bias:bool",
    "ScaleParameter": "axis:int num_axes:int filler:any bias_term:bool bias_filler:any",
    "BiasParameter": "axis:int num_axes:int filler:any",
    "EltwiseParameter": "operation:PROD|SUM|MAX coeff:*float stable_prod_grad:any",
    "ConcatParameter": "axis:int concat_dim:int",
    "SliceParameter": "axis:int slice_dim:int slice_point:*int",
    "CropParameter": "axis:int offset:*int",
    "ReshapeParameter": "shape:BlobShape axis:int num_axes:int",
    "FlattenParameter": "axis:int end_axis:int",
    "PermuteParameter": "order:*int",
    "ReductionParameter": "operation:SUM|ASUM|SUMSQ|MEAN axis:int coeff:float",
    "SoftmaxParameter": "engine:any axis:int",
    "ReLUParameter": "negative_slope:float engine:any",
    "PReLUParameter": "filler:any channel_shared:bool",
    "ELUParameter": "alpha:float",
    "PowerParameter": "power:float scale:float shift:float",
    "ExpParameter": "base:float scale:float shift:float",
    "ThresholdParameter": "threshold:float",
    "SwishParameter": "beta:float",
    "ClipParameter": "min:float max:float",
    "DropoutParameter": "dropout_ratio:float scale_train:any",
    "MVNParameter": "normalize_variance:bool across_channels:bool eps:any",
    "NormalizeParameter": "across_spatial:bool scale_filler:any channel_shared:bool eps:any",
    "ArgMaxParameter": "out_max_val:bool top_k:int axis:int",
    "TileParameter": "axis:int tiles:int",
    "EmbedParameter": "num_output:int input_dim:int bias_term:bool weight_filler:any bias_filler:any",
    "InterpParameter": """height:int width:int zoom_factor:int shrink_factor:int pad_beg:int pad_end:int""",
    "UpsampleParameter": """scale:int scale_h:int scale_w:int pad_out_h:bool pad_out_w:bool upsample_h:int
        upsample_w:int""",
    "ShuffleChannelParameter": "group:int",
    "ROIPoolingParameter": "pooled_h:int pooled_w:int spatial_scale:any",
    "PriorBoxParameter": """min_size:*float max_size:*float aspect_ratio:*float flip:bool clip:any
        variance:any img_size:any img_h:any img_w:any step:any step_h:any step_w:any offset:any""",
    "DetectionOutputParameter": """num_classes:int share_location:any background_label_id:any nms_param:any
        save_output_param:any code_type:any variance_encoded_in_target:any keep_top_k:int
        confidence_threshold:any visualize:any visualize_threshold:any visual_threshold:any save_file:any""",
    "InputParameter": "shape:*BlobShape",
    "DummyDataParameter": """data_filler:any shape:*BlobShape num:*int channels:*int height:*int
        width:*int""",
    "MemoryDataParameter": "batch_size:int channels:int height:int width:int",
    "DataParameter": _DATA,
    "PythonParameter": "module:string layer:string param_str:any share_in_parallel:any",
}

# The parameters of a layer, by the name of their field; the layers that have others are no layers here.
_PARAMETERS: Mapping[str, str] = {
    **{
        f"{name}_param": f"{message}Parameter"
        for name, message in (
            ("convolution", "Convolution"),
            ("pooling", "Pooling"),
            ("lrn", "LRN"),
            ("inner_product", "InnerProduct"),
            ("batch_norm", "BatchNorm"),
            ("scale", "Scale"),
            ("bias", "Bias"),
            ("eltwise", "Eltwise"),
            ("concat", "Concat"),
            ("slice", "Slice"),
            ("crop", "Crop"),
            ("reshape", "Reshape"),
            ("flatten", "Flatten"),
            ("permute", "Permute"),
            ("reduction", "Reduction"),
            ("softmax", "Softmax"),
            ("relu", "ReLU"),
            ("prelu", "PReLU"),
            ("elu", "ELU"),
            ("power", "Power"),
            ("exp", "Exp"),
            ("threshold", "Threshold"),
            ("swish", "Swish"),
            ("clip", "Clip"),
            ("dropout", "Dropout"),
            ("mvn", "MVN"),
            ("norm", "Normalize"),
            ("argmax", "ArgMax"),
            ("tile", "Tile"),
            ("embed", "Embed"),
            ("interp", "Interp"),
            ("upsample", "Upsample"),
            ("shuffle_channel", "ShuffleChannel"),
            ("roi_pooling", "ROIPooling"),
            ("prior_box", "PriorBox"),
            ("detection_output", "DetectionOutput"),
            ("input", "Input"),
            ("dummy_data", "DummyData"),
            ("memory_data", "MemoryData"),
            ("python", "Python"),
        )
    },
    **dict.fromkeys(
        (
            "data_param",
            "image_data_param",
            "hdf5_data_param",
            "window_data_param",
        ),
        "DataParameter",
    ),
    # What says nothing of the sizes of layers that are read.
    **dict.fromkeys(
        (
            "accuracy_param contrastive_loss_param hdf5_output_param hinge_loss_param infogain_loss_param "
            "recurrent_param sigmoid_param tanh_param log_param spp_param parameter_param "
            "annotated_data_param multibox_loss_param detection_evaluate_param smooth_l1_loss_param "
            "video_data_param bn_param depthwise_conv_param dense_image_data_param "
            "seg_accuracy_param image_seg_data_param box_data_param triplet_loss_param "
            "center_loss_param batch_reindex_param"
        ).split(),
        "any",
    ),
}
_COMMON = " ".join(f"{name}:{message}" for name, message in _PARAMETERS.items())


class FieldKind(NamedTuple):
    """What a field holds, see above; several: whether it may stand more than once."""

    kind: str
    several: bool

    @property
    def words(self) -> tuple[str, ...]:
        """The words of an enumeration, else ()."""
        return tuple(self.kind.split("|")) if "|" in self.kind else ()


def _kinds(text: str) -> dict[str, FieldKind]:
    found = {}
    for one in text.split():
        name, _, kind = one.partition(":")
        found[name] = FieldKind(kind.removeprefix("*"), kind.startswith("*"))
    return found


SCHEMA: Mapping[str, Mapping[str, FieldKind]] = {
    **{name: _kinds(text) for name, text in _TEXTS.items()},
    "LayerParameter": _kinds(
        f"{_LAYER_FIELDS} type:string phase:TRAIN|TEST param:*ParamSpec propagate_down:*any {_COMMON}"
    ),
    "V1LayerParameter": _kinds(
        f"{_LAYER_FIELDS} type:word param:*string blob_share_mode:*any blobs_lr:*any weight_decay:*any "
        f"layer:any {_COMMON}"
    ),
}

# The types of the first form, by which the second calls them.
V1_TYPES: Mapping[str, str] = {
    "ABSVAL": "AbsVal",
    "ACCURACY": "Accuracy",
    "ARGMAX": "ArgMax",
    "BNLL": "BNLL",
    "CONCAT": "Concat",
    "CONTRASTIVE_LOSS": "ContrastiveLoss",
    "CONVOLUTION": "Convolution",
    "DATA": "Data",
    "DECONVOLUTION": "Deconvolution",
    "DROPOUT": "Dropout",
    "DUMMY_DATA": "DummyData",
    "ELTWISE": "Eltwise",
    "EUCLIDEAN_LOSS": "EuclideanLoss",
    "EXP": "Exp",
    "FLATTEN": "Flatten",
    "HDF5_DATA": "HDF5Data",
    "HDF5_OUTPUT": "HDF5Output",
    "HINGE_LOSS": "HingeLoss",
    "IM2COL": "Im2col",
    "IMAGE_DATA": "ImageData",
    "INFOGAIN_LOSS": "InfogainLoss",
    "INNER_PRODUCT": "InnerProduct",
    "LRN": "LRN",
    "MEMORY_DATA": "MemoryData",
    "MULTINOMIAL_LOGISTIC_LOSS": "MultinomialLogisticLoss",
    "MVN": "MVN",
    "POOLING": "Pooling",
    "POWER": "Power",
    "RELU": "ReLU",
    "SIGMOID": "Sigmoid",
    "SIGMOID_CROSS_ENTROPY_LOSS": "SigmoidCrossEntropyLoss",
    "SILENCE": "Silence",
    "SLICE": "Slice",
    "SOFTMAX": "Softmax",
    "SOFTMAX_LOSS": "SoftmaxWithLoss",
    "SPLIT": "Split",
    "TANH": "TanH",
    "THRESHOLD": "Threshold",
    "WINDOW_DATA": "WindowData",
}
