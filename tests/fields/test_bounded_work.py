"""The work on the fields of a network, counted in steps: how it grows, and what is said past its bound."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import test_kinds_of_paths as kinds

from rfcalc.analysis.fields import by_channel, figures, plane, seen, sweep, taken_apart
from rfcalc.analysis.fields.axis_field import EFFORT, Effort, OutOfReachError
from rfcalc.analysis.fields.axis_state import BOUND, COLLAPSED, PER_POSITION, UNKNOWN, State
from rfcalc.analysis.fields.receptive_field import FieldAnalysis, receptive_fields
from rfcalc.analysis.fields.seen import Seen, SeenPositions
from rfcalc.description import build_graph
from rfcalc.library import analyze, read_text


def counter(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> list[None]:
    """A list that grows by one with each call of a function."""
    calls: list[None] = []
    called: Callable[..., Any] = getattr(owner, name)

    def counted(*arguments: Any, **named: Any) -> Any:
        calls.append(None)
        return called(*arguments, **named)

    monkeypatch.setattr(owner, name, counted)
    return calls


CROSS = "add: [[conv f=1x7 p=0x3 d=8], [conv f=7x1 p=3x0 d=8]]"


def behind_a_cross(turns: int, layers: str) -> SeenPositions:
    text = f"input: 32x32x3\nlayers:\n  - {CROSS}\n  - {{repeat: {turns}, do: [{layers}]}}\n"
    return SeenPositions(analyze(read_text(text)).fields)


def counted(found: SeenPositions) -> list[Seen | str]:
    """What the unit in the middle of each layer sees, or why that is not known."""
    result: list[Seen | str] = []
    for node in range(1, len(found._fields.nodes)):
        try:
            result.append(found.of(node, 0))
        except OutOfReachError as reason:
            result.append(str(reason))
    return result


def test_layers_that_pass_on_what_they_see_share_one_set_in_the_plane(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    needed = counter(monkeypatch, sweep, "_needed_by_channel")
    steps = counter(monkeypatch, plane._PlaneSweep, "step")
    found = counted(behind_a_cross(200, "relu, conv f=1 d=8"))
    assert found[2:] == [Seen(13, 49)] * 401
    assert len(needed) == 1
    assert len(steps) == 3


def test_a_layer_of_some_channels_shares_nothing() -> None:
    # Both halves have the same box, and what they see along each axis by itself is the same.
    layers = f"concat: [[{{{CROSS}}}], [{{add: [[conv f=3x7 p=1x3 d=8], [conv f=7x3 p=3x1 d=8]]}}]]"
    text = f"input: 32x32x3\nlayers:\n  - {layers}\n  - slice channels=0:8\n  - relu\n"
    found = counted(SeenPositions(analyze(read_text(text)).fields))
    assert found[-3:] == [Seen(33, 49), Seen(13, 49), Seen(13, 49)]


def test_all_sets_in_the_plane_of_a_network_have_one_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = "conv f=3 p=1 d=8"
    steps = counter(monkeypatch, plane._PlaneSweep, "step")
    exact = counted(behind_a_cross(40, layers))
    assert len(steps) > 40 * 40 / 2
    assert not any(isinstance(each, str) for each in exact)
    steps.clear()
    monkeypatch.setattr(seen, "MOST_ENTRIES", 2**24)
    bounded = counted(behind_a_cross(40, layers))
    assert len(steps) <= 2**24 / 2**15 + 1
    first = next(place for place, each in enumerate(bounded) if isinstance(each, str))
    assert first > 10
    assert bounded[:first] == exact[:first]
    assert set(bounded[first:]) == {"following it position by position takes too long"}


def on_digits(turns: int) -> str:
    """Layers behind an axis whose positions were put in another order, which look along the other."""
    order = "  - reshape to=64x20x2\n  - permute order=0x2x1\n  - reshape to=64x40x1\n"
    return f"input: 64x40x1\nlayers:\n{order}  - {{repeat: {turns}, do: [conv f=3x1 p=1x0 d=1]}}\n"


def test_what_many_layers_see_along_an_axis_is_brought_on_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = counter(monkeypatch, taken_apart, "on_one_axis")
    shown = counter(monkeypatch, figures, "axis_field")
    for turns in (10, 20):
        moved.clear()
        shown.clear()
        fields = analyze(read_text(on_digits(turns))).fields
        last = fields.nodes[len(fields.nodes) - 1].inputs[0]
        for place in range(len(fields.nodes)):
            assert fields.nodes[place].inputs[0]
        assert last is not None
        assert (last[0].size, last[1].phases, last[1].status) == ((2 * turns + 1,) * 2, 20, "exact")
        assert len(moved) <= 2
        assert len(shown) <= turns + 8


def interleaved(turns: int, channels: int) -> str:
    """Channels of two kinds that take turns, some of which are taken in the end."""
    return (
        f"input: 16x16x{channels}\nlayers:\n  - concat: [[dwconv f=1], [dwconv f=3 p=1]]\n"
        "  - channelshuffle g=2\n"
        f"  - {{repeat: {turns}, do: [dwconv f=3 p=1, {{add: [[], [dwconv f=3 p=1]]}}]}}\n"
        "  - slice channels=1:2\n"
    )


def spent(text: str) -> int:
    """The effort that the sweep over a network takes."""
    run = sweep.Sweep(graph := build_graph(read_text(text)))
    for index in range(len(graph.nodes)):
        run.step(index)
    return EFFORT - run.effort.remaining


def test_channels_are_followed_once_per_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = counter(monkeypatch, by_channel, "carried")
    found = {}
    for turns, channels in ((20, 32), (20, 512), (40, 512)):
        moved.clear()
        (axis, _) = analyze(read_text(interleaved(turns, channels))).fields.nodes[-1].inputs[0] or ()
        assert (axis.size, axis.status) == ((4 * turns + 3,) * 2, "exact")
        found[turns, channels] = len(moved)
    assert found[20, 32] == found[20, 512]
    assert found[40, 512] <= 2 * found[20, 512]
    # Of 1,024 runs a layer costs far less than a step each.
    assert spent(interleaved(40, 512)) - spent(interleaved(20, 512)) < 60 * 512


def test_past_the_effort_channels_are_a_bound_and_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "Effort", lambda: Effort(10_000))
    fields = analyze(read_text(interleaved(200, 512))).fields
    (axis, _) = fields.nodes[-1].inputs[0] or ()
    assert (axis.size, axis.status) == ((803, 803), "bound")
    assert "following its channels takes too long" in fields.diagnostics[0].message


RESTARTED = (
    "6x8x1 | upsample scale=1x2 | conv f=1x3 p=0x1 d=1 | reshape to=6x4x4 | permute order=0x2x1 "
    "| reshape to=6x16x1 | conv f=3x1 p=1x0 d=1",
    "24x1 | upsample scale=2 | conv f=4 p=1:2 d=1 | reshape to=12x4 | slice channels=0:2 | reshape to=24x1",
    "24x1 | upsample scale=3 | conv f=2 p=0:1 d=1 | reshape to=24x3 | slice channels=1:3 | reshape to=48x1",
)


def told(state: State | None, unit: int) -> tuple[int, int] | None:
    """The first and the last position that a state tells of a unit."""
    assert state is not None
    found = state.field and state.field.at(unit)
    return None if found is None else found[:2]


def wrong(full: FieldAnalysis, limited: FieldAnalysis) -> Iterator[str]:
    """What an analysis of little effort says that is neither what another one says, nor holds it."""
    for index, node in enumerate(full.graph.nodes):
        for slot, exact, found in zip(full.slots, full.states[index], limited.states[index], strict=True):
            if exact is None or found is None or (exact.remarks | found.remarks) & UNKNOWN:
                if not (found and found.remarks & UNKNOWN):
                    yield from [f"{node.name}: {found} is no {exact}"] if exact != found else ()
                continue
            if found.remarks & BOUND and exact.field is None:
                continue
            if (exact.axis, exact.digits) != (found.axis, found.digits):
                yield f"{node.name}: {found} does not run as {exact} does"
                continue
            axis = exact.axis if exact.axis is not None and not exact.remarks & COLLAPSED else None
            units = range(-3, node.facts.output.axes[axis] + 3 if axis is not None else 1)
            if exact.remarks & PER_POSITION:
                units = units[3:-3]
            for unit in units:
                ends, around = told(exact, unit), told(found, unit)
                if ends == around or (ends is None and found.remarks & BOUND):
                    continue
                if not (found.remarks & BOUND and around and around[0] <= ends[0] and ends[1] <= around[1]):
                    yield f"{node.name}: unit {unit} sees {ends}, not {around}, of {slot}"


def miscounted(full: FieldAnalysis, limited: FieldAnalysis) -> Iterator[str]:
    """What an analysis of little effort counts in the plane that another one does not."""
    seen_by_all, seen_by_few = SeenPositions(full), SeenPositions(limited)
    for index, field in enumerate(full.nodes):
        for source, axes in enumerate(field.inputs):
            if axes is not None:
                with suppress(OutOfReachError):
                    few = seen_by_few.of(index, source)
                    if few != (all_of_them := seen_by_all.of(index, source)):
                        yield f"{full.graph.nodes[index].name}: {few} are seen, not {all_of_them}"


@pytest.mark.parametrize("effort", [0, 8, 64, 512])
@pytest.mark.parametrize(
    "network", [*RESTARTED, *kinds.DIGITS, *kinds.SLICES_OF_CHANNELS, *kinds.CHANNELS_AND_POSITIONS]
)
def test_past_the_effort_nothing_that_is_said_is_wrong(
    monkeypatch: pytest.MonkeyPatch, network: str, effort: int
) -> None:
    graph = build_graph(read_text(kinds.written(network)))
    full = receptive_fields(graph)
    monkeypatch.setattr(sweep, "Effort", lambda: Effort(effort))
    limited = receptive_fields(graph)
    assert not [*wrong(full, limited), *miscounted(full, limited)]


def test_past_the_effort_an_index_along_one_axis_is_a_bound_and_says_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = build_graph(read_text(on_digits(5)))
    monkeypatch.setattr(sweep, "Effort", lambda: Effort(8))
    fields = receptive_fields(graph)
    axes = fields.nodes[-1].inputs[0] or ()
    assert [axis.status for axis in axes] == ["exact", "bound"]
    assert axes[1].size == (40, 40)
    (told_of,) = fields.diagnostics
    assert "its period is too long to follow every phase" in told_of.message
