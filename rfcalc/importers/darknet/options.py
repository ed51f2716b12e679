"""What the sections of darknet take: their options, which values these have, and which decide nothing here.

After the readers of both programs that are called darknet (src/parser.c of pjreddie's and of AlexeyAB's).
"""

from __future__ import annotations

from collections.abc import Mapping

from rfcalc.records import NamedTuple

# By its name in a configuration, the operators of the language that are it, one behind the other, each with
# its attributes.  What is `opaque` has none: each element by itself, but it is not known what that costs.
ActivationSteps = tuple[tuple[str, Mapping[str, str]], ...]
_LEAKY: ActivationSteps = (("leakyrelu", {"slope": "1/10"}),)
_TIMES = ("function", {"of": "mul"})
ACTIVATIONS: Mapping[str, ActivationSteps] = {
    "linear": (),
    "leaky": _LEAKY,
    # Not as it is trained, but as it runs.
    "revleaky": _LEAKY,
    "relu": (("relu", {}),),
    "relu6": (("relu6", {}),),
    "relie": (("leakyrelu", {"slope": "1/100"}),),
    # x above 0 and x / 10 everywhere: 1.1 times a leaky one.
    "ramp": (("leakyrelu", {"slope": "1/11"}), _TIMES),
    "elu": (("elu", {}),),
    "selu": (("function", {"of": "selu"}),),
    "gelu": (("function", {"of": "gelu_tanh"}),),
    "mish": (("function", {"of": "mish"}),),
    "hardtan": (("function", {"of": "hardtanh"}),),
    "swish": (("silu", {}),),
    "logistic": (("sigmoid", {}),),
    "tanh": (("tanh", {}),),
    # 2 / (1 + e^−x) − 1.
    "loggy": (_TIMES, ("tanh", {})),
    "normalize_channels_softmax": (("softmax", {}),),
    "normalize_channels_softmax_maxval": (("softmax", {}),),
    **{
        name: (("opaque", {"type": name, "reads": "each"}),)
        for name in ("plse", "stair", "lhtan", "hard_mish", "normalize_channels")
    },
}


class WholeOption(NamedTuple):
    """An option that is a whole number; default: None where leaving it out means something of its own."""

    default: int | None = None
    least: int = 1


class IndicesOption(NamedTuple):
    """An option that is whole numbers behind each other, separated by commas; () where it is left out."""

    least: int | None = None


class NumbersOption(NamedTuple):
    """An option that is numbers behind each other, of which nothing matters but how many there are."""

    most: int = 1000


class DecimalOption(NamedTuple):
    """An option that is a number; default: as it would be written."""

    default: str


class WordOption(NamedTuple):
    """An option that is one of some words."""

    default: str
    words: tuple[str, ...]


Setting = WholeOption | IndicesOption | NumbersOption | DecimalOption | WordOption

_FLAG = WholeOption(0, 0)


def _activation(default: str) -> WordOption:
    return WordOption(default, tuple(ACTIVATIONS))


class SectionKind(NamedTuple):
    """What a section takes: settings decide sizes and counts, the others nothing that is told here."""

    settings: Mapping[str, Setting] = {}
    others: frozenset[str] = frozenset()


def _kind(others: str = "", **settings: Setting) -> SectionKind:
    return SectionKind(settings, frozenset(others.split()))


