"""The layers of a file in one phase, and what enters them."""

from __future__ import annotations

from collections.abc import Sequence

from rfcalc.errors import Position, Related, counted, listed, nearest, option, quoted
from rfcalc.importers.caffe.call import CaffeLayer
from rfcalc.importers.caffe.schema import V1_TYPES
from rfcalc.importers.caffe.values import MessageValues
from rfcalc.problems import Problems
from rfcalc.records import NamedTuple

# Layers that read no tensor and give those of a data set: their first top, and labels behind it.
DATA = frozenset(
    "Data ImageData HDF5Data WindowData MemoryData DummyData AnnotatedData VideoData ImageSegData "
    "DenseImageData BoxData LabelmapData ImageDataMultilabel".split()
)
# Layers that compare what the network gives with labels: in the order of their bottoms, scores come first.
MEASURES = frozenset(
    "Accuracy EuclideanLoss SigmoidCrossEntropyLoss HingeLoss ContrastiveLoss InfogainLoss SmoothL1Loss "
    "MultinomialLogisticLoss MultiBoxLoss DetectionEvaluate TripletLoss CenterLoss SegAccuracy L1Loss "
    "SoftmaxWithFocalLoss WeightedSoftmaxWithLoss".split()
)
# Layers that write or swallow what they read.
ENDS = frozenset({"Silence", "HDF5Output"})
LABELLED = frozenset({"SoftmaxWithLoss", "SoftmaxLoss"})
PHASES = ("TEST", "TRAIN")


class EnteringTensor(NamedTuple):
    """What a file says of a tensor that enters; lengths: None where it does not say how large it is.

    place: where it is said.  remark: what was supposed of it.
    """

    name: str
    lengths: tuple[int, ...] | None
    place: Position
    remark: str = ""


class PhaseNetwork(NamedTuple):
    """The layers of a phase in their order; entering: what they may read besides what they give.

    left_out: of each tensor that only layers of another phase give, the layer; others: their number.
    """

    entering: tuple[EnteringTensor, ...]
    layers: tuple[CaffeLayer, ...]
    left_out: dict[str, CaffeLayer]
    others: int


def in_phase(net: MessageValues, phase: str, stages: Sequence[str], problems: Problems) -> PhaseNetwork:
    """The network in a phase; mistakes are added to the problems.

    stages: those that rules ask for.  Raises DescriptionError for a file that holds no layer.
    """
    state = net.message("state")
    stages = [*state.words("stage"), *stages]
    phase = phase or state.word("phase", PHASES[0])
    entering = _inputs(net, problems)
    found: list[CaffeLayer] = []
    out: dict[str, CaffeLayer] = {}
    others = 0
    both = net.messages("layers") and net.messages("layer")
    if both:
        problems.add(
            "layers { … } and layer { … } stand in one file",
            net.at("layer"),
            "Caffe reads one form: layer is the second, where a type is a text",
            (Related("the first form stands here", net.at("layers")),),
        )
    for form in ("layers", "layer"):
        for values in net.messages(form):
            layer = _layer(values, form == "layers", problems)
            if not _is_built(values, phase, state.whole("level"), stages, problems):
                out.update(dict.fromkeys(layer.tops, layer))
                others += layer.kind not in DATA
                continue
            if layer.kind in DATA or layer.kind == "Input" or (layer.kind == "Python" and not layer.bottoms):
                entering += _given(layer, problems)
            else:
                found.append(layer)
    return PhaseNetwork(tuple(entering), tuple(found), out, others)


