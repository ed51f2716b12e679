"""A model file of Ultralytics, or of YOLOv5's own code, as a network of steps."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from rfcalc.errors import Source, UsageError, counted, cut, listed, nearest, option, quoted, spoken
from rfcalc.files import bytes_of, text_of
from rfcalc.importers.inputs import by_input
from rfcalc.importers.steps import ImportedNetwork
from rfcalc.importers.tracing.collector import StepCollector
from rfcalc.importers.ultralytics.following import RowFollower
from rfcalc.importers.ultralytics.reading import ModelText, Row, read_text
from rfcalc.importers.ultralytics.registry import shown
from rfcalc.importers.ultralytics.scope import Activation, Conventions
from rfcalc.ops.attributes import Word
from rfcalc.problems import Problems
from rfcalc.records import NamedTuple
from rfcalc.shapes import Shape
from rfcalc.spec.document_text import LONGEST_TEXT

_INPUT = "input"
_SIZE = (640, 640)
_SIZE_OF_CLASSIFIERS = (224, 224)
_CHANNELS = 3
# A letter behind the version in the name of a file says its scale.
_LETTER = re.compile(r"yolo(?:e-)?v?\d+([nslmx])")
_LARGEST_FACTOR = 1000
_ACTIVATIONS = {
    "SiLU": Activation(),
    "ReLU": Activation("ReLU", "relu"),
    "ReLU6": Activation("ReLU6", "relu6"),
    "GELU": Activation("GELU", "gelu"),
    "Hardswish": Activation("Hardswish", "hardswish"),
    "Sigmoid": Activation("Sigmoid", "sigmoid"),
    "Tanh": Activation("Tanh", "tanh"),
    "Mish": Activation("Mish", "function", (("of", Word("mish")),)),
    "Identity": Activation("Identity", "identity"),
    "LeakyReLU": Activation("LeakyReLU", "leakyrelu"),
}
_ACTIVATION = re.compile(
    r"(?:torch\.)?(?:nn\.)?(\w+)\(\s*(?:negative_slope\s*=\s*)?([0-9.]*)\s*(?:,?\s*inplace\s*=\s*\w+)?\s*\)"
)


class _ScaleFactors(NamedTuple):
    """How a file is scaled: its letter, factors of repeats and of channels, and the most channels."""

    scale: str = ""
    depth: float = 1.0
    width: float = 1.0
    most: float = float("inf")


def _text(path: str) -> Source:
    """The text of a file; raises DescriptionError for what is none, and UsageError."""
    data = bytes_of(path, LONGEST_TEXT, given=True)
    if b"\0" not in data and len(data) <= LONGEST_TEXT:
        # Comments are in whatever encoding their author's editor had (GBK is frequent); the package reads on.
        data = data.decode("utf-8", "replace").encode()
    return Source("", text_of(data, path, LONGEST_TEXT, "a model"))


def values_in(path: str) -> Mapping[str, str]:
    """The scales of a file, each with its factors; raises DescriptionError and UsageError."""
    source = _text(path)
    scales = read_text(source, Problems()).keys.get("scales")
    found = scales.value if scales else None
    return {str(scale): str(factors) for scale, factors in found.items()} if isinstance(found, dict) else {}


def read(
    path: str, name: str, inputs: Mapping[str, tuple[int, ...]], settings: Mapping[str, str]
) -> ImportedNetwork:
    """The network in a file, called `name`.

    settings: scale, nc, ch.  Raises DescriptionError with every mistake in the file, and UsageError.
    """
    source = _text(path)
    problems = Problems()
    text = read_text(source, problems)
    collector = StepCollector(source.text)
    factors = _factors(text, name, settings, collector, problems)
    original = _is_original(text)
    conventions = Conventions(
        activation=_activation(text, problems),
        original=original,
        scale=factors.scale,
        reg_max=_number(text, "reg_max", problems) or 16,
        end2end=_flag(text, "end2end"),
        width=factors.width,
        most=factors.most,
    )
    named: dict[str, object] = {
        "nc": _setting(settings, "nc") or _number(text, "nc", problems),
        "kpt_shape": _cell(text, "kpt_shape"),
        "anchors": _cell(text, "anchors"),
    }
    if original and isinstance(named["nc"], int):
        conventions = conventions._replace(unscaled=_outputs(named["anchors"], named["nc"]))
    shape = _entering(text, inputs, settings, problems)
    entering = collector.entering(shape, _INPUT)
    for note, position in text.notes:
        collector.remark(note, position.span)
    follower = RowFollower(collector, entering, conventions, factors.depth, named, problems)
    follower.follow(text.rows)
    problems.raise_any()
    last = follower.left[-1] if follower.left else None
    if last is None:
        problems.stop(
            "there is no row", source.at(0), "backbone and head hold rows, [from, repeats, module, args]"
        )
    family = "YOLOv5" if original else "Ultralytics"
    said = f"{family}, scale {factors.scale}" if factors.scale else family
    outputs = (last,) if isinstance(last, int) else last
    return collector.collected(name, said, outputs)


def of_all_scales(path: str) -> str:
    """The hint for a file that is not there, called after one scale, where that of all scales is."""
    folder, name = os.path.split(path)
    stem, suffix = os.path.splitext(name)
    base, scale = _without_scale(stem)
    there = os.path.join(folder, base + suffix)
    if not scale or not os.path.isfile(there):
        return ""
    said = spoken(f"rfcalc {there} --scale {scale}", option("set", {"scale": scale}))
    return f"{quoted(there)} is there, of all scales: {said}"


def _without_scale(name: str) -> tuple[str, str]:
    """The name of a file of all scales, and the scale, of what is called after one."""
    found = _LETTER.search(name)
    return (name[: found.start(1)] + name[found.end(1) :], found[1]) if found else (name, "")


def _is_original(text: ModelText) -> bool:
    """Whether a file is of YOLOv5's own code: its head is given anchors."""
    last = next((row for row in reversed(text.rows) if row), None)
    if last is None or last.module.value not in ("Detect", "Segment") or len(last.arguments) < 2:
        return False
    second = last.arguments[1].value
    return second == "anchors" or isinstance(second, tuple)