# What every layer takes, and what those that are trained do.
OF_ALL = frozenset(
    "clip delta dont_update burnin_update dontload dontloadscales dontsave learning_rate numload onlyforward "
    "smooth stopbackward train_only_bn trainable truth extrapolate lrscale keep_delta_gpu name".split()
)
_FEATURES = "bin_output binary flipped dot xnor use_bin_output tune reset bflops"
_WINDOW: Mapping[str, Setting] = {
    "size": WholeOption(1),
    "stride": WholeOption(1),
    "pad": _FLAG,
    "padding": WholeOption(0, 0),
}
_POOLING: Mapping[str, Setting] = {
    "size": WholeOption(),
    "stride": WholeOption(1),
    "stride_x": WholeOption(),
    "stride_y": WholeOption(),
    "padding": WholeOption(None, 0),
}
_BN: Mapping[str, Setting] = {"batch_normalize": _FLAG}
# Of every section that says what a grid of boxes shall be: how it is trained.
_BOXES = (
    "absolute anchors_scale angle beta_nms bias_match class_scale "
    "coord_scale counters_per_class embedding_layer "
    "focal_loss forced flip hue exposure saturation ignore_thresh iou_loss iou_normalizer iou_thresh "
    "iou_thresh_kind cls_normalizer obj_normalizer max_normalizer delta_normalizer uc_normalizer jitter "
    "label_smooth_eps log map mask_scale max max_boxes max_delta new_coords nms_kind noobject_scale "
    "noobj_scale object_scale objectness_smooth random reorg rescore resize rotate scale_x_y shift softmax "
    "sqrt thresh track_ciou_norm track_history_size tree truth_thresh yolo_point background bias_scale "
    "cosine_sim_thresh dets_for_show dets_for_track sim_thresh similarity_metric detection_normalizer "
    "show_details assisted_excitation"
)
_RECURRENT = (
    "hidden logistic shortcut tanh xnor bin_output peephole bottleneck time_normalizer state_constrain"
)

NET = _kind(
    "batch subdivisions momentum decay learning_rate policy steps scales "
    "seq_scales max_batches burn_in power "
    "step scale gamma angle saturation exposure hue aspect max_crop "
    "min_crop crop flip center seed adam b1 b2 B1 "
    "B2 eps notruth random time_steps track augment_speed "
    "sequential_subdivisions try_fix_nan weights_reject_freq "
    "use_cuda_graph equidistant_point badlabels_rejection_percentage "
    "num_sigmas_reject_badlabels ema_alpha dynamic_minibatch "
    "optimized_memory workspace_size_limit_MB adversarial_lr "
    "attention_schedule_alpha contrastive cutmix mosaic "
    "mixup blur gaussian_noise letter_box label_smooth_eps resize_step mosaic_bound contrastive_jit_flip "
    "contrastive_color unsupervised maxbatches max_chart_loss show_receptive_field sgdr_cycle sgdr_mult "
    "learning_rate_min cosine epsilon burn_in_power classes ratio noadjust max_ratio min_ratio sgdr "
    "init_sequential_subdivisions loss_scale gpu_index all_gpu train_only_bn contrastive_delta weights_only",
    width=WholeOption(None),
    height=WholeOption(None),
    channels=WholeOption(None),
    inputs=WholeOption(None),
)