def _layer(values: MessageValues, first_form: bool, problems: Problems) -> CaffeLayer:
    name, kind = values.word("name"), values.word("type")
    called = values.at("name") if "name" in values else values.place
    if first_form:
        shared = tuple(values.words("param"))
        if values.messages("layer") or "layer" in values:
            problems.add(
                "layers { layer { … } } is the form of 2013, which is not read",
                values.place,
                "upgrade_net_proto_text of Caffe writes the second form",
            )
        elif kind in V1_TYPES:
            kind = V1_TYPES[kind]
        elif kind:
            hint = nearest(kind, V1_TYPES) or "the second form, layer { … }, has types as texts"
            problems.add(f"no type of layer is called {quoted(kind)}", values.at("type"), hint)
            kind = ""
    else:
        shared = tuple([one.word("name") for one in values.messages("param")])
        if kind and kind in V1_TYPES and kind not in ("LRN", "MVN", "BNLL"):
            problems.add(
                f"type {quoted(kind)} is of the first form, layers {{ … }}",
                values.at("type"),
                f'as type: "{V1_TYPES[kind]}"',
            )
            kind = ""
    if "type" not in values and "layer" not in values and not values.wrong:
        problems.add("a layer needs a type", called, 'as type: "Convolution"')
    tops = tuple(values.words("top"))
    if not tops and kind in LABELLED:
        # Caffe gives losses a top where they have none.
        tops = (f"{name} (loss)",)
    return CaffeLayer(
        name or next(iter(values.words("top")), ""),
        kind,
        called,
        values.at("type"),
        values,
        tuple(values.words("bottom")),
        tops,
        shared,
    )


def _is_built(
    values: MessageValues, phase: str, level: int, stages: Sequence[str], problems: Problems
) -> bool:
    include, exclude = values.messages("include"), values.messages("exclude")
    if include and exclude:
        problems.add(
            "include and exclude stand in one layer",
            values.at("exclude"),
            "Caffe takes either",
            (Related("include stands here", values.at("include")),),
        )
    if include:
        return any(_holds(rule, phase, level, stages) for rule in include)
    return not any(_holds(rule, phase, level, stages) for rule in exclude)


def _holds(rule: MessageValues, phase: str, level: int, stages: Sequence[str]) -> bool:
    """Whether a rule is met."""
    return (
        rule.word("phase", phase) == phase
        and rule.whole("min_level", level) <= level <= rule.whole("max_level", level)
        and all(stage in stages for stage in rule.words("stage"))
        and not any(stage in stages for stage in rule.words("not_stage"))
    )


def _lengths(shape: MessageValues, name: str, problems: Problems) -> tuple[int, ...]:
    found = tuple(shape.wholes(name))
    for number, one in enumerate(found):
        if one < 1:
            problems.add(f"a length of an input is at least 1, not {one}", shape.at(name, number))
    return tuple([max(one, 1) for one in found])


def _inputs(net: MessageValues, problems: Problems) -> list[EnteringTensor]:
    """What `input` names at the head of a file."""
    names, shapes, dims = (
        net.words("input"),
        net.messages("input_shape"),
        _lengths(net, "input_dim", problems),
    )
    found = []
    if dims and shapes:
        problems.add(
            "input_dim and input_shape stand in one file",
            net.at("input_shape"),
            "either says how large the inputs are",
            (Related("input_dim stands here", net.at("input_dim")),),
        )
    elif dims and len(dims) != 4 * len(names):
        problems.add(
            f"{counted(len(dims), 'input_dim')} for {counted(len(names), 'input')}; each has four: "
            "examples, channels, height, width",
            net.at("input_dim", min(4 * len(names), len(dims) - 1)),
            "input_shape { dim: … } takes any number",
        )
    elif shapes and len(shapes) not in (1, len(names)):
        problems.add(
            f"{counted(len(shapes), 'input_shape')} for {counted(len(names), 'input')}",
            net.at("input_shape", min(len(names), len(shapes) - 1)),
        )
    for number, name in enumerate(names):
        lengths: tuple[int, ...] | None = dims[4 * number : 4 * number + 4] or None
        place = net.at("input", number)
        if shapes:
            lengths = _lengths(shapes[min(number, len(shapes) - 1)], "dim", problems) or None
        found.append(EnteringTensor(name, lengths, place))
    return found


