"""Random small networks that can be built, as descriptions: what receptive fields are hard to follow through.

Layers are drawn one after the other; each reads earlier ones at random, mostly the latest.  Motifs put
several layers in that belong together: gates, mixers, joins of branches of different rates, channels that are
joined and taken apart again.  What cannot be built is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from random import Random
from typing import NamedTuple

from hypothesis import strategies as st

from rfcalc.description import build_graph
from rfcalc.errors import DescriptionError
from rfcalc.graph.ir import Graph
from rfcalc.library import read_text

MOST_LAYERS = 12
# Elements, channels and positions of a map at most; a vector may have more channels than a map.
MOST_ELEMENTS, MOST_CHANNELS, LONGEST_AXIS = 1600, 48, 16


# What brings several operands together, each of which may be a branch.
JOINS = ("add", "sub", "mul", "div", "max", "min", "concat")


class Line(NamedTuple):
    """One layer: its operator with attributes, the names of what it reads, its own name."""

    text: str
    operands: tuple[str, ...]
    name: str

    def written(self) -> str:
        """The lines of the description."""
        sources = "+".join(self.operands)
        if self.text in JOINS:
            return f"  - {{{self.text}: [], from: {sources}, as: {self.name}}}\n"
        if self.text.startswith("concat"):
            return f"  - {{tensors: [], from: {sources}}}\n  - {self.text} as {self.name}\n"
        read = f" from={sources}" if sources else ""
        return f"  - {self.text}{read} as {self.name}\n"


class Network(NamedTuple):
    """A network before it is written: inputs by name with their sizes, and layers."""

    inputs: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]

    def written(self) -> str:
        """The description."""
        if len(self.inputs) == 1:
            head = f"input: {self.inputs[0][1]}\n"
        else:
            head = "input: {" + ", ".join(f"{name}: {size}" for name, size in self.inputs) + "}\n"
        return f"{head}layers:\n{''.join(line.written() for line in self.lines)}"

    def built(self) -> Graph | None:
        """The graph; None where the description has mistakes."""
        try:
            return build_graph(read_text(self.written()))
        except DescriptionError:
            return None


@st.composite
def networks(draw: st.DrawFn) -> str:
    """Descriptions of random networks that can be built."""
    return random_network(draw(st.randoms(use_true_random=False))).written()


def random_network(random: Random) -> Network:
    """A network of 1 to 12 layers."""
    while not (network := _Drawing(random).network()).lines:
        # Of a large input nothing may be small enough.
        pass
    return network


Sizes = tuple[int, ...]


class _Drawing:
    """A network that grows; sizes: of every node by name, spatial axes, then channels."""

    def __init__(self, random: Random) -> None:
        self.random = random
        rank = random.choice((1, 2, 2, 2, 2, 3))
        longest = {1: 12, 2: 12, 3: 6}[rank]
        inputs = 2 if random.random() < 0.12 else 1
        self.sizes: dict[str, Sizes] = {}
        for number in range(inputs):
            name = "input" if inputs == 1 else "xy"[number]
            same = random.random() < 0.4
            axes = [random.randint(1 if random.random() < 0.1 else 3, longest) for _ in range(rank)]
            if same:
                axes = [random.choice((4, 6, 8, 12)) if longest > 6 else random.choice((4, 6))] * rank
            if number and random.random() < 0.7:
                axes = list(self.sizes["x"][:-1])
            self.sizes[name] = (*axes, random.choice((1, 2, 3, 4, 4, 6, 8)))
        self.inputs = tuple((name, "x".join(map(str, sizes))) for name, sizes in self.sizes.items())
        self.lines: list[Line] = []
        self.most = random.randint(1, MOST_LAYERS)

    def network(self) -> Network:
        tries = 0
        while len(self.lines) < self.most and tries < 4 * self.most:
            tries += 1
            motif = self.random.choices(MOTIFS, WEIGHTS)[0]
            motif(self)
        if not self.lines:
            self.add("relu", self.latest())
        return Network(self.inputs, tuple(self.lines))

    # --- parts that motifs are made of

    def add(self, text: str, *operands: str) -> str | None:
        """One more layer, if it can be built and is small enough; its name."""
        if None in operands or len(self.lines) >= MOST_LAYERS:
            return None
        name = f"n{len(self.lines) + 1}"
        line = Line(text, operands, name)
        graph = Network(self.inputs, (*self.lines, line)).built()
        if graph is None:
            return None
        sizes = tuple(int(str(size)) for size in graph.nodes[-1].facts.output.sizes())
        if prod(sizes) > MOST_ELEMENTS or max(sizes[:-1], default=0) > LONGEST_AXIS:
            return None
        if len(sizes) > 1 and sizes[-1] > MOST_CHANNELS:
            return None
        self.lines.append(line)
        self.sizes[name] = sizes
        return name

    def latest(self) -> str:
        """A node to go on from: mostly the last one."""
        names = list(self.sizes)
        return names[-1] if self.random.random() < 0.75 else self.random.choice(names)

    def some(self) -> str:
        return self.random.choice(list(self.sizes))

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def per_axis(self, rank: int, values: tuple[object, ...]) -> str:
        """One value for all axes, or one for each."""
        if self.chance(0.6):
            return str(self.random.choice(values))
        return "x".join(str(self.random.choice(values)) for _ in range(max(1, rank)))


def _window(drawing: _Drawing, name: str | None = None) -> str | None:
    """A convolution or pooling, of any geometry."""
    name = name or drawing.latest()
    *axes, channels = drawing.sizes[name]
    rank, choice = len(axes), drawing.random.choice
    windows = ("conv", "conv", "conv", "dwconv", "deconv", "maxpool", "avgpool", "deformconv", "localconv")
    op = choice((*windows, "unfold"))
    kernels = (1, 1, 2, 3, 3, 3, 4, 5)
    if axes and drawing.chance(0.12):
        # As large as the map, along some axes or all.
        kernel = "x".join(str(size if drawing.chance(0.7) else choice((1, 3))) for size in axes)
    else:
        kernel = drawing.per_axis(rank, kernels)
    parts = [f"{op} f={kernel}"]
    if op == "deconv":
        parts.append(f"s={drawing.per_axis(rank, (1, 2, 2, 3))}")
        parts.append(f"p={drawing.per_axis(rank, (0, 0, 1, '0:1', '1:0', 2))}")
        if drawing.chance(0.2):
            parts.append("output_padding=1")
    else:
        if drawing.chance(0.5):
            parts.append(f"s={drawing.per_axis(rank, (1, 1, 2, 2, 3))}")
        paddings = (
            "same",
            "same",
            "same_lower",
            "causal",
            *(drawing.per_axis(rank, (0, 1, "0:1", "2:0", 2)),) * 4,
        )
        parts.append(f"p={choice(paddings)}")
    if op != "avgpool" and drawing.chance(0.25):
        parts.append(f"r={drawing.per_axis(rank, (1, 2, 3))}")
    if op in ("conv", "deconv", "deformconv", "localconv"):
        divisors = [g for g in (1, 1, 2, 2, 3, 4) if channels % g == 0]
        groups = choice(divisors) if drawing.chance(0.5) else 1
        parts.append(f"d={groups * choice((1, 1, 2, 2, 4))}")
        if groups > 1:
            parts.append(f"g={groups}")
    if op == "dwconv" and drawing.chance(0.3):
        parts.append("m=2")
    if op in ("conv", "dwconv") and drawing.chance(0.15):
        parts.append(f"padding_mode={choice(('reflect', 'replicate', 'circular'))}")
    if op in ("maxpool", "avgpool") and drawing.chance(0.3):
        parts.append("ceil=yes")
    if op == "unfold" and drawing.chance(0.5):
        return _put_back(drawing, parts, name)
    if op == "deformconv" and drawing.chance(0.6):
        return _deformed(drawing, parts, name)
    return drawing.add(" ".join(parts), name)


def _put_back(drawing: _Drawing, parts: list[str], name: str) -> str | None:
    """Windows taken out and put back in their places, perhaps with something between."""
    windows = drawing.add(" ".join(parts), name)
    if windows is None:
        return None
    width = drawing.sizes[windows][-1]
    between = drawing.random.choice(
        ("", "", f"conv f=1 d={width}", "dwconv f=3 p=1", f"channelshuffle g={width}")
    )
    moved = drawing.add(between, windows) if between else windows
    size = "x".join(map(str, drawing.sizes[name][:-1]))
    return drawing.add(" ".join(["fold", f"size={size}", *parts[1:]]), moved) if moved else None


def _deformed(drawing: _Drawing, parts: list[str], name: str) -> str | None:
    """A deformable convolution in place, whose offsets another layer makes."""
    rank, channels = len(drawing.sizes[name]) - 1, drawing.sizes[name][-1]
    kernel, sets = drawing.random.choice((1, 1, 2, 3)), 1
    parts = [part for part in parts[2:] if part.startswith(("d=", "g="))]
    if channels % 2 == 0 and drawing.chance(0.3):
        sets = 2
        parts.append("offset_groups=2")
    each = rank
    if drawing.chance(0.3):
        each += 1
        parts.append("modulated=yes")
    wide = each * sets * kernel**rank
    offsets = _convolved(drawing, drawing.some() if drawing.chance(0.3) else name, wide)
    if offsets is None:
        return None
    return drawing.add(f"deformconv f={kernel} p=same {' '.join(parts)}", name, offsets)


def _convolved(
    drawing: _Drawing, name: str | None, outputs: int, kernels: tuple[object, ...] = (1, 3)
) -> str | None:
    if name is None:
        return None
    rank = len(drawing.sizes[name]) - 1
    if not rank:
        return drawing.add(f"fc d={outputs}", name)
    return drawing.add(f"conv f={drawing.per_axis(rank, kernels)} p=same d={outputs}", name)


def _resample(drawing: _Drawing) -> str | None:
    name = drawing.latest()
    *axes, _ = drawing.sizes[name]
    rank, choice = len(axes), drawing.random.choice
    if drawing.chance(0.35):
        op = choice(("adaptiveavgpool", "adaptivemaxpool"))
        return drawing.add(f"{op} size={drawing.per_axis(rank, (1, 1, 2, 3, 4, 5, 6, 8))}", name)
    parts = ["upsample"]
    if drawing.chance(0.5):
        parts.append(f"scale={drawing.per_axis(rank, (2, 2, 3, 1, 1.5, 0.5))}")
    else:
        parts.append(f"size={drawing.per_axis(rank, (2, 3, 4, 5, 6, 8, 10, 12))}")
    mode = choice(("nearest", "nearest", "nearest_exact", "bilinear", "bicubic"))
    parts.append(f"mode={mode}")
    if not mode.startswith("nearest") and drawing.chance(0.3):
        parts.append("align_corners=yes")
    return drawing.add(" ".join(parts), name)


def _cut(drawing: _Drawing, name: str | None = None) -> str | None:
    """Positions or channels are added or left out."""
    name = name or drawing.latest()
    *axes, channels = drawing.sizes[name]
    rank, choice = len(axes), drawing.random.choice
    op = choice(("crop", "crop", "pad", "pad", "slice", "slice", "channels", "channels", "roll"))
    if op == "roll" and axes:
        return drawing.add(f"roll by={drawing.per_axis(rank, (1, 2, -1, 3))}", name)
    if op == "crop" and axes:
        if drawing.chance(0.3):
            return drawing.add(f"crop size={'x'.join(str(drawing.random.randint(1, n)) for n in axes)}", name)
        return drawing.add(f"crop p={drawing.per_axis(rank, (0, 1, '0:1', '1:0', '0:4', '2:0'))}", name)
    if op == "pad":
        text = f"pad p={drawing.per_axis(rank, (0, 1, '0:2', '2:0', '-1:1', '1:-1'))}"
        if drawing.chance(0.2):
            text += f" mode={choice(('reflect', 'replicate', 'circular'))}"
        if drawing.chance(0.2):
            text += f" channels={choice(('1', '0:2', '2:0'))}"
        return drawing.add(text, name)
    if op == "slice" and axes:
        names = ("t", "h", "w")[3 - rank :]
        span = choice(("1:", "0:-1", "0::2", "1::2", "1:-1", "0:3", "2:5", "0::3"))
        span = span if not span.endswith(":") else f"{span}{max(axes)}"
        return drawing.add(f"slice {choice(names)}={span}", name)
    return drawing.add(f"slice channels={_channel_span(drawing, channels)}", name)


def _channel_span(drawing: _Drawing, channels: int) -> str:
    first = drawing.random.randint(0, channels - 1)
    last = drawing.random.randint(first + 1, channels)
    return drawing.random.choice(
        (f"{first}:{last}", f"{first}:{last}", f"0:{channels}:2", f"{channels // 2}:{channels}")
    )


def _rearrange(drawing: _Drawing, name: str | None = None) -> str | None:
    name = name or drawing.latest()
    sizes = drawing.sizes[name]
    random = drawing.random
    kind = random.choice(
        (
            "permute",
            "permute",
            "apart",
            "apart",
            "reshape",
            "reshape",
            "shuffle",
            "unshuffle",
            "channels",
            "flatten",
        )
    )
    if kind == "apart":
        return drawing.add(_taken_to_pieces(drawing, sizes), name)
    if kind == "permute" and len(sizes) > 1:
        order = list(range(len(sizes)))
        random.shuffle(order)
        return drawing.add(f"permute order={'x'.join(map(str, order))}", name)
    if kind == "reshape":
        return drawing.add(f"reshape to={'x'.join(map(str, _factors(drawing, sizes)))}", name)
    if kind in ("shuffle", "unshuffle"):
        op = "pixelshuffle" if kind == "shuffle" else "pixelunshuffle"
        return drawing.add(f"{op} factor=2", name)
    if kind == "flatten":
        return drawing.add("flatten", name)
    return drawing.add(f"channelshuffle g={random.choice((2, 2, 3, 4))}", name)


def _factors(drawing: _Drawing, sizes: Sizes) -> list[int]:
    """Other sizes of as many elements: places split and put together, or anything that fits."""
    random = drawing.random
    found = list(sizes)
    for _ in range(random.randint(1, 3)):
        place = random.randrange(len(found))
        if random.random() < 0.5 and len(found) < 4:
            divisors = [d for d in range(1, found[place] + 1) if found[place] % d == 0]
            part = random.choice(divisors)
            found[place : place + 1] = [found[place] // part, part]
        elif len(found) > 1 and place:
            found[place - 1 : place + 1] = [found[place - 1] * found[place]]
    return found


def _taken_to_pieces(drawing: _Drawing, sizes: Sizes) -> str:
    """Axes and channels cut into factors, in any order, and some that then are neighbours put together."""
    random = drawing.random
    split: list[int] = []
    for size in sizes:
        low = random.choice([n for n in range(1, size + 1) if size % n == 0])
        split += [size // low, low] if drawing.chance(0.7) and size > 1 else [size]
    if drawing.chance(0.2) and len(split) > 1:
        place = random.randrange(len(split) - 1)
        split[place : place + 2] = [split[place] * split[place + 1]]
    order = list(range(len(split)))
    random.shuffle(order)
    if drawing.chance(0.4):
        # As heads, windows and shuffles are: two neighbours exchanged.
        order.sort()
        place = random.randrange(max(1, len(order) - 1))
        order[place : place + 2] = order[place : place + 2][::-1]
    to = [split[place] for place in order]
    while len(to) > 4 or (len(to) > 1 and drawing.chance(0.5)):
        place = random.randrange(len(to) - 1)
        to[place : place + 2] = [to[place] * to[place + 1]]
    parts = {"split": split, "order": order, "to": to}
    return " ".join(["permute", *(f"{name}={'x'.join(map(str, part))}" for name, part in parts.items())])


def _pointwise(drawing: _Drawing) -> str | None:
    name = drawing.latest()
    *axes, channels = drawing.sizes[name]
    simple = ("lrn n=3", "scale", "in", "in", "gn g=1", "grn", drawing.random.choice(ELEMENT_WISE))
    groups = [f"gn g={g}" for g in (2, 3, 4) if channels % g == 0]
    over = [f"{op} over={_over(drawing, len(axes))}" for op in ("softmax", "ln")]
    narrow = ["embedding words=9 d=3"] * 4 if channels == 1 else []
    opaque = [
        f"opaque type=A reads=each size={'x'.join(map(str, [*axes, drawing.random.choice((1, 2, 3))]))}"
    ]
    return drawing.add(drawing.random.choice((*simple, *groups, *over, *narrow, *opaque)), name)


ELEMENT_WISE = (
    *"bn relu relu6 elu gelu silu hardswish hardsigmoid sigmoid tanh softplus oneminus leakyrelu".split(),
    *"prelu softmaxloss dropout droppath identity".split(),
    "function of=exp",
)


def _over(drawing: _Drawing, rank: int) -> str:
    """What is taken together."""
    axes = drawing.random.sample(range(rank), drawing.random.randint(1, rank)) if rank else []
    words = ("channels", "channels", "positions", "all", *(["x".join(map(str, axes))] * 2 if axes else []))
    return drawing.random.choice(words)


def _reduce(drawing: _Drawing) -> str | None:
    name = drawing.latest()
    op = drawing.random.choice(("reducemean", "reducesum", "reducemax"))
    return drawing.add(f"{op} over={_over(drawing, len(drawing.sizes[name]) - 1)}", name)


def _attend(drawing: _Drawing) -> str | None:
    name = drawing.latest()
    *axes, channels = drawing.sizes[name]
    text = "attention"
    other: list[str] = []
    three = drawing.chance(0.25)
    if not three and drawing.chance(0.25):
        other = [drawing.some()]
    elif axes and drawing.chance(0.7):
        windows = [
            drawing.random.choice([w for w in range(1, n + 1) if n % w == 0]) if drawing.chance(0.9) else n
            for n in axes
        ]
        text += f" window={'x'.join(map(str, windows))}"
        if drawing.chance(0.4):
            text += f" shift={'x'.join(str(drawing.random.randrange(w)) for w in windows)}"
        if drawing.chance(0.2):
            text += " relative_bias=yes"
    if three:
        # Keys and values of their own, at as many positions; in windows at the same.
        key, value = (drawing.latest(), drawing.some()) if drawing.chance(0.5) else (name, name)
        fitting = [
            each
            for each, sizes in drawing.sizes.items()
            if prod(sizes[:-1]) == prod(drawing.sizes[key][:-1])
            and ("window" not in text or sizes[:-1] == (*axes,))
        ]
        value = value if value in fitting else drawing.random.choice(fitting or [key])
        made = key if drawing.sizes[key][-1] == channels else _convolved(drawing, key, channels, (1,))
        if made is None or drawing.sizes[made][:-1] != drawing.sizes[key][:-1]:
            return None
        return drawing.add(f"{text.replace(' relative_bias=yes', '')} projections=no", name, made, value)
    if drawing.chance(0.3):
        text += " projections=no"
        if channels % 2 == 0 and drawing.chance(0.5):
            text += " heads=2"
    elif drawing.chance(0.2):
        text += f" d={drawing.random.choice((1, 2, 3))}"
    return drawing.add(text, name, *other)


def _multiplied(drawing: _Drawing) -> str | None:
    """A product of two tensors: of any that fit, or attention written out."""
    name = drawing.latest()
    *axes, channels = drawing.sizes[name]
    if not axes:
        return None
    if drawing.chance(0.5):
        other = drawing.some()
        shared = prod(drawing.sizes[other][:-1])
        turned = _convolved(drawing, name, shared, (1,)) if shared != channels else name
        return drawing.add("matmul", turned, other) if turned else None
    if len(axes) > 1 and drawing.chance(0.4):
        return _multiplied_in_batches(drawing, name)
    second = name if drawing.chance(0.6) else drawing.some()
    key = _convolved(drawing, second, channels, (1,))
    scores = drawing.add("matmul transposed=yes", name, key) if key else None
    if scores is None or drawing.chance(0.2):
        return scores
    shares = drawing.add("softmax", scores) if drawing.chance(0.6) else scores
    return drawing.add("matmul", shares, second) if shares else None


def _multiplied_in_batches(drawing: _Drawing, name: str) -> str | None:
    """Products along the last axes alone, as attention of each row or window is."""
    *axes, channels = drawing.sizes[name]
    batch = drawing.random.randint(1, len(axes) - 1)
    fitting = [
        other
        for other, sizes in drawing.sizes.items()
        if len(sizes) == len(axes) + 1 and sizes[:batch] == (*axes[:batch],)
    ]
    second = drawing.random.choice(fitting)
    key = _convolved(drawing, second, channels, (1,))
    scores = drawing.add(f"matmul transposed=yes batch={batch}", name, key) if key else None
    if scores is None or drawing.chance(0.2):
        return scores
    shares = drawing.add("softmax", scores) if drawing.chance(0.6) else scores
    return drawing.add(f"matmul batch={batch}", shares, second) if shares else None


def _recur(drawing: _Drawing) -> str | None:
    """A recurrent layer, over the positions of a line or over what a map is made to be one."""
    name: str | None = drawing.latest()
    assert name is not None
    *axes, channels = drawing.sizes[name]
    if len(axes) > 1:
        name = drawing.add(f"reshape to={prod(axes)}x{channels}", name)
        if name is None:
            return None
    text = f"{drawing.random.choice(('lstm', 'gru', 'rnn'))} d={drawing.random.choice((1, 2, 3))}"
    if drawing.chance(0.8):
        text += " bidirectional=yes"
    if drawing.chance(0.4):
        text += " layers=2"
    return drawing.add(text, name)


def _learn(drawing: _Drawing) -> str | None:
    """Something learned beside a map: in front of it, added to it, multiplied with it, or that asks it."""
    name = drawing.latest()
    *axes, channels = drawing.sizes[name]
    kind = drawing.random.choice(("token", "token", "added", "gain", "query", "first"))
    sizes = [*axes, channels]
    if kind == "token" and axes:
        axis = drawing.random.randrange(len(axes))
        sizes[axis] = drawing.random.choice((1, 1, 2))
        token = drawing.add(f"learned size={'x'.join(map(str, sizes))}")
        operands = [token, name] if token and drawing.chance(0.7) else [name, token]
        return drawing.add(f"concat axis={axis}", *(each for each in operands if each)) if token else None
    if kind == "query":
        sizes[:-1] = [drawing.random.choice((1, 2, 3)) for _ in range(drawing.random.randint(0, 2))]
        query = drawing.add(f"learned size={'x'.join(map(str, sizes))}")
        return drawing.add("attention", query, name) if query else None
    if kind == "gain":
        sizes[:-1] = [1] * len(axes)
    beside = drawing.add(f"learned size={'x'.join(map(str, sizes))}")
    if beside is None or kind == "first":
        return beside
    return drawing.add("mul" if kind == "gain" else "add", name, beside)


def _behind(drawing: _Drawing) -> str | None:
    """Maps one behind the other along an axis: any that fit, or two layers on one map."""
    name = drawing.latest()
    *axes, channels = drawing.sizes[name]
    if not axes:
        return None
    axis = drawing.random.randrange(len(axes))
    fitting = [
        other
        for other, sizes in drawing.sizes.items()
        if len(sizes) == len(axes) + 1
        and all(k == axis or sizes[k] == n for k, n in enumerate([*axes, channels]))
    ]
    operands = [name, drawing.random.choice(fitting)]
    if drawing.chance(0.5):
        kernels: tuple[object, ...] = drawing.random.choice(((1, 3), (1, 3, 5), (2, 3)))
        made = _convolved(drawing, name, channels, kernels)
        if made and drawing.chance(0.4):
            size = "x".join(
                str(drawing.random.choice((1, 2, 3)) if k == axis else n) for k, n in enumerate(axes)
            )
            made = drawing.add(f"adaptiveavgpool size={size}", made)
        if made is None:
            return None
        operands[1] = made
    if drawing.chance(0.5):
        operands.reverse()
    return drawing.add(f"concat axis={axis}", *operands)


def _regions(drawing: _Drawing) -> str | None:
    name = drawing.latest()
    rank = len(drawing.sizes[name]) - 1
    size = drawing.per_axis(rank, (1, 2, 3))
    return drawing.add(f"roipool count={drawing.random.choice((1, 3))} size={size}", name)


def _whole(drawing: _Drawing) -> str | None:
    name = drawing.latest()
    kinds = ("globalavgpool", "globalmaxpool", f"fc d={drawing.random.choice((1, 2, 4, 8))}")
    if drawing.chance(0.2):
        size = drawing.random.choice(("5", "4x3", "3x4x2", "1x1x4"))
        return drawing.add(f"opaque type=A reads=all size={size}", name, drawing.some())
    return drawing.add(drawing.random.choice(kinds), name)


def _join(drawing: _Drawing) -> str | None:
    """Two or three nodes that fit each other as they are."""
    one = drawing.latest()
    op = drawing.random.choice(("add", "add", "sub", "max", "min", "mul", "div", "concat", "concat"))
    mine = drawing.sizes[one]
    others = [name for name, sizes in drawing.sizes.items() if _fits(op, mine, sizes) and name != one]
    if not others:
        return _meet(drawing)
    operands = [one, drawing.random.choice(others)]
    if op not in ("sub", "div") and drawing.chance(0.25):
        operands.append(drawing.random.choice(others))
    if drawing.chance(0.5):
        operands.reverse()
    return drawing.add(op, *operands)


def _fits(op: str, one: Sizes, two: Sizes) -> bool:
    if len(one) != len(two):
        return (
            op != "concat" and 1 in (len(one), len(two)) and (one[-1] == two[-1] or 1 in (one[-1], two[-1]))
        )
    if op == "concat":
        return one[:-1] == two[:-1]
    return all(a == b or 1 in (a, b) for a, b in zip(one, two, strict=True))


def _meet(drawing: _Drawing) -> str | None:
    """Two nodes of different sizes, one brought to the size of the other, and joined."""
    one, two = drawing.latest(), drawing.some()
    if len(drawing.sizes[one]) != len(drawing.sizes[two]) or len(drawing.sizes[one]) == 1:
        return None
    if drawing.sizes[one][:-1] != drawing.sizes[two][:-1]:
        way = drawing.random.choice(("crop", "upsample", "upsample", "adaptiveavgpool"))
        if way == "adaptiveavgpool":
            size = "x".join(map(str, drawing.sizes[two][:-1]))
            moved = drawing.add(f"adaptiveavgpool size={size}", one)
        else:
            moved = drawing.add(f"{way} like={two}", one)
        if moved is None:
            return None
        one = moved
    op = drawing.random.choice(("add", "concat", "concat", "mul", "max"))
    if op != "concat" and drawing.sizes[one][-1] != drawing.sizes[two][-1]:
        moved = _convolved(drawing, one, drawing.sizes[two][-1])
        if moved is None:
            return None
        one = moved
    return drawing.add(op, one, two)


def _branches(drawing: _Drawing) -> str | None:
    """Two layers on one node, brought together side by side or element by element."""
    name = drawing.latest()
    *axes, channels = drawing.sizes[name]
    if not axes:
        return None
    op = drawing.random.choice(("add", "concat", "concat", "max"))
    width = drawing.random.choice((1, 2, 2, 3, 4))
    kernels: tuple[object, ...] = drawing.random.choice(((1, 3), (1, 3, 5), (1, 7), (2, 3)))
    branches = [_convolved(drawing, name, width, kernels) for _ in range(2)]
    if drawing.chance(0.3):
        branches[1] = name if op == "concat" or channels in (1, width) else branches[1]
    if None in branches:
        return None
    return drawing.add(op, *[branch for branch in branches if branch])


def _taken_apart(drawing: _Drawing) -> str | None:
    """Branches side by side whose channels are followed: shuffled, sliced, or read in groups."""
    name = _branches(drawing)
    if name is None:
        return None
    channels = drawing.sizes[name][-1]
    divisors = [g for g in range(2, channels + 1) if channels % g == 0]
    groups = drawing.random.choice(divisors) if divisors else 1
    then = drawing.random.choice(("shuffle", "slice", "grouped", "depthwise", "gn"))
    if then == "shuffle":
        name = drawing.add(f"channelshuffle g={groups}", name) or name
        return drawing.add(f"slice channels={_channel_span(drawing, channels)}", name)
    if then == "slice":
        return drawing.add(f"slice channels={_channel_span(drawing, channels)}", name)
    if then == "grouped":
        return drawing.add(f"conv f={drawing.random.choice((1, 3))} p=same d={groups} g={groups}", name)
    if then == "gn":
        name = drawing.add(f"gn g={groups}", name) or name
        return drawing.add(f"slice channels={_channel_span(drawing, channels)}", name)
    return drawing.add("dwconv f=3 p=same", name)


def _shuffled(drawing: _Drawing) -> str | None:
    """Space to channels or channels to space, perhaps there and back with something between."""
    name = drawing.latest()
    rank = len(drawing.sizes[name]) - 1
    if not rank:
        return None
    parts = 2**rank
    if drawing.chance(0.5):
        if any(size % 2 for size in drawing.sizes[name][:-1]):
            even = "x".join(str(max(2, size - size % 2)) for size in drawing.sizes[name][:-1])
            name = drawing.add(f"adaptiveavgpool size={even}", name) or name
        name = drawing.add("pixelunshuffle factor=2", name) or name
        if drawing.chance(0.4):
            return name
    width = parts * drawing.random.choice((1, 1, 2))
    if drawing.chance(0.7):
        groups = drawing.random.choice((1, 1, 2, parts))
        line = f"conv f={drawing.random.choice((1, 1, 3))} p=same d={width} g={groups}"
        name = drawing.add(line, name) or _convolved(drawing, name, width)
    return drawing.add("pixelshuffle factor=2", name) if name else None


def _gate(drawing: _Drawing) -> str | None:
    """A node times, or plus, something that is collapsed along some axes or all, and broadcast back."""
    name = drawing.latest()
    *axes, channels = drawing.sizes[name]
    if not axes:
        return None
    kind = drawing.random.choice(("squeeze", "squeeze", "strip", "spatial", "vector", "resized"))
    if kind == "spatial":
        gate = _convolved(drawing, name, 1)
    elif kind == "vector":
        gate = drawing.add("flatten", name) if drawing.chance(0.5) else drawing.add("globalavgpool", name)
        gate = drawing.add(f"fc d={channels}", gate) if gate else None
        gate = drawing.add("flatten", gate) if gate and len(drawing.sizes[gate]) > 1 else gate
    elif kind == "strip":
        size = "x".join(str(drawing.random.choice((1, n))) for n in axes)
        gate = _convolved(drawing, drawing.add(f"adaptiveavgpool size={size}", name), channels)
    else:
        gate = _convolved(drawing, drawing.add("globalavgpool", name), channels)
        if kind == "resized" and gate:
            gate = drawing.add(
                f"upsample like={name} mode={drawing.random.choice(('nearest', 'bilinear'))}", gate
            )
    if gate is None:
        return None
    return drawing.add(
        drawing.random.choice(("mul", "mul", "add", "max")), *drawing.random.sample([name, gate], 2)
    )


def _mixer(drawing: _Drawing) -> str | None:
    """An axis and the channels exchanged, mixed, and exchanged back, perhaps beside the identity."""
    name = drawing.latest()
    sizes = drawing.sizes[name]
    if len(sizes) < 2:
        return None
    order = list(range(len(sizes)))
    axis = drawing.random.randrange(len(sizes) - 1)
    order[axis], order[-1] = order[-1], order[axis]
    text = f"permute order={'x'.join(map(str, order))}"
    moved = drawing.add(text, name)
    if moved and drawing.chance(0.6):
        moved = _convolved(drawing, moved, sizes[axis], (1,))
    back = drawing.add(text, moved) if moved else None
    if back and drawing.chance(0.5):
        return drawing.add("add", name, back)
    return back


def _decoded(drawing: _Drawing) -> str | None:
    """A vector, or one position, that is made a map again."""
    name = drawing.latest()
    rank = len(drawing.sizes[name]) - 1
    vector = drawing.add(f"fc d={4**rank if rank else 16}", name)
    if vector is None:
        return None
    if drawing.chance(0.5):
        return drawing.add(
            f"reshape to={'x'.join(['2'] * (rank or 2))}x{4**rank // 2**rank if rank else 4}", vector
        )
    if rank:
        return (
            drawing.add("deconv f=3 d=2", vector) if drawing.chance(0.5) else drawing.add("pad p=1", vector)
        )
    return None


MOTIFS: tuple[Callable[[_Drawing], str | None], ...] = (
    _window,
    _resample,
    _cut,
    _rearrange,
    _pointwise,
    _attend,
    _reduce,
    _multiplied,
    _recur,
    _learn,
    _behind,
    _regions,
    _whole,
    _join,
    _meet,
    _branches,
    _taken_apart,
    _shuffled,
    _gate,
    _mixer,
    _decoded,
)
WEIGHTS = (24, 10, 9, 9, 7, 5, 3, 3, 2, 3, 3, 0.5, 3, 10, 7, 5, 6, 4, 6, 2, 1)
