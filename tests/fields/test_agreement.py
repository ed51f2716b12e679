"""The comparison of the engine with the enumeration: silent where both agree, not where a figure is off."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import agreement
import pytest
from agreement import View, disagreements

from rfcalc.analysis.fields.plane import PositionSet, support

STRIDED = """input: 12x10x2
layers:
  - conv f=3x5 s=2 p=1 r=1x2 d=2
  - upsample scale=2 mode=bilinear
  - deconv f=2 s=3 d=2
"""
GATED = """input: 9x8x4
layers:
  - mul: [[conv f=3 p=1 d=4 as a], [globalavgpool, conv f=1 d=4]]
  - conv f=3 p=1 d=2
"""
RATES = """input: 12x4
layers:
  - add: [[conv f=3 d=4], [upsample size=10]]
  - conv f=3 p=1 d=2
"""
WHOLE = """input: 6x7x3
layers:
  - fc d=4
"""


@pytest.mark.parametrize("text", [STRIDED, GATED, RATES, WHOLE])
def test_where_both_agree_nothing_is_said(text: str) -> None:
    assert not disagreements(text)


def shifted(view: View) -> View:
    return view._replace(offsets=tuple(None if low is None else low + 1 for low in view.offsets))


def longer(view: View) -> View:
    return view._replace(sizes=tuple(size + 1 for size in view.sizes))


def faster(view: View) -> View:
    return view._replace(stride=view.stride and view.stride + Fraction(1, len(view.offsets)))


def holed(view: View) -> View:
    return view._replace(holes=view.holes and (view.holes[0], view.holes[1] + 1))


def global_path(view: View) -> View:
    return view._replace(global_path="main" if view.global_path == "none" else "none")


def nothing(view: View) -> View:
    return View("nothing")


def too_narrow(view: View) -> View:
    return view._replace(status="bound", sizes=tuple(max(0, size - 1) for size in view.sizes))


@pytest.mark.parametrize("text", [STRIDED, GATED, RATES, WHOLE])
@pytest.mark.parametrize("off", [shifted, longer, global_path, nothing, too_narrow])
def test_a_figure_that_is_off_is_told(
    text: str, off: Callable[[View], View], monkeypatch: pytest.MonkeyPatch
) -> None:
    _put_off(off, monkeypatch)
    assert disagreements(text)


@pytest.mark.parametrize("off", [faster, holed])
def test_a_period_or_number_of_holes_that_is_off_is_told(
    off: Callable[[View], View], monkeypatch: pytest.MonkeyPatch
) -> None:
    _put_off(off, monkeypatch)
    assert disagreements(STRIDED)


def test_a_bound_may_be_too_wide_and_what_is_unknown_is_no_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _put_off(lambda view: longer(view)._replace(status="bound"), monkeypatch)
    assert not disagreements(STRIDED)
    _put_off(lambda view: View("unknown"), monkeypatch)
    assert not disagreements(STRIDED)


def test_the_side_of_a_global_path_is_compared_where_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for said, silent in (("side", True), ("main", False)):

        def told(view: View, said: str = said) -> View:
            return view if view.global_path == "none" else view._replace(global_path=said)

        with monkeypatch.context() as patch:
            _put_off(told, patch)
            assert (not disagreements(GATED)) is silent


def test_a_set_in_the_plane_that_is_off_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def other(*given: object, **options: object) -> PositionSet:
        found = support(*given, **options)
        return found._replace(origin=tuple(low + 1 for low in found.origin))

    monkeypatch.setattr(agreement, "support", other)
    assert disagreements(STRIDED)


def _put_off(off: Callable[[View], View], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the engine say something else of every layer but the input."""
    true = agreement.engine_view

    def view(analysis: object, node: int, source: int, axis: int) -> View:
        found = true(analysis, node, source, axis)
        return off(found) if node else found

    monkeypatch.setattr(agreement, "engine_view", view)