def _outputs(anchors: object, nc: int) -> int:
    """The channels of a head of YOLOv5, which are no width."""
    boxes = anchors if isinstance(anchors, int) else 0
    if isinstance(anchors, tuple) and anchors and isinstance(anchors[0], tuple):
        boxes = len(anchors[0]) // 2
    return boxes * (nc + 5)


def _factors(
    text: ModelText, name: str, settings: Mapping[str, str], collector: StepCollector, problems: Problems
) -> _ScaleFactors:
    _, letter = _without_scale(name)
    asked = settings.get("scale", "")
    cell = text.keys.get("scales")
    if cell is None:
        if asked:
            problems.raise_any()
            raise UsageError(f"{_saying(asked)}: the file has no scales, it is of one size")
        depth, width = (_factor(text, f"{each}_multiple", problems) for each in ("depth", "width"))
        return _ScaleFactors(letter, depth, width)
    scales = cell.value
    if not isinstance(scales, dict) or not scales:
        problems.add(
            "scales is one line for each scale: its letter, and [depth, width, max_channels]",
            cell.position,
            "as n: [0.50, 0.25, 1024]",
        )
        return _ScaleFactors()
    for name_of_scale, chosen in scales.items():
        if not _are_factors(chosen.value):
            problems.add(
                f"scale {name_of_scale} is [depth, width, max_channels], three numbers above 0, not "
                f"{shown(chosen.value)}",
                chosen.position,
                "as [0.50, 0.25, 1024]",
            )
    scale = asked or letter or next(iter(scales))
    if scale not in scales:
        there = f"there are {cut(listed(scales))}" if len(scales) > 1 else f"there is {listed(scales)}"
        if asked:
            problems.raise_any()
            raise UsageError(
                f"{_saying(asked)}: the file has no such scale; {nearest(asked, scales) or there}"
            )
        problems.add(
            f"the name {quoted(name)} says scale {scale}, which scales does not have; {there}",
            text.names["scales"],
            f"add a line {scale}: [depth, width, max_channels]; {_saying()} says another scale",
        )
        return _ScaleFactors()
    if not asked and not letter and len(scales) > 1:
        collector.remark(
            f"scale {scale} is taken, the first of {cut(listed(scales))}; {_saying()} says another",
            text.names["scales"].span,
        )
    numbers = scales[scale].value
    return _ScaleFactors(scale, *numbers) if _are_factors(numbers) else _ScaleFactors(scale)


