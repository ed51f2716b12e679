"""Sets of positions as ends and masks, against Python's own sets."""

from __future__ import annotations

from effort import lines_run
from hypothesis import given
from hypothesis import strategies as st

from rfcalc.analysis.fields.supports import UNKNOWN_HOLES, Support, progression, union


def support(members: set[int]) -> Support:
    low, high = min(members), max(members)
    mask = sum(1 << member - low for member in members)
    return Support(low, high, None if len(members) == high - low + 1 else mask)


sets = st.sets(st.integers(-20, 20), min_size=1, max_size=12)


@given(sets)
def test_a_support_lists_the_positions_it_was_made_of(members: set[int]) -> None:
    made = support(members)
    assert list(made.positions()) == sorted(members)
    assert made.span - (made.holes or 0) == len(members)


@given(sets, st.integers(0, 30), st.integers(1, 40))
def test_a_progression_is_the_union_of_its_copies(members: set[int], step: int, count: int) -> None:
    expected = {member + copy * step for member in members for copy in range(count)}
    assert progression(support(members), step, count) == support(expected)


@given(st.lists(st.none() | sets, max_size=4))
def test_a_union_holds_the_members_of_all(parts: list[set[int] | None]) -> None:
    expected = set().union(*(part for part in parts if part))
    made = union([support(part) if part else None for part in parts])
    assert made == (support(expected) if expected else None)


@given(st.lists(sets, min_size=1, max_size=3), st.integers(0, 12))
def test_past_the_longest_mask_the_ends_stay_exact(parts: list[set[int]], bits: int) -> None:
    expected = support(set().union(*parts))
    made = union([support(part) for part in parts], bits)
    assert made is not None
    assert made[:2] == expected[:2]
    assert made.holes in (expected.holes, None)


def test_a_filled_hole_leaves_an_interval_without_a_mask() -> None:
    assert progression(Support(0, 2, 0b101), 1, 2) == Support(0, 3)
    assert union([Support(0, 2, 0b101), Support(1, 1)]) == Support(0, 2)
    assert union([Support(0, 4), Support(5, 9)]) == Support(0, 9)


def test_an_interval_covers_a_support_whose_holes_are_unknown() -> None:
    assert union([Support(0, 9, UNKNOWN_HOLES), Support(0, 9)]) == Support(0, 9)
    assert union([Support(0, 9, UNKNOWN_HOLES), Support(0, 8)]) == Support(0, 9, UNKNOWN_HOLES)


def test_unknown_holes_are_listed_as_everything_between_the_ends() -> None:
    assert list(Support(3, 6, UNKNOWN_HOLES).positions()) == [3, 4, 5, 6]
    assert Support(3, 6, UNKNOWN_HOLES).holes is None


def test_a_billion_copies_take_no_longer_than_a_few() -> None:
    def copies(step: int, count: int) -> Support:
        return lines_run(lambda: progression(Support(0, 0), step, count), limit=1_000)[0]

    assert copies(1, 10**9) == Support(0, 10**9 - 1)
    assert copies(2, 10**9) == Support(0, 2 * (10**9 - 1), UNKNOWN_HOLES)
    assert copies(2, 500_000).holes == 499_999
