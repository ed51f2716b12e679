"""The layers of darknet that are heads: what stands before them has to have the size that they read.

They pass it on, as they leave as many numbers; what decoding them into boxes takes is not counted.
"""

from __future__ import annotations

from rfcalc.errors import Related, mistake
from rfcalc.importers.darknet.layers import layer
from rfcalc.importers.darknet.network import LayerInputs

# What a box has beside its classes: its position and size and whether there is one; Gaussian_yolo also how
# sure it is of the former four.
_OF_A_BOX = {"yolo": 5, "Gaussian_yolo": 9}


@layer("yolo", "Gaussian_yolo")
def yolo(it: LayerInputs) -> int:
    """A grid of boxes: for each anchor of `mask` the numbers of a box and its classes."""
    whole, kind = it.layer.whole, it.layer.kind
    mask, total, classes = it.layer.lists["mask"], whole["num"], whole["classes"]
    boxes = len(mask) or total
    for one, place in zip(mask, it.layer.number_places.get("mask", ()), strict=True):
        if one >= total:
            hint = f"the anchors are 0 to {total - 1}, as many as num= says"
            raise mistake(f"mask={one} is no anchor of num={total}", place, hint, _said(it, "num"))
    _look_at_anchors(it, total)
    of_a_box = _OF_A_BOX[kind]
    what = f"{boxes} anchors" if mask else f"num={boxes}"
    _require_channels(it, boxes * (classes + of_a_box), f"{what} · (classes={classes} + {of_a_box})")
    return it.add("identity", [it.before])


@layer("region")
def region(it: LayerInputs) -> int:
    """A grid of boxes: for each anchor the numbers of a box, whether there is one, and its classes."""
    whole = it.layer.whole
    boxes, classes, coords = whole["num"], whole["classes"], whole["coords"]
    _look_at_anchors(it, boxes)
    told = f"num={boxes} · (classes={classes} + coords={coords} + 1)"
    _require_channels(it, boxes * (classes + coords + 1), told)
    return it.add("identity", [it.before])


@layer("iseg")
def iseg(it: LayerInputs) -> int:
    """Classes of each position, and numbers that tell one thing from another."""
    classes, ids = it.layer.whole["classes"], it.layer.whole["ids"]
    _require_channels(it, classes + ids, f"classes={classes} + ids={ids}")
    return it.add("identity", [it.before])


@layer("detection")
def detection(it: LayerInputs) -> int:
    """The boxes and classes of the cells of a grid, all in one vector."""
    whole, x = it.layer.whole, it.before
    side, boxes, classes, coords = whole["side"], whole["num"], whole["classes"], whole["coords"]
    wanted = side**2 * ((1 + coords) * boxes + classes)
    height, width, channels = it.size(x)
    if height * width * channels != wanted:
        told = f"side={side}² · ((1 + coords={coords}) · num={boxes} + classes={classes})"
        _refuse(it, wanted, told, height * width * channels)
    return it.add("identity", [x])


def _look_at_anchors(it: LayerInputs, total: int) -> None:
    anchors = it.layer.whole.get("anchors")
    if anchors is not None and anchors != 2 * total:
        it.remark(f"num={total} anchors have {2 * total} numbers, and here are {anchors}", "anchors")


def _require_channels(it: LayerInputs, wanted: int, told: str) -> None:
    """Refuse other channels than a grid of boxes has."""
    before = it.layers[it.number - 1] if it.number else None
    stated = (
        before.whole["filters"] if before and before.kind == "convolutional" and not before.doubtful else 0
    )
    # What a convolution leaves is known even where something before it is wrong.
    channels = stated or it.size(it.before)[2]
    if channels != wanted:
        _refuse(it, wanted, told, channels)


def _refuse(it: LayerInputs, wanted: int, told: str, has: int) -> None:
    """Raise DescriptionError at the layer before that has other filters or outputs, or at this one."""
    kind = it.layer.kind
    message = f"[{kind}] reads {wanted:,}: {told}"
    before = it.layers[it.number - 1] if it.number else None
    for option in ("filters", "output"):
        if before is not None and before.whole.get(option) == has:
            related = (Related(f"the [{kind}] that reads it, layer {it.number}", it.layer.at("classes")),)
            hint = f"write {option}={wanted}, or what makes [{kind}] read {has:,}"
            raise before.mistake(f"{option}={has}, but {message}", option, hint, related)
    raise it.mistake(f"{message}, but {has:,} enter", "classes")


def _said(it: LayerInputs, option: str) -> tuple[Related, ...]:
    return (Related(f"{option} is said here", it.layer.at(option)),) if option in it.layer.places else ()
