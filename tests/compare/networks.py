"""Networks that tests compare: from bare lines, and pairs of a random network and what edits make of it."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import reject, strategies

from rfcalc import DescriptionError, NetworkAnalysis, analyze, load, read_text
from rfcalc.analysis.comparison.attribution import Deltas, together
from rfcalc.analysis.comparison.comparison import Comparison, compare
from rfcalc.shapes import Size


def network(*lines: str, input: str = "16x16x4", blocks: str = "", head: str = "") -> NetworkAnalysis:
    """A network of these lines, analysed."""
    body = "".join(f"  - {line}\n" for line in lines)
    return analyze(read_text(f"{head}input: {input}\n{blocks}layers:\n{body}"))


def shipped(name: str, **params: object) -> NetworkAnalysis:
    """A shipped network, analysed."""
    return analyze(load(name), params=params)


def compared(left: NetworkAnalysis, right: NetworkAnalysis) -> Comparison:
    """The comparison, held to what must be true of every one."""
    comparison = compare(left, right)
    hold(comparison)
    return comparison


def hold(comparison: Comparison) -> None:
    """The invariants: layers are complete and in order, and amounts add up to the differences exactly."""
    left, right = comparison.left, comparison.right
    assert [edit.left for edit in comparison.edits if edit.left] == list(left.layers)
    assert [edit.right for edit in comparison.edits if edit.right] == list(right.layers)
    one, two = left.totals.sums, right.totals.sums
    wanted = {name: two[name] - one[name] for name in comparison.differences}
    assert wanted.keys() == {"params", "macs", "flops", "other_ops", "activations", "buffers"}
    assert comparison.differences == wanted
    assert together(edit.deltas for edit in comparison.edits) == wanted
    assert together(cause.deltas for cause in comparison.causes) == wanted
    for axis, field in enumerate(comparison.fields):
        amounts = [cause.field for cause in comparison.causes if cause.field is not None]
        if field is not None and len(amounts) == len(comparison.causes):
            assert sum(amount[axis] for amount in amounts) == field.new - field.old
    for edit in comparison.edits:
        old, new = edit.left, edit.right
        if old and new:
            assert edit.deltas["params"] == (new.params or 0) - (old.params or 0)
            assert edit.deltas["macs"] == (new.macs or 0) - (old.macs or 0)
        assert (edit.kind == "changed") == bool(edit.changes)
        # What differs has a reason, and what has none is the same.
        assert bool(edit.causes) == (edit.kind != "kept" or edit.resized or any(edit.deltas.values())), (
            f"{edit.left and edit.left.name} {edit.right and edit.right.name}"
        )


def deltas(params: Size, macs: Size, activations: Size, other_ops: Size) -> Deltas:
    """Differences of all costs where no buffers differ, the FLOPs being twice the MACs."""
    return {
        "params": params,
        "macs": macs,
        "flops": macs * 2,
        "other_ops": other_ops,
        "activations": activations,
        "buffers": 0,
    }


def rows(comparison: Comparison) -> list[tuple[str, str, str]]:
    """Each layer's kind and its names on both sides."""
    return [
        (edit.kind, edit.left.name if edit.left else "", edit.right.name if edit.right else "")
        for edit in comparison.edits
    ]


_SIMPLE = strategies.sampled_from(
    [
        *(
            f"conv f={f} p={p} s={s} d={d}"
            for f, p in ((1, 0), (3, 1), (3, 0), (5, 2))
            for s in (1, 2)
            for d in (4, 6)
        ),
        *("relu", "gelu", "bn", "dropout", "maxpool f=2 s=2", "avgpool f=3 s=1 p=1", "dwconv f=3 p=1", "lrn"),
        *("conv f=3 p=same s=2 d=4", "conv f=3 p=1 d=4 bias=no", "deconv f=2 s=2 d=4", "upsample scale=2"),
        *("pad p=1", "crop p=1", "gn groups=2", "softmax"),
    ]
)
_JOINS = strategies.sampled_from(
    [
        "{add: [[conv f=3 p=1 d=cin, relu], []]}",
        "{concat: [[conv f=1 d=4], [conv f=3 p=1 d=4, relu], [conv f=5 p=2 d=2]]}",
        "{concat: [[conv f=1x3 p=0x1 d=3], [conv f=3x1 p=1x0 d=3]]}",
        "{mul: [[], [globalavgpool, conv f=1 d=cin, sigmoid]]}",
        "{repeat: 2, do: [unit d=4], as: stage}",
        "unit d=6",
    ]
)
_LINES = strategies.lists(strategies.one_of(_SIMPLE, _SIMPLE, _JOINS), min_size=1, max_size=9)
_BLOCKS = "blocks:\n  unit(d): [conv f=3 p=1 d=d, bn, relu, {add: [[conv f=3 p=1 d=d], []]}, relu]\n"
_SIZES = strategies.sampled_from(["24x24x4", "32x32x4", "24x20x4", "24x24x6"])


class Pair(NamedTuple):
    """Two descriptions: their lines and input sizes."""

    lines: tuple[str, ...]
    edited: tuple[str, ...]
    sizes: tuple[str, str]

    def networks(self) -> tuple[NetworkAnalysis, NetworkAnalysis]:
        """Both, analysed; hypothesis is told to try others where that cannot be."""
        try:
            one, two = (
                network(*_unique(lines), input=size, blocks=_BLOCKS)
                for lines, size in zip((self.lines, self.edited), self.sizes, strict=True)
            )
        except DescriptionError:
            reject()
        return one, two


@strategies.composite
def pairs(draw: strategies.DrawFn) -> Pair:
    """A random network, and the same after some random edits of its lines and of its input."""
    lines = draw(_LINES)
    edited = list(lines)
    for _ in range(draw(strategies.integers(0, 4))):
        place = draw(strategies.integers(0, len(edited)))
        how = draw(strategies.sampled_from(["insert", "remove", "replace"]))
        if how == "insert" or place == len(edited):
            edited.insert(place, draw(strategies.one_of(_SIMPLE, _JOINS)))
        elif how == "remove":
            del edited[place]
        else:
            edited[place] = draw(_SIMPLE)
    ends = draw(
        strategies.sampled_from([("relu",), ("globalavgpool", "fc d=5"), ("fc d=5", "relu", "fc d=3")])
    )
    size = draw(_SIZES)
    other = draw(strategies.sampled_from([size, size, draw(_SIZES)]))
    return Pair((*lines, *ends), (*edited, *ends), (size, other))


def _unique(lines: tuple[str, ...]) -> list[str]:
    """The lines, with a name of its own for each repeat."""
    return [line.replace("as: stage", f"as: stage{place}") for place, line in enumerate(lines)]