def _are_factors(numbers: object) -> bool:
    """Whether a value is depth, width and most channels of a scale."""
    return (
        isinstance(numbers, tuple)
        and len(numbers) == 3
        and all(isinstance(one, int | float) and not isinstance(one, bool) and one > 0 for one in numbers)
        and max(numbers[:2]) <= _LARGEST_FACTOR
    )


def _saying(scale: str = "") -> str:
    """How a scale is asked for."""
    return spoken(f"--scale {scale}".rstrip(), option("set", {"scale": scale or "…"}))


def _factor(text: ModelText, name: str, problems: Problems) -> float:
    cell = text.keys.get(name)
    if cell is None:
        return 1.0
    value = cell.value
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= _LARGEST_FACTOR:
        problems.add(
            f"{name} is a number above 0, at most {_LARGEST_FACTOR}, not {shown(value)}", cell.position
        )
        return 1.0
    return value


def _number(text: ModelText, name: str, problems: Problems) -> int | None:
    cell = text.keys.get(name)
    if cell is None:
        return None
    if not isinstance(cell.value, int) or isinstance(cell.value, bool) or cell.value < 1:
        problems.add(f"{name} is a whole number of at least 1, not {shown(cell.value)}", cell.position)
        return 1
    return cell.value


def _flag(text: ModelText, name: str) -> bool:
    cell = text.keys.get(name)
    return bool(cell and cell.value)


def _cell(text: ModelText, name: str) -> object:
    cell = text.keys.get(name)
    return cell.value if cell else None


def _setting(settings: Mapping[str, str], name: str) -> int | None:
    given = settings.get(name)
    if given is None:
        return None
    if not given.isdecimal() or not given.isascii() or len(given) > 18 or int(given) < 1:
        raise UsageError(f"{option('set', {name: given})}: {name} is a whole number of at least 1")
    return int(given)


def _activation(text: ModelText, problems: Problems) -> Activation:
    cell = text.keys.get("activation")
    if cell is None or cell.value is None:
        return Activation()
    found = _ACTIVATION.fullmatch(str(cell.value).strip())
    chosen = _ACTIVATIONS.get(found[1]) if found else None
    if not found or chosen is None:
        known = nearest(found[1] if found else str(cell.value), _ACTIVATIONS)
        problems.add(
            f"activation is a class of torch.nn as it is called, not {shown(cell.value)}",
            cell.position,
            known or f"as torch.nn.ReLU(); known are {listed(_ACTIVATIONS)}",
        )
        return Activation()
    if chosen.operator == "leakyrelu":
        from fractions import Fraction

        try:
            return chosen._replace(values=(("slope", Fraction(found[2] or "0.01")),))
        except ValueError:
            problems.add(f"the slope of LeakyReLU is a number, not {quoted(found[2])}", cell.position)
    return chosen


def _entering(
    text: ModelText, inputs: Mapping[str, tuple[int, ...]], settings: Mapping[str, str], problems: Problems
) -> Shape:
    stated = _number(text, "ch", problems) or _number(text, "channels", problems)
    asked = _setting(settings, "ch")
    size = by_input([_INPUT], inputs).get(_INPUT)
    if size is None:
        last = next((row for row in reversed(text.rows) if row), None)
        axes = _SIZE_OF_CLASSIFIERS if _classifies(last) else _SIZE
        return Shape(axes, asked or stated or _CHANNELS)
    if len(size) != 3:
        raise UsageError(f"{option('input')}: an image has rows, columns and channels, as 640x640x3")
    if asked not in (None, size[2]):
        said = option("set", {"ch": str(asked)})
        raise UsageError(f"{option('input')} has {counted(size[2], 'channel')}, and {said} says {asked}")
    return Shape(size[:2], size[2])


def _classifies(row: Row | None) -> bool:
    return row is not None and row.module.value == "Classify"
