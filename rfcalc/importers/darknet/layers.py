"""The layers of darknet that compute something for each position: one function for each kind of section."""

from __future__ import annotations

from collections.abc import Callable

from rfcalc.errors import counted
from rfcalc.importers.darknet.network import LayerInputs, windows
from rfcalc.ops.attributes import SpanValue, Value, Word

# What adds a kind of layer: it returns the step that the layer leaves.
BuildsLayer = Callable[[LayerInputs], int]
LAYERS: dict[str, BuildsLayer] = {}


def layer(*kinds: str) -> Callable[[BuildsLayer], BuildsLayer]:
    """Let a function add layers of these kinds."""

    def registered(build: BuildsLayer) -> BuildsLayer:
        LAYERS.update(dict.fromkeys(kinds, build))
        return build

    return registered


def strides(it: LayerInputs) -> tuple[int, int]:
    """The stride along height and width."""
    whole = it.layer.whole
    both = whole["stride"]
    return whole.get("stride_y", both), whole.get("stride_x", both)


def padding_of(it: LayerInputs) -> int:
    """The padding on each side: `pad=1` is half of the size, whatever `padding` says."""
    whole = it.layer.whole
    return whole["size"] // 2 if whole["pad"] else whole["padding"]


def require_groups(it: LayerInputs, channels: int, out_channels: int) -> None:
    """Refuse groups that the channels or the filters cannot be shared among."""
    groups = it.layer.whole["groups"]
    for amount, what in ((channels, "channels that enter"), (out_channels, "filters")):
        if amount % groups:
            raise it.mistake(f"{amount} {what} cannot be shared among {groups} groups", "groups")


@layer("convolutional")
def convolutional(it: LayerInputs) -> int:
    """A convolution, batch normalisation in place of its bias, an activation, and a blur where it has one."""
    whole, x = it.layer.whole, it.before
    stride, blur = strides(it), whole["antialiasing"]
    learned = {}
    if "share_index" in whole:
        owner = whole["share_index"]
        owner = owner if owner >= 0 else it.number + owner
        if not 0 <= owner < it.number or it.layers[owner].kind != "convolutional":
            raise it.mistake(f"layer {owner} is no convolution before this one", "share_index")
        learned = {"weight": f"weight of layer {owner}", "bias": f"bias of layer {owner}"}
        if whole["batch_normalize"]:
            it.remark("the batch normalisation is shared too, and counted here once more", "share_index")
    step = convolved(it, x, whole["filters"], "conv", (1, 1) if blur else stride, learned=learned)
    step = it.activated(it.normalised(step), "act")
    return blurred(it, step, blur, stride) if blur else step


def convolved(
    it: LayerInputs,
    x: int,
    filters: int,
    part: str,
    stride: tuple[int, int] = (1, 1),
    *,
    learned: dict[str, str] | None = None,
) -> int:
    """A convolution with the window, the groups and the bias that the options say."""
    whole = it.layer.whole
    channels, size, groups = it.size(x)[2], whole["size"], whole["groups"]
    require_groups(it, channels, filters)
    # darknet has the padding grow with the gaps between taps.
    dilation = whole["dilation"] if size > 1 else 1
    pad = padding_of(it) * dilation
    reach = (size - 1) * dilation + 1
    fits(it, x, reach, (pad, pad))
    values = windows(size, stride, (pad, pad), dilation)
    operator = "conv"
    if groups == channels > 1:
        operator = "dwconv"
        if filters != channels:
            values["multiplier"] = filters // channels
    else:
        values["out_channels"] = filters
        if groups > 1:
            values["groups"] = groups
    if whole["batch_normalize"]:
        values["bias"] = Word("no")
    # Its own name, so that others can share it.
    names = {"weight": f"weight of layer {it.number}", "bias": f"bias of layer {it.number}"}
    if part != "conv":
        names = {role: f"{part} {name}" for role, name in names.items()}
    return it.add(operator, [x], values, part=part, learned=learned or names)


def fits(it: LayerInputs, x: int, reach: int, padding: tuple[int, int]) -> None:
    """Refuse a window that is larger than the padded map."""
    height, width, _ = it.size(x)
    around = sum(padding)
    if reach > min(height, width) + around:
        padded = f" with {around} of padding in all" if around else ""
        raise it.mistake(
            f"a window of {reach}x{reach} does not fit a map of {height}x{width}{padded}", "size"
        )


@layer("deconvolutional")
def deconvolutional(it: LayerInputs) -> int:
    """A transposed convolution, batch normalisation in place of its bias, and an activation."""
    whole, pad = it.layer.whole, padding_of(it)
    values = windows(whole["size"], (whole["stride"],) * 2, (pad, pad))
    values["out_channels"] = whole["filters"]
    if whole["batch_normalize"]:
        values["bias"] = Word("no")
    return it.activated(it.normalised(it.add("deconv", [it.before], values, part="deconv")), "act")


