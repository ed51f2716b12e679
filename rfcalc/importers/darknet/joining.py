"""The layers of darknet that read layers by their numbers."""

from __future__ import annotations

from rfcalc.errors import counted, listed
from rfcalc.importers.darknet.layers import layer, sizes_value, span
from rfcalc.importers.darknet.network import LayerInputs
from rfcalc.importers.inputs import uneven
from rfcalc.ops.attributes import SpanValue, Value, Word


@layer("route")
def route(it: LayerInputs) -> int:
    """Layers side by side, or a group of the channels of each."""
    whole = it.layer.whole
    numbers = it.referred("layers")
    steps = [it.left_by(number) for number in numbers]
    height, width, _ = it.size(steps[0])
    for step in steps[1:]:
        if it.size(step)[:2] != (height, width):
            sizes = ", ".join([str(it.shape(each)) for each in steps])
            raise it.mistake(
                f"the layers differ in height or width and cannot stand side by side: {sizes}",
                "layers",
                uneven(it.collector[0].shape.axes),
                tuple([it.sized(number) for number in numbers]),
            )
    groups, group = whole["groups"], whole["group_id"]
    if group >= groups:
        hint = f"{counted(groups, 'group')} are counted from 0" if groups > 1 else "groups= is missing"
        raise it.mistake(f"there is no group {group} of {groups}", "group_id", hint)
    if groups > 1:
        for place, number in enumerate(numbers):
            channels = it.size(steps[place])[2]
            if channels % groups:
                raise it.mistake(
                    f"{channels} channels cannot be cut into {groups} groups",
                    "groups",
                    related=(it.sized(number),),
                )
            part = channels // groups
            values: dict[str, Value] = {"channels": span(part * group, part * (group + 1))}
            name = f"slice{place + 1}" if len(numbers) > 1 else ""
            steps[place] = it.add("slice", [steps[place]], values, beside=name, option="groups")
    if len(steps) == 1:
        return steps[0]
    return it.add("concat", steps)


@layer("shortcut")
def shortcut(it: LayerInputs) -> int:
    """The sum with other layers: of what is common to their sizes, each perhaps with learned factors."""
    layer = it.layer
    numbers = it.referred()
    x = it.before
    size = it.size(x)
    operands = [x]
    for number in numbers:
        other = it.left_by(number)
        operands.append(_overlap(it, number, other, size))
    factors = layer.words["weights_type"]
    if factors != "none":
        values: dict[str, Value] = {} if factors == "per_channel" else {"shared": Word("yes")}
        values["bias"] = Word("no")
        operands = [
            it.add("scale", [one], values, beside=f"weight{place}", option="weights_type")
            for place, one in enumerate(operands)
        ]
    return it.activated(it.add("add", operands), beside="act")


def _overlap(it: LayerInputs, number: int, other: int, size: tuple[int, int, int]) -> int:
    """What a layer adds to a map of another size: every so many positions, the channels that both have."""
    there = it.size(other)
    if there == size:
        return other
    (height, width, channels), (rows, columns, depth) = size, there
    shapes = f"{it.shape(other)} cannot be added to {it.shape(it.before)}"
    related = (it.sized(number),)
    if rows < height or columns < width:
        raise it.mistake(
            f"{shapes}: a shortcut takes positions of a larger map, not of a smaller one",
            "from",
            "[upsample] brings it to the size",
            related,
        )
    stride = rows // height
    if columns // width != stride:
        raise it.mistake(f"{shapes}: height and width differ by other factors", "from", "", related)
    taken = [f"every {_nth(stride)} position"] if stride > 1 else []
    if depth != channels:
        taken.append(f"the first {min(channels, depth)} channels")
    what = listed(taken) or "what is common to both"
    it.remark(f"the shortcut adds {it.shape(other)} to {it.shape(it.before)}: {what}", "from")
    parts: dict[str, Value] = {}
    if (rows, columns) != (height, width):
        parts["h"] = span(0, height * stride, stride)
        parts["w"] = span(0, width * stride, stride)
    if depth > channels:
        parts["channels"] = span(0, channels)
    if parts:
        other = it.add("slice", [other], parts, beside="slice", option="from")
    if depth < channels:
        other = it.add(
            "pad", [other], {"channels": SpanValue(0, channels - depth)}, beside="pad", option="from"
        )
    return other


def _nth(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")


@layer("scale_channels", "sam", "shift_channels", "control_channels")
def combined(it: LayerInputs) -> int:
    """The product, or the sum, of a layer and what stands before, the one with one position or channel."""
    numbers = it.referred()
    kind = it.layer.kind
    if len(numbers) > 1:
        raise it.mistake(f"[{kind}] reads one layer, not {len(numbers)}", "from")
    x = it.before
    other = it.left_by(numbers[0])
    small, large = (x, other) if kind in ("scale_channels", "sam") else (other, x)
    (height, width, channels), wanted = it.size(small), it.size(large)
    plane = it.layer.whole.get("scale_wh")
    fitting = wanted if kind == "sam" else (*wanted[:2], 1) if plane else (1, 1, wanted[2])
    if (height, width, channels) != fitting:
        each = "" if kind == "sam" else f", a number for each {'position' if plane else 'channel'}"
        raise it.mistake(
            f"[{kind}] puts {it.shape(small)} on {it.shape(large)}, "
            f"and expects {'x'.join(map(str, fitting))}{each}",
            "from",
            related=(it.sized(numbers[0]),),
        )
    operator = "add" if kind == "shift_channels" else "mul"
    step = it.add(operator, [large, small])
    return it.activated(step, beside="act") if "activation" in it.layer.words else step


@layer("implicit_add", "implicit_mul")
def implicit(it: LayerInputs) -> int:
    """A learned vector that reads nothing."""
    size = sizes_value((1, 1, it.layer.whole["filters"]))
    return it.add("learned", [], {"size": size}, option="filters")