def _given(layer: CaffeLayer, problems: Problems) -> list[EnteringTensor]:
    """The tensors that a layer of data gives."""
    if layer.bottoms:
        problems.add(f"{layer.kind} reads nothing, this layer has a bottom", layer.bottom_place(0))
    if not layer.tops:
        problems.add(f"{layer.kind} needs a top", layer.place, 'as top: "data"')
    lengths, remark = _stated(layer, problems)
    found = []
    for number, top in enumerate(layer.tops):
        one = lengths[number] if number < len(lengths) else None
        found.append(EnteringTensor(top, one, layer.place, remark if number == 0 else ""))
    return found


def _stated(layer: CaffeLayer, problems: Problems) -> tuple[list[tuple[int, ...] | None], str]:
    """The sizes that a layer of data states for its tops, and what was supposed for them."""
    values = layer.values
    if layer.kind in ("Input", "DummyData"):
        own = values.message("input_param" if layer.kind == "Input" else "dummy_data_param")
        shapes: list[tuple[int, ...] | None] = [
            _lengths(one, "dim", problems) or None for one in own.messages("shape")
        ]
        old = [own.wholes(name) for name in ("num", "channels", "height", "width")]
        if not shapes and all(old):
            most = max(map(len, old))
            shapes = [
                tuple([max(each[min(number, len(each) - 1)], 1) for each in old]) for number in range(most)
            ]
        if not shapes:
            problems.add(
                f"{layer.kind} needs a shape for each top",
                layer.place,
                "as input_param { shape { dim: 1 dim: 3 dim: 224 dim: 224 } }",
            )
        elif len(shapes) not in (1, len(layer.tops)):
            problems.add(
                f"{counted(len(shapes), 'shape')} for {counted(len(layer.tops), 'top')}",
                own.at("shape"),
                "one for all, or one for each",
            )
        return (shapes * len(layer.tops) if len(shapes) == 1 else shapes), ""
    if layer.kind == "MemoryData":
        own = values.message("memory_data_param")
        sizes = [own.whole(name) for name in ("batch_size", "channels", "height", "width")]
        return ([tuple(sizes)] if all(one > 0 for one in sizes) else []), ""
    transform = values.message("transform_param")
    names = ("data_param", "image_data_param", "window_data_param")
    own = next((values.message(name) for name in names if name in values), values.message("data_param"))
    resize = transform.message("resize_param")
    for message, high, wide in (
        (transform, "crop_size", "crop_size"),
        (transform, "crop_h", "crop_w"),
        (own, "crop_size", "crop_size"),
        (own, "new_height", "new_width"),
        (resize, "height", "width"),
    ):
        axes = message.whole(high), message.whole(wide)
        if min(axes) > 0:
            break
    else:
        return [], ""
    means = len(transform.decimals("mean_value"))
    gray = transform.flag("force_gray") or not own.flag("is_color", True)
    channels = 1 if gray else means if means > 1 else 3
    supposed = "" if gray or means > 1 else "; 3 channels are supposed"
    what = f"the images of {quoted(layer.name)} are {axes[0]}x{axes[1]}, as {high} says{supposed}"
    batch = max(own.whole("batch_size", 1), 1)
    return [(batch, channels, *axes)], what if supposed else ""


def missing_size(one: EnteringTensor) -> tuple[str, str]:
    """What is said of an input whose size the file does not state, and what to do."""
    return (
        f"how large {quoted(one.name)} is does not stand in the file",
        f"say it by {option('input', {one.name: '224x224x3'})}, the channels last",
    )


def stages_of(net: MessageValues) -> str:
    """The stages that rules of a file ask for, for messages; "" for none."""
    named = {
        stage
        for form in ("layers", "layer")
        for layer in net.messages(form)
        for rules in ("include", "exclude")
        for rule in layer.messages(rules)
        for stage in (*rule.words("stage"), *rule.words("not_stage"))
    }
    return listed(map(quoted, sorted(named)))