@layer("local")
def local(it: LayerInputs) -> int:
    """A convolution with kernels of their own at each position, and biases too."""
    whole, x = it.layer.whole, it.before
    size = whole["size"]
    # darknet has 1 in place of the size there, whatever it is.
    padding = (size // 2, size - 1 - size // 2) if whole["pad"] else (0, 0)
    fits(it, x, size, padding)
    values = windows(size, strides(it), padding)
    step = it.add("localconv", [x], {**values, "out_channels": whole["filters"]}, part="local")
    return it.activated(step, "act")


@layer("connected")
def connected(it: LayerInputs) -> int:
    """A fully connected layer, batch normalisation in place of its bias, and an activation."""
    return it.activated(it.normalised(dense(it, it.before, it.layer.whole["output"], "fc")), "act")


def dense(it: LayerInputs, x: int, outputs: int, part: str) -> int:
    """A product with a matrix of all that enters."""
    values: dict[str, Value] = {"out_channels": outputs}
    if it.layer.whole["batch_normalize"]:
        values["bias"] = Word("no")
    return it.add("fc", [x], values, part=part)


@layer("maxpool", "local_avgpool")
def pooling(it: LayerInputs) -> int:
    """A maximum, or a mean, over windows.

    `padding` is that of both sides; half of it, rounded down, stands before.  Left out it is one less than
    the size, so that there is an output for every `stride` positions.
    """
    whole, x, stride = it.layer.whole, it.before, strides(it)
    if whole.get("maxpool_depth"):
        return _over_channels(it, x)
    size, blur = whole.get("size", whole["stride"]), whole.get("antialiasing", 0)
    around = whole.get("padding", size - 1)
    padding = (around // 2, around - around // 2)
    fits(it, x, size, padding)
    if blur:
        step = it.add("maxpool", [x], pool_windows(it, x, size, (1, 1), padding), part="maxpool")
        return blurred(it, step, blur, stride)
    values = pool_windows(it, x, size, stride, padding)
    if it.layer.kind == "local_avgpool":
        if "padding" in values:
            values["count_include_pad"] = Word("no")
        return it.add("avgpool", [x], values)
    return it.add("maxpool", [x], values)


def pool_windows(
    it: LayerInputs, x: int, size: int, stride: tuple[int, int], padding: tuple[int, int]
) -> dict[str, Value]:
    """The attributes of a pooling, whose stride is its size where it is left out."""
    before, after = padding
    lengths = it.size(x)[:2]
    if not before and all((n - size) % s + after < s for n, s in zip(lengths, stride, strict=True)):
        # No window reaches what stands behind.
        padding = (0, 0)
    values = windows(size, stride, padding)
    values.setdefault("stride", 1)
    if stride == (size, size):
        del values["stride"]
    return values


def blurred(it: LayerInputs, x: int, kind: int, stride: tuple[int, int]) -> int:
    """A fixed filter that slides in place of the layer before it: 3x3, or 2x2 where its kind is 2."""
    size, pad = (2, 0) if kind == 2 else (3, 1)
    values = {**windows(size, stride, (pad, pad)), "learned": Word("no")}
    return it.add("dwconv", [x], values, part="blur", option="antialiasing")


def _over_channels(it: LayerInputs, x: int) -> int:
    """The maximum of channels that are `out_channels` apart: no operator of the language."""
    size = it.shape(x)._replace(channels=it.layer.whole["out_channels"])
    return it.add("opaque", [x], {**free("maxpool_depth"), "size": sizes_value(size.sizes())})


def free(name: str, reads: str = "each") -> dict[str, Value]:
    """The attributes of what is no operator here, learns nothing and multiplies by nothing learned."""
    return {"type": Word(name), "params": 0, "macs": 0, "reads": Word(reads)}


def sizes_value(sizes: tuple[Value, ...]) -> Value:
    """A size as an attribute."""
    from rfcalc.ops.attributes import PerAxis

    return PerAxis(sizes)


@layer("avgpool")
def avgpool(it: LayerInputs) -> int:
    """The mean of all positions."""
    return it.add("globalavgpool", [it.before])


@layer("upsample")
def upsample(it: LayerInputs) -> int:
    """Each position repeated; with a negative stride the sum of positions in place of that."""
    x, stride, scale = it.before, it.layer.whole["stride"], it.layer.decimals["scale"]
    if stride == 0:
        raise it.mistake("'stride' is 0, and has to be at least 1", "stride")
    several = scale != 1 or stride < 0
    if stride > 0:
        step = it.add("upsample", [x], {"scale": stride}, part="upsample" if several else "")
    else:
        step = it.add("avgpool", [x], {"kernel": -stride}, part="avgpool")
    if several:
        # A sum is so many times the mean.
        step = it.add("function", [step], {"of": Word("mul")}, part="mul", option="scale")
    return step


@layer("reorg", "reorg3d")
def reorg(it: LayerInputs) -> int:
    """Positions as channels, or channels as positions."""
    whole, x = it.layer.whole, it.before
    stride = whole["stride"]
    if whole.get("extra"):
        more = counted(whole["extra"], "element")
        it.remark(f"darknet adds {more} of zero behind all others, which no size here tells", "extra")
        return it.add("identity", [x])
    if whole.get("flatten"):
        it.remark("the elements are taken in another order, which no size here tells", "flatten")
        return it.add("identity", [x])
    height, width, channels = it.size(x)
    if whole["reverse"]:
        if channels % stride**2:
            raise it.mistake(
                f"{channels} channels cannot be shared among {stride}x{stride} positions", "stride"
            )
        operator = "pixelshuffle"
    else:
        if height % stride or width % stride:
            raise it.mistake(
                f"a map of {height}x{width} cannot be cut into cells of {stride}x{stride}", "stride"
            )
        operator = "pixelunshuffle"
    if it.layer.kind == "reorg" and stride > 1:
        it.remark(
            "[reorg] takes the elements in an order of darknet's own, over all of the map; sizes and counts "
            "are those of space to depth, and fields behind it are given as those"
        )
    return it.add(operator, [x], {"factor": stride})


@layer("softmax")
def softmax(it: LayerInputs) -> int:
    """Softmax over all that enters, or over the channels of each position."""
    whole, x = it.layer.whole, it.before
    height, width, channels = it.size(x)
    if whole["spatial"] or height == width == 1:
        groups = whole["groups"]
        if groups > 1:
            it.remark(f"softmax in {groups} groups of the channels, counted as one over all", "groups")
        return it.add("softmax", [x])
    if channels > 1:
        x = it.add("flatten", [x], part="flatten")
        return it.add("softmax", [x], part="softmax")
    return it.add("softmax", [x], {"over": Word("positions")})


@layer("dropout")
def dropout(it: LayerInputs) -> int:
    """Dropout."""
    rate = it.layer.decimals["probability"]
    if not 0 <= rate <= 1:
        raise it.mistake("a probability is 0 to 1", "probability")
    return it.add("dropout", [it.before], {"rate": rate} if rate * 2 != 1 else {})


@layer("crop")
def crop(it: LayerInputs) -> int:
    """The middle of the map."""
    x, height, width = it.before, it.layer.whole["crop_height"], it.layer.whole["crop_width"]
    there = it.size(x)
    for option, wanted, has in (("crop_height", height, there[0]), ("crop_width", width, there[1])):
        if wanted > has:
            raise it.mistake(f"{option}={wanted} is more than the map has, {there[0]}x{there[1]}", option)
    return it.add("crop", [x], {"size": sizes_value((height, width))})


@layer("batchnorm")
def batchnorm(it: LayerInputs) -> int:
    """Batch normalisation."""
    return it.add("bn", [it.before])


@layer("normalization")
def normalization(it: LayerInputs) -> int:
    """Local response normalisation."""
    decimals = it.layer.decimals
    values: dict[str, Value] = {"k": decimals["kappa"], "n": it.layer.whole["size"]}
    return it.add("lrn", [it.before], {**values, "alpha": decimals["alpha"], "beta": decimals["beta"]})


@layer("activation")
def activation(it: LayerInputs) -> int:
    """An activation alone."""
    return it.activated(it.before)


@layer("logistic")
def logistic(it: LayerInputs) -> int:
    """A sigmoid."""
    return it.add("sigmoid", [it.before])


@layer("l2norm")
def l2norm(it: LayerInputs) -> int:
    """The channels of each position over their norm."""
    x = it.before
    square = it.add("function", [x], {"of": Word("square")}, part="square")
    total = it.add("reducesum", [square], {"over": Word("channels")}, part="sum")
    norm = it.add("function", [total], {"of": Word("sqrt")}, part="norm")
    return it.add("div", [x, norm], part="div")


@layer("cost", "empty", "contrastive")
def nothing(it: LayerInputs) -> int:
    """What passes on what stands before it."""
    return it.before


@layer("history")
def history(it: LayerInputs) -> int:
    """The outputs of several steps of time side by side; of one alone it is the first."""
    return it.before


def span(start: int, stop: int, step: int = 1) -> SpanValue:
    """A part of an axis."""
    return SpanValue(start, stop, step if step != 1 else None)