_CONVOLUTION: Mapping[str, Setting] = {
    "filters": WholeOption(1),
    **_WINDOW,
    "groups": WholeOption(1),
    "dilation": WholeOption(1),
    **_BN,
    "activation": _activation("logistic"),
}
SECTIONS: Mapping[str, SectionKind] = {
    "convolutional": _kind(
        f"{_FEATURES} cbn assisted_excitation sway rotate stretch stretch_sway "
        "deform angle grad_centr reverse "
        "rev coordconv share_weights",
        **_CONVOLUTION,
        stride_x=WholeOption(),
        stride_y=WholeOption(),
        antialiasing=_FLAG,
        share_index=WholeOption(None, -(10**6)),
    ),
    "deconvolutional": _kind(
        _FEATURES,
        **{name: one for name, one in _CONVOLUTION.items() if name not in ("groups", "dilation")},
    ),
    "local": _kind(
        _FEATURES,
        filters=WholeOption(1),
        size=WholeOption(1),
        stride=WholeOption(1),
        pad=_FLAG,
        activation=_activation("logistic"),
    ),
    "connected": _kind(_FEATURES, output=WholeOption(1), **_BN, activation=_activation("logistic")),
    "maxpool": _kind("pad", **_POOLING, maxpool_depth=_FLAG, out_channels=WholeOption(1), antialiasing=_FLAG),
    "local_avgpool": _kind("pad", **_POOLING),
    "avgpool": _kind("size stride padding pad"),
    "softmax": _kind("temperature tree noloss", groups=WholeOption(1), spatial=_FLAG),
    "dropout": _kind(
        "dropblock dropblock_size_rel dropblock_size_abs dropblock_size spatial",
        probability=DecimalOption("0.5"),
    ),
    "crop": _kind(
        "flip angle saturation exposure noadjust shift hue",
        crop_height=WholeOption(1),
        crop_width=WholeOption(1),
    ),
    "reorg": _kind("", stride=WholeOption(1), reverse=_FLAG, flatten=_FLAG, extra=_FLAG),
    "reorg3d": _kind("", stride=WholeOption(1), reverse=_FLAG),
    "upsample": _kind("", stride=WholeOption(2, -(10**6)), scale=DecimalOption("1")),
    "route": _kind("stream wait_stream", layers=IndicesOption(), groups=WholeOption(1), group_id=_FLAG),
    "shortcut": _kind(
        "alpha beta weights_normalization weights_normalizion learning_rate",
        **{"from": IndicesOption()},
        activation=_activation("linear"),
        weights_type=WordOption("none", ("none", "per_feature", "per_layer", "per_channel")),
    ),
    "scale_channels": _kind(
        "", **{"from": IndicesOption()}, scale_wh=_FLAG, activation=_activation("linear")
    ),
    "sam": _kind("", **{"from": IndicesOption()}, activation=_activation("linear")),
    "shift_channels": _kind("", **{"from": IndicesOption()}),
    "control_channels": _kind("", **{"from": IndicesOption()}),
    "implicit_add": _kind("mean std atoms", filters=WholeOption(128)),
    "implicit_mul": _kind("mean std atoms", filters=WholeOption(128)),
    "batchnorm": _kind(""),
    "normalization": _kind(
        "",
        size=WholeOption(5),
        alpha=DecimalOption("0.0001"),
        beta=DecimalOption("0.75"),
        kappa=DecimalOption("1"),
    ),
    "activation": _kind("", activation=_activation("linear")),
    "logistic": _kind(""),
    "l2norm": _kind(""),
    "rnn": _kind(
        _RECURRENT, output=WholeOption(1), hidden=WholeOption(None), **_BN, activation=_activation("logistic")
    ),
    "gru": _kind(_RECURRENT, output=WholeOption(1), **_BN, tanh=_FLAG),
    "lstm": _kind(_RECURRENT, output=WholeOption(1), **_BN),
    "crnn": _kind(
        f"{_RECURRENT} assisted_excitation",
        output=WholeOption(1),
        hidden=WholeOption(None),
        **{**_WINDOW, "size": WholeOption(3)},
        groups=WholeOption(1),
        dilation=WholeOption(1),
        **_BN,
        activation=_activation("logistic"),
    ),
    "conv_lstm": _kind(
        f"{_RECURRENT} groups dilation activation pad padding batch_normalize size",
        output=WholeOption(1),
        stride=WholeOption(1),
    ),
    "history": _kind("history_size"),
    "cost": _kind("type scale ratio noobj noobject noobject_scale object_scale thresh beta smooth"),
    "empty": _kind(""),
    "contrastive": _kind("classes temperature yolo_layer steps cls_normalizer max_delta"),
    "detection": _kind(
        _BOXES, classes=WholeOption(1), coords=WholeOption(1), num=WholeOption(1), side=WholeOption(7)
    ),
    "region": _kind(
        _BOXES, classes=WholeOption(20), coords=WholeOption(4), num=WholeOption(1), anchors=NumbersOption()
    ),
    "yolo": _kind(
        _BOXES, classes=WholeOption(20), num=WholeOption(1), mask=IndicesOption(0), anchors=NumbersOption()
    ),
    "Gaussian_yolo": _kind(
        _BOXES, classes=WholeOption(20), num=WholeOption(1), mask=IndicesOption(0), anchors=NumbersOption()
    ),
    "iseg": _kind(_BOXES, classes=WholeOption(1), ids=WholeOption(1, 0)),
}

# Other names of sections.
ALIASES: Mapping[str, str] = {
    "network": "net",
    "conv": "convolutional",
    "deconv": "deconvolutional",
    "conn": "connected",
    "max": "maxpool",
    "avg": "avgpool",
    "soft": "softmax",
    "lrn": "normalization",
    "reorg_old": "reorg",
    "silence": "empty",
    "gaussian_yolo": "Gaussian_yolo",
    "implicit": "implicit_add",
}
