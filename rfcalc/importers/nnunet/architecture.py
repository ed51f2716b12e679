"""What plans say of a network, in both of their forms, as one record.

The older form has its values beside those of the configuration; they are read as the arguments that nnU-Net
makes of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rfcalc.errors import (
    counted,
    listed,
    nearest,
    of_axes,
)
from rfcalc.importers.json_text import JsonValue
from rfcalc.importers.nnunet.classes import CONVOLUTIONS, UnitLayer, activation, dropout, normalisation
from rfcalc.importers.nnunet.fields import (
    MOST_BLOCKS,
    MOST_CHANNELS,
    MOST_STAGES,
    Fields,
    entries_of,
    meant,
)
from rfcalc.records import NamedTuple


class NetworkClass(NamedTuple):
    """A class of networks: whether its encoder is residual, and its decoder."""

    residual_encoder: bool
    residual_decoder: bool = False

    @property
    def blocks(self) -> str:
        """What it calls the number of blocks of each stage."""
        return "n_blocks_per_stage" if self.residual_encoder else "n_conv_per_stage"


NETWORKS = {
    "PlainConvUNet": NetworkClass(False),
    "ResidualEncoderUNet": NetworkClass(True),
    "ResidualUNet": NetworkClass(True, True),
}
_BLOCKS = ("BasicBlockD", "BottleneckD")
_REQUIRED = (
    "n_stages",
    "features_per_stage",
    "conv_op",
    "kernel_sizes",
    "strides",
    "n_conv_per_stage_decoder",
)
_OPTIONAL = (
    *("conv_bias", "norm_op", "norm_op_kwargs", "dropout_op", "dropout_op_kwargs", "nonlin", "nonlin_kwargs"),
    "deep_supervision",
)
_OF_PLAIN = ("nonlin_first",)
_OF_RESIDUAL = ("block", "bottleneck_channels", "stem_channels")


class EncoderStage(NamedTuple):
    """One resolution of the encoder.

    bottleneck: channels within its blocks, 0 where they are basic.  place: of its steps, where the number of
    its blocks stands.
    """

    features: int
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    blocks: int
    bottleneck: int
    place: str
    kernel_at: JsonValue
    stride_at: JsonValue


class Architecture(NamedTuple):
    """A network.  decoder: how many blocks each stage has and the place, from the lowest resolution up.

    stem: channels of the stem of a residual encoder.  activation_first: before the normalisation.
    """

    kind: str
    place: str
    axes: int
    stages: tuple[EncoderStage, ...]
    decoder: tuple[tuple[int, str], ...]
    bias: bool
    bias_place: str
    norm: UnitLayer | None
    dropout: UnitLayer | None
    activation: UnitLayer | None
    activation_first: bool
    stem: int

    @property
    def network(self) -> NetworkClass:
        """What its class is."""
        return NETWORKS[self.kind]


def read_architecture(
    fields: Fields, within: Mapping[str, JsonValue], at: JsonValue, name: str, axes: int
) -> Architecture | None:
    """The architecture of a configuration; None where what is said of it makes none, which has been noted.

    within: its values.  at: the configuration itself, called `name`.  axes: of its patch, 0 for unknown.
    """
    if "architecture" not in within:
        return _of_flat(fields, within, at, name, axes)
    stated = within["architecture"]
    inside = fields.members(stated, "architecture")
    if not isinstance(stated.held, dict):
        return None
    called = fields.required(inside, "network_class_name", stated, "architecture")
    arguments = fields.required(inside, "arch_kwargs", stated, "architecture")
    if arguments is None:
        return None
    given = fields.members(arguments, "arch_kwargs")
    kind = fields.class_name(called, "network_class_name", tuple(NETWORKS)) if called else ""
    if not kind or called is None or not isinstance(arguments.held, dict):
        return None
    if imported := inside.get("_kw_requires_import"):
        _check_imported(fields, given, imported)
    return _of_arguments(fields, kind, called, given, arguments, axes)


def _check_imported(fields: Fields, given: Mapping[str, JsonValue], imported: JsonValue) -> None:
    """Note what is the name of a class and would be taken for a text."""
    names = [one.held for one in imported.items]
    for key in ("conv_op", "norm_op", "dropout_op", "nonlin", "block"):
        if key in given and isinstance(given[key].held, str) and key not in names:
            fields.add(
                f"{key} names a class, and _kw_requires_import does not list it: nnU-Net takes it for a text",
                given[key],
                related=[fields.related("the list", imported)],
            )


def _of_flat(
    fields: Fields, within: Mapping[str, JsonValue], at: JsonValue, name: str, axes: int
) -> Architecture | None:
    what = f"the configuration {name!r}"
    if "UNet_class_name" not in within:
        fields.problems.add(
            f"{what} has no architecture, and no UNet_class_name as in older plans",
            fields.key(at),
            meant("architecture", within) or meant("UNet_class_name", within),
        )
        return None
    called = within["UNet_class_name"]
    kind = fields.class_name(called, "UNet_class_name", ("PlainConvUNet", "ResidualEncoderUNet"))
    wanted = {
        key: fields.required(within, key, at, what)
        for key in (
            *("UNet_base_num_features", "unet_max_num_features", "n_conv_per_stage_encoder"),
            *("n_conv_per_stage_decoder", "pool_op_kernel_sizes", "conv_kernel_sizes"),
        )
    }
    found = {key: value for key, value in wanted.items() if value is not None}
    if len(found) < len(wanted) or not kind or not axes:
        return None
    base, most = found["UNet_base_num_features"], found["unet_max_num_features"]
    widths = [fields.whole(one, fields.named(one, "")) for one in (base, most)]
    blocks = found["n_conv_per_stage_encoder"]
    if not isinstance(blocks.held, tuple):
        fields.add(f"n_conv_per_stage_encoder is a list, not {blocks.shown}", blocks)
        return None
    stages = len(blocks.items)
    features = [base._replace(held=min(widths[0] << min(stage, 30), widths[1])) for stage in range(stages)]
    here = called._replace(key=(0, 0))
    given = {
        "n_stages": blocks._replace(held=stages),
        "features_per_stage": base._replace(held=tuple(features)),
        "conv_op": here._replace(held=f"Conv{axes}d"),
        "kernel_sizes": found["conv_kernel_sizes"],
        "strides": found["pool_op_kernel_sizes"],
        NETWORKS[kind].blocks: blocks,
        "n_conv_per_stage_decoder": found["n_conv_per_stage_decoder"],
        "conv_bias": here._replace(held=True),
        "norm_op": here._replace(held=f"InstanceNorm{axes}d"),
        "norm_op_kwargs": here._replace(held={"affine": here._replace(held=True)}),
        "nonlin": here._replace(held="LeakyReLU"),
    }
    return _of_arguments(fields, kind, called, given, at, axes)


def _of_arguments(
    fields: Fields, kind: str, called: JsonValue, given: Mapping[str, JsonValue], at: JsonValue, patch: int
) -> Architecture | None:
    network = NETWORKS[kind]
    required = (*_REQUIRED, network.blocks)
    known = (*required, *_OPTIONAL, *(_OF_RESIDUAL if network.residual_encoder else _OF_PLAIN))
    missing = [key for key in required if key not in given]
    for key in given:
        if key not in known:
            near = nearest(key, known) or f"it takes {listed(known)}"
            fields.problems.add(f"{kind} takes no {key!r}", fields.key(given[key]), near)
    if missing:
        fields.problems.add(f"arch_kwargs has no {listed(missing)}", fields.key(at), f"{kind} needs it")
        return None
    conv = fields.class_name(given["conv_op"], "conv_op", tuple(CONVOLUTIONS))
    axes = CONVOLUTIONS.get(conv, patch or 1)
    if conv and patch and axes != patch:
        fields.add(f"{conv} does not fit a patch of {of_axes(patch)}", given["conv_op"], f"Conv{patch}d does")
    names = ["features_per_stage", "kernel_sizes", "strides", network.blocks]
    bottleneck = _bottleneck(fields, given)
    if bottleneck is not None and isinstance(bottleneck.held, tuple):
        names.append("bottleneck_channels")
    number = _number_of_stages(fields, given, names)
    if not number:
        return None
    each = {name: given[name].items or (given[name],) * number for name in names}
    stages = []
    for at_stage in range(number):
        features, kernel, stride, blocks = [each[name][at_stage] for name in names[:4]]
        called_so = [f"{fields.named(given[name], name)}[{at_stage}]" for name in names]
        narrow = 0
        if bottleneck is not None:
            one = each["bottleneck_channels"][at_stage] if bottleneck.items else bottleneck
            narrow = fields.whole(one, f"bottleneck_channels[{at_stage}]")
        stages.append(
            EncoderStage(
                fields.whole(features, called_so[0], most=MOST_CHANNELS),
                fields.per_axis(kernel, called_so[1], axes),
                fields.per_axis(stride, called_so[2], axes),
                fields.whole(blocks, called_so[3], most=MOST_BLOCKS),
                narrow,
                fields.place(blocks),
                kernel,
                stride,
            )
        )
    decoder = given["n_conv_per_stage_decoder"]
    counts = decoder.items or (decoder,) * (number - 1)
    stem = given.get("stem_channels")
    return Architecture(
        kind=kind,
        place=fields.place(called),
        axes=axes,
        stages=tuple(stages),
        decoder=tuple(
            [
                (
                    fields.whole(one, f"n_conv_per_stage_decoder[{stage}]", most=MOST_BLOCKS),
                    fields.place(one),
                )
                for stage, one in enumerate(counts)
            ]
        ),
        bias="conv_bias" in given and fields.flag(given["conv_bias"], "conv_bias"),
        bias_place=fields.place(given.get("conv_bias", called)),
        norm=normalisation(fields, given.get("norm_op"), given.get("norm_op_kwargs"), axes),
        dropout=dropout(fields, given.get("dropout_op"), given.get("dropout_op_kwargs"), axes),
        activation=activation(fields, given.get("nonlin"), given.get("nonlin_kwargs")),
        activation_first="nonlin_first" in given and fields.flag(given["nonlin_first"], "nonlin_first"),
        stem=fields.whole(stem, "stem_channels") if stem and stem.held is not None else stages[0].features,
    )


def _bottleneck(fields: Fields, given: Mapping[str, JsonValue]) -> JsonValue | None:
    """The channels within blocks that are bottlenecks; None where blocks are none."""
    block = given.get("block")
    if block is None or fields.class_name(block, "block", _BLOCKS) != "BottleneckD":
        return None
    found = given.get("bottleneck_channels")
    if found is None or found.held is None:
        fields.add("blocks are BottleneckD, and there are no bottleneck_channels", block)
        return None
    return found


def _number_of_stages(fields: Fields, given: Mapping[str, JsonValue], names: Sequence[str]) -> int:
    """How many stages there are; 0 where it is not known, or lists disagree, which has been noted."""
    stated = given["n_stages"]
    known = len(fields.problems.found)
    number = fields.whole(stated, "n_stages", 2, MOST_STAGES)
    if len(fields.problems.found) > known:
        return 0
    called = fields.named(stated, "n_stages")
    lengths = {name: len(given[name].items) for name in names if isinstance(given[name].held, tuple)}
    wrong = [name for name, length in lengths.items() if length != number]
    if called == "n_stages" and len(wrong) == len(lengths) > 1 and len(set(lengths.values())) == 1:
        entries = entries_of(next(iter(lengths.values())))
        fields.add(
            f"n_stages is {number}, and {listed(lengths)} have {entries} each, one for a stage", stated
        )
        return 0
    said = f"n_stages is {number}" if called == "n_stages" else f"{called} has {entries_of(number)}"
    related = [fields.related(said, stated)]
    for name in wrong:
        has = f"{fields.named(given[name], name)} has {entries_of(lengths[name])}"
        fields.add(f"{has} for {counted(number, 'stage')}", given[name], related=related)
    decoder = given["n_conv_per_stage_decoder"]
    if isinstance(decoder.held, tuple) and len(decoder.items) != number - 1:
        has = f"n_conv_per_stage_decoder has {entries_of(len(decoder.items))}"
        hint = "it has one for each stage but the lowest, from the lowest resolution up"
        fields.add(f"{has}, and {counted(number, 'stage')} need {number - 1}", decoder, hint, related)
        return 0
    return 0 if wrong else number
