"""How an image can be run tile by tile: halos, steps, tiles, what they cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.analysis.fields.visible import whole_numbers
from rfcalc.analysis.liveness import peak_activations
from rfcalc.analysis.tiling.halo import Halo, halo_of
from rfcalc.analysis.tiling.plan import Planner, TilePlan, TooSmallError
from rfcalc.analysis.tiling.proof import Proof, prove
from rfcalc.analysis.tiling.translation import Obstacle, changed_by_size, translation_of
from rfcalc.errors import DescriptionError, UsageError, cut, option, quoted
from rfcalc.records import NamedTuple
from rfcalc.report.tiling.words import OBSTACLES
from rfcalc.shapes import format_sizes
from rfcalc.units import NumberFormats, format_bytes, is_digits, parse_amount

if TYPE_CHECKING:
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.graph.ir import Graph

    # Lengths along each axis, or the text of the command line: "512x512", "512".
    TileGiven = str | int | Sequence[int]
    # A number of bytes, or text: "8GiB".
    MemoryGiven = str | int
    # The network with other lengths of its inputs, by their names.
    AtLengths = Callable[[Mapping[str, Sequence[int]]], Graph]

# Unasked, tiles are shown of at least so many positions.
_SHORTEST = 64
_MOST_NAMED = 5


class TileFacts(NamedTuple):
    """What holds for tiles of any size along one axis of the image.

    step: what the beginning of a tile must be a multiple of.  least: the shortest tile, None where the image
    is too short to be tiled.  overlap: of neighbouring tiles.  halos: of each output.  left_out: for each
    output how many positions of the image it leaves out at both ends, as networks without padding do.
    """

    image: int
    step: int
    least: int | None
    overlap: int | None
    halos: tuple[Halo, ...]
    left_out: tuple[tuple[int, int], ...]


class Tiling(NamedTuple):
    """How an image can be run tile by tile.

    source: the number of the input that is the image.  facts: along each of its axes.
    chosen: the tiles that were asked for, by size or by memory; None where nothing was asked.
    largest: the largest tile that fits into the memory; None where that was not asked.
    options: tiles of several sizes, the smallest first; the last is the whole image.
    ignored: layers that see the whole image, which were left out, so that tiles are not exact.
    """

    analysis: NetworkAnalysis
    source: int
    formats: NumberFormats
    memory: int | None
    facts: tuple[TileFacts, ...]
    chosen: TilePlan | None
    largest: tuple[int, ...] | None
    options: tuple[TilePlan, ...]
    ignored: tuple[Obstacle, ...]
    proof: Proof

    @property
    def seen(self) -> tuple[tuple[int, int] | None, ...]:
        """The first and last position of a tile that its kept part sees along each axis; None for one tile.

        Empty where no tiles were asked for, or nothing was swept.
        """
        plan, boxes = self.chosen, self.proof.seen
        if plan is None or not boxes:
            return ()
        sides = [[box[axis] for box in boxes] for axis in range(len(plan.axes))]
        return tuple(
            [
                (min(low for low, _ in side), max(high for _, high in side)) if along.number > 1 else None
                for along, side in zip(plan.axes, sides, strict=True)
            ]
        )

    @property
    def proved(self) -> bool:
        """Whether the sweep found the halos, and that what is kept of a tile sees nothing but the tile."""
        if self.proof.reason:
            return False
        for number, of_output in enumerate(self.proof.halos):
            for facts, found in zip(self.facts, of_output, strict=True):
                halo = facts.halos[number]
                if halo.at_most and (found[0] > halo.before or found[1] > halo.after):
                    return False
                if not halo.at_most and found != (halo.before, halo.after):
                    return False
        lengths = self.chosen.lengths if self.chosen else ()
        return all(
            ends is None or (ends[0] >= 0 and ends[1] < length)
            for ends, length in zip(self.seen, lengths, strict=False)
        )


def tile(
    analysis: NetworkAnalysis,
    at: AtLengths,
    formats: NumberFormats,
    *,
    tile: TileGiven | None = None,
    memory: MemoryGiven | None = None,
    ignore_global: bool = False,
) -> Tiling:
    """How the image that a network was analysed for can be run tile by tile.

    tile: the size of tiles.  memory: what the parameters and the peak of activations of a tile may take.
    Without both several sizes are shown.  ignore_global: whether layers that see the whole image are left
    out.
    Raises UsageError where tiles would not give what the whole image gives, with the layers that are why, for
    sizes that no tile can have, with those next to them, and for a memory in which no tile has room.
    """
    source = _source(analysis)
    graph = analysis.graph
    if not isinstance(peak_activations(graph, analysis.batch), int):
        raise UsageError(
            f"{analysis.name} has symbols, but tiles are counted in numbers: give them with {option('set')}"
        )
    translation = translation_of(graph, source)
    _refuse(graph, translation.obstacles, ignore_global=ignore_global)
    name = graph.nodes[graph.inputs[source]].name
    planner = Planner(translation, source, analysis.batch, formats, lambda lengths: at({name: lengths}))
    halos = _halos(analysis, source, planner)
    _refuse(graph, _changing(planner), ignore_global=ignore_global)
    facts = tuple(
        [_facts(planner, axis, [each[axis] for each in halos]) for axis in range(len(planner.image))]
    )
    chosen: TilePlan | None = None
    largest: tuple[int, ...] | None = None
    options: list[TilePlan] = []
    limit = None if memory is None else _bytes(memory)
    if tile is not None:
        chosen = _of_size(planner, _lengths(tile, planner))
        if limit is not None and (chosen.memory or 0) > limit:
            needed = format_bytes(chosen.memory or 0)
            said = format_sizes(chosen.lengths)
            raise UsageError(f"a tile of {said} takes {needed}, {format_bytes(limit)} are given")
    elif limit is not None:
        largest, chosen = _fitting(planner, limit)
    else:
        options = _options(planner)
    return Tiling(
        analysis=analysis,
        source=source,
        formats=formats,
        memory=limit,
        facts=facts,
        chosen=chosen,
        largest=largest,
        options=tuple(options),
        ignored=tuple([each for each in translation.obstacles if each.kind == "global"]),
        proof=prove(translation, halos, chosen),
    )


def _source(analysis: NetworkAnalysis) -> int:
    """The number of the one input that has positions."""
    graph = analysis.graph
    sources = [number for number, node in enumerate(graph.inputs) if graph.nodes[node].facts.output.axes]
    if len(sources) != 1:
        names = ", ".join(graph.nodes[graph.inputs[number]].name for number in sources)
        raise UsageError(
            f"{analysis.name} has {len(sources)} inputs with positions ({names}); tiles are made of one"
            if sources
            else f"{analysis.name} has no input with positions that could be tiled"
        )
    try:
        for node in range(len(graph.nodes)):
            whole_numbers(graph, node)
    except ValueError as error:
        raise UsageError(f"{error}: say the size of the image in numbers with {option('image')}") from None
    return sources[0]


def _refuse(graph: Graph, obstacles: Sequence[Obstacle], *, ignore_global: bool) -> None:
    """Raise UsageError for what makes tiles impossible, or not exact."""
    kinds = dict.fromkeys(each.kind for each in obstacles if each.kind != "global" or not ignore_global)
    if not kinds:
        return
    # What can be left out stands behind what cannot.
    parts = []
    for kind in sorted(kinds, key=lambda kind: kind == "global"):
        nodes = dict.fromkeys(each.node for each in obstacles if each.kind == kind)
        named = [f"{graph.nodes[node].name} ({graph.nodes[node].op})" for node in [*nodes][:_MOST_NAMED]]
        more = f" and {len(nodes) - _MOST_NAMED} more" if len(nodes) > _MOST_NAMED else ""
        parts.append(f"{', '.join(named)}{more}: {OBSTACLES[kind]}")
    hint = ""
    if [*kinds] == ["global"]:
        hint = (
            f"\n  help: {option('ignore-global')} tells of the paths that are local; tiles then are not exact"
        )
    said = "\n  ".join(parts)
    raise UsageError(f"{graph.name} gives other outputs for tiles than for the whole image\n  {said}{hint}")


def _halos(analysis: NetworkAnalysis, source: int, planner: Planner) -> list[list[Halo]]:
    """For each output its halo along each axis of the input; raises UsageError."""
    graph, found = analysis.graph, []
    for output in graph.outputs:
        along = planner.translation.along[output] or ()
        runs = {run.axis: run for run in along if run is not None}
        node = graph.nodes[output]
        if len(runs) < len(planner.image):
            raise UsageError(
                f"{node.name} ({node.op}), an output, does not have a position for each part of the image; "
                f"{option('output')} takes an earlier layer"
            )
        try:
            found.append(
                [
                    halo_of(analysis.fields, output, source, axis, runs[axis])
                    for axis in range(len(planner.image))
                ]
            )
        except OutOfReachError as reason:
            raise UsageError(f"it is not known what {node.name} sees: {reason}") from None
    return found


def _changing(planner: Planner) -> list[Obstacle]:
    """What is another layer for a smaller image; [] where none can be built, and for an image of one tile."""
    for steps in (1, 2, 4):
        lengths = [
            image - steps * step if image - steps * step > 0 else image
            for image, step in zip(planner.image, planner.translation.step, strict=True)
        ]
        lost = [image - length for image, length in zip(planner.image, lengths, strict=True)]
        try:
            return [*changed_by_size(planner.translation, planner.graph_at(lengths), lost)]
        except DescriptionError:
            continue
    return []


def _facts(planner: Planner, axis: int, halos: Sequence[Halo]) -> TileFacts:
    image, overlap = planner.image[axis], planner.overlap(axis)
    left_out = []
    for halo, (place, run), output in zip(halos, planner.runs(axis), planner.graph.outputs, strict=True):
        units = whole_numbers(planner.graph, output)[place]
        covered = units * run.positions // run.units
        left_out.append((halo.shift, max(0, image - covered - halo.shift)))
    return TileFacts(
        image,
        planner.translation.step[axis],
        None if overlap is None else planner.least(axis),
        overlap,
        tuple(halos),
        tuple(left_out),
    )


def _of_size(planner: Planner, lengths: Sequence[int]) -> TilePlan:
    """Tiles of a size; raises UsageError where the network gives other outputs for them."""
    said = format_sizes(lengths)
    try:
        plan = planner.plan(lengths)
    except (DescriptionError, TooSmallError) as error:
        why = f": {error}" if isinstance(error, DescriptionError) else ""
        raise UsageError(f"tiles of {said} are too small for {planner.graph.name}{why}") from None
    lost = [image - length for image, length in zip(planner.image, lengths, strict=True)]
    changed = [*changed_by_size(planner.translation, plan.graph, lost)]
    _refuse(planner.graph, changed, ignore_global=False)
    return plan


def _sides(planner: Planner, most: int) -> tuple[int, ...]:
    """The longest tile of at most so many positions along each axis."""
    return tuple([planner.length(axis, most) for axis in range(len(planner.image))])


def _evened(planner: Planner, lengths: Sequence[int]) -> tuple[int, ...]:
    """The shortest tiles of which there are no more than of these."""
    return tuple(
        [planner.shortest(axis, planner.number(axis, length)) for axis, length in enumerate(lengths)]
    )


def _fitting(planner: Planner, limit: int) -> tuple[tuple[int, ...], TilePlan]:
    """The largest tile that fits into some bytes, and the smallest one of which there are no more."""
    whole = planner.memory(planner.image)
    if whole is None:
        raise UsageError(f"it is not known how many parameters {planner.graph.name} has")
    # Of halving the longest side: the peak never falls where a tile becomes longer.
    low, high = 0, max(planner.image)
    if not _has_room(planner, _sides(planner, low), limit):
        least = _sides(planner, low)
        needed = format_bytes(planner.memory(least) or 0)
        raise UsageError(
            f"no tile has room in {format_bytes(limit)}: the smallest, {format_sizes(least)}, takes {needed}"
        )
    while low < high:
        middle = (low + high + 1) // 2
        if _has_room(planner, _sides(planner, middle), limit):
            low = middle
        else:
            high = middle - 1
    largest = _sides(planner, low)
    return largest, _of_size(planner, _evened(planner, largest))


def _has_room(planner: Planner, lengths: Sequence[int], limit: int) -> bool:
    try:
        return (planner.memory(lengths) or 0) <= limit
    except DescriptionError as error:
        raise UsageError(
            f"{planner.graph.name} cannot be built for tiles of {format_sizes(lengths)}: {error}"
        ) from None


def _options(planner: Planner) -> list[TilePlan]:
    """Tiles of which there are twice as many along the longest axis each time, and the whole image."""
    found = {planner.image: planner.plan(planner.image)}
    longest = max(range(len(planner.image)), key=planner.image.__getitem__)
    # Of tiles not much longer than the overlap nearly all would be computed again and again.
    shortest = max(_SHORTEST, *[5 * (planner.overlap(axis) or 0) // 4 for axis in range(len(planner.image))])
    number = 2
    while (side := planner.shortest(longest, number)) >= shortest and number <= planner.image[longest]:
        lengths = _evened(planner, _sides(planner, side))
        with suppress(DescriptionError, TooSmallError):
            found[lengths] = planner.plan(lengths)
        number *= 2
    return [*reversed(found.values())]


def _lengths(given: TileGiven, planner: Planner) -> tuple[int, ...]:
    """The size of tiles that was asked for; raises UsageError for one that they cannot have."""
    text = (
        given if isinstance(given, str) else "x".join(map(str, [given] if isinstance(given, int) else given))
    )
    said, image = option("tile", text), planner.image
    words = [word.strip() for word in text.split("x")]
    if not all(is_digits(word) and len(word) < 19 and int(word) > 0 for word in words):
        raise UsageError(f"{said}: expected lengths joined by x, such as 512x512, or one for all axes")
    lengths = [int(word) for word in words] * (len(image) if len(words) == 1 else 1)
    if len(lengths) != len(image):
        raise UsageError(
            f"{said} has {len(lengths)} lengths, the image {format_sizes(image)} has {len(image)}"
        )
    found = []
    for axis, asked in enumerate(lengths):
        least, step = planner.least(axis), planner.translation.step[axis]
        length = min(asked, image[axis])
        if length < least:
            if least == image[axis]:
                why = "which is the image"
            elif least == (planner.overlap(axis) or 0) + step:
                why = "an overlap and one step"
            else:
                why = "since fewer cannot be padded as the image is"
            raise UsageError(f"{said}: along axis {axis} a tile has at least {least} positions, {why}")
        if below := (length - image[axis]) % step:
            near = [each for each in (length - below, length - below + step) if least <= each <= image[axis]]
            shown = " or ".join(map(str, near))
            rest = image[axis] % step
            like = f"{rest} more than a multiple of {step}" if rest else f"a multiple of {step}"
            raise UsageError(
                f"{said}: along axis {axis} the image has {image[axis]} positions, {like}, and so must a "
                f"tile, for divisions to leave the same rests: {shown}"
            )
        found.append(length)
    return tuple(found)


def _bytes(given: MemoryGiven) -> int:
    try:
        amount = parse_amount(str(given))
    except ValueError as error:
        raise UsageError(
            f"{option('memory', cut(str(given), 30))}: {error}; expected bytes, such as 8GiB"
        ) from None
    if amount < 1:
        raise UsageError(f"{option('memory', quoted(str(given)))}: expected at least one byte")
    return int(amount)
