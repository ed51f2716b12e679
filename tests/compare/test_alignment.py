"""Which layers correspond: by what they do and where, not row by row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import compared, network, rows, shipped

from rfcalc.analysis.comparison import alignment, sequences
from rfcalc.analysis.comparison.alignment import align
from rfcalc.analysis.comparison.sequences import IndexPair, equal_runs
from rfcalc.analysis.comparison.structure import Forms, LayerToken


def kinds(*pairs: tuple[str, ...]) -> list[str]:
    return [kind for kind, *_ in pairs]


def test_the_names_of_layers_alone_make_no_difference() -> None:
    one = network("conv f=3 d=8 as first", "relu", "conv f=3 d=8 as second")
    two = network("conv f=3 d=8", "relu as active", "conv f=3 d=8")
    comparison = compared(one, two)
    assert comparison.equal
    assert rows(comparison) == [
        ("kept", "first", "conv1"),
        ("kept", "relu1", "active"),
        ("kept", "second", "conv2"),
    ]


def test_a_layer_that_works_on_another_size_is_no_other_layer() -> None:
    comparison = compared(
        network("conv f=3 p=1 s=1 d=8", "relu", "conv f=1 d=4"),
        network("conv f=3 p=1 s=2 d=8", "relu", "conv f=1 d=4"),
    )
    assert [edit.kind for edit in comparison.edits] == ["changed", "kept", "kept"]
    assert [edit.resized for edit in comparison.edits] == [False, True, True]


def test_an_inserted_layer_moves_the_others_along() -> None:
    lines = ["conv f=3 p=1 d=8", "relu", "conv f=3 p=1 d=4", "relu", "maxpool f=2 s=2"]
    comparison = compared(network(*lines), network("conv f=7 p=3 d=4", "bn", *lines))
    # The first convolution reads 4 channels in both, so nothing that was there differs.
    assert [row for row in rows(comparison) if row[0] != "kept"] == [
        ("inserted", "", "conv1"),
        ("inserted", "", "bn1"),
    ]
    assert ("kept", "conv2", "conv3") in rows(comparison)


def test_of_equal_layers_those_at_the_same_resolution_correspond() -> None:
    conv = "conv f=3 p=1 d=4"
    one = network(conv, conv, "maxpool f=2 s=2", conv, "maxpool f=2 s=2", conv)
    two = network("maxpool f=2 s=2", conv, "maxpool f=2 s=2", conv)
    assert [row for row in rows(compared(one, two)) if row[0] != "kept"] == [
        ("removed", "conv1", ""),
        ("removed", "conv2", ""),
    ]


def test_a_layer_that_stands_elsewhere_leaves_the_others_in_place() -> None:
    stage = ["conv f=3 p=1 d=8", "relu"]
    one = network(*stage, *stage, "maxpool f=2 s=2", *stage)
    two = network(*stage, "maxpool f=2 s=2", *stage, *stage)
    comparison = compared(one, two)
    assert [row for row in rows(comparison) if row[0] != "kept"] == [
        ("inserted", "", "maxpool1"),
        ("removed", "maxpool1", ""),
    ]
    # The second stage now works on half the size.
    assert [edit.left.name for edit in comparison.edits if edit.resized and edit.left] == ["conv2", "relu2"]


def test_whole_blocks_are_inserted_not_halves_of_two() -> None:
    comparison = compared(shipped("plain20"), shipped("plain56"))
    scopes = [cause.scopes for cause in comparison.causes]
    assert scopes == [tuple(f"layer{stage}.{turn}" for turn in range(3, 9)) for stage in (1, 2, 3)]
    assert {edit.kind for edit in comparison.edits} == {"kept", "inserted"}


def test_what_belongs_to_layers_without_counterpart_has_none_either() -> None:
    """An activation behind a layer that is gone is not that behind another layer at another resolution."""
    comparison = compared(
        network("conv f=3 p=1 d=8", "relu", "maxpool f=2 s=2", "fc d=3"),
        network("dwconv f=5 s=4 p=2", "relu", "fc d=3"),
    )
    assert ("removed", "relu1", "") in rows(comparison)
    assert ("inserted", "", "relu1") in rows(comparison)


def test_one_function_replaces_another_that_does_the_same_job() -> None:
    comparison = compared(
        network("conv f=3 d=8", "relu", "maxpool f=2 s=2"),
        network("conv f=3 d=8", "gelu", "avgpool f=2 s=2"),
    )
    assert [[change.attribute for change in edit.changes] for edit in comparison.edits] == [
        [],
        ["operator"],
        ["operator"],
    ]


def test_a_normalisation_does_not_replace_an_activation() -> None:
    comparison = compared(network("conv f=3 d=8", "relu"), network("conv f=3 d=8", "bn"))
    assert kinds(*rows(comparison)) == ["kept", "removed", "inserted"]


def test_layers_that_have_hardly_an_attribute_in_common_do_not_correspond() -> None:
    comparison = compared(network("conv f=3 p=1 d=8 as mine"), network("conv f=1 d=9 s=2 bias=no as another"))
    assert kinds(*rows(comparison)) == ["removed", "inserted"]


def test_inputs_of_another_size_do_not_hide_what_corresponds() -> None:
    comparison = compared(
        network("conv f=3 p=1 d=8", "relu", "conv f=3 p=1 s=2 d=8", "relu", input="16x16x4"),
        network("conv f=3 p=1 d=8", "relu", "conv f=3 p=1 s=2 d=8", "relu", input="64x48x4"),
    )
    assert [edit.kind for edit in comparison.edits] == ["kept"] * 4
    assert [cause.kind for cause in comparison.causes] == ["input"]


def tokens(*words: str) -> list[LayerToken]:
    """Tokens of a network with one unnamed layer for each word."""
    lines = {"a": "conv f=3 p=1 d=4", "b": "conv f=1 d=4", "c": "bn", "d": "relu", "e": "conv f=5 p=2 d=4"}
    return list(_FORMS.tokens(network(*(lines[word] for word in words))))


_FORMS = Forms(relative=False)
_WORDS = st.lists(st.sampled_from("abcde"), min_size=1, max_size=7)


@settings(deadline=None, max_examples=150)
@given(_WORDS, _WORDS)
def test_no_alignment_has_a_higher_sum_of_similarities(left: list[str], right: list[str]) -> None:
    """Against all alignments, one by one."""
    one, two = tokens(*left), tokens(*right)
    assert value(one, two, align(one, two).pairs) == max(
        value(one, two, pairs) for pairs in every_alignment(len(one), len(two))
    )


@settings(max_examples=300)
@given(st.data())
def test_pairs_that_follow_each_other_count_more(data: st.DataObject) -> None:
    """With any similarities, against all alignments."""
    height, width = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 5))
    row = st.lists(st.sampled_from([0, 1, 3, 5, 8]), min_size=width, max_size=width)
    scores = data.draw(st.lists(row, min_size=height, max_size=height))
    aligner = alignment._Aligner([], [])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aligner, "_scores", lambda *_: iter(scores))
        found = list(aligner._aligned(0, height, 0, width))

    def worth(pairs: Iterable[IndexPair]) -> int:
        total, before = 0, False
        for mine, theirs in pairs:
            paired = mine is not None and theirs is not None
            if mine is not None and theirs is not None:
                if not scores[mine][theirs]:
                    return -1
                total += scores[mine][theirs] + sequences.IN_SEQUENCE * before
            before = paired
        return total

    assert worth(found) == max(map(worth, every_alignment(height, width)))


def value(one: list[LayerToken], two: list[LayerToken], pairs: Iterable[IndexPair]) -> int:
    aligner = alignment._Aligner(one, two)
    total = 0
    before = False
    for mine, theirs in pairs:
        if mine is None or theirs is None:
            before = False
            continue
        score = aligner._score(one[mine], two[theirs], one[mine].name == two[theirs].name)
        if not score:
            return -1
        total += score + sequences.IN_SEQUENCE * before
        before = True
    return total


def every_alignment(height: int, width: int) -> list[list[IndexPair]]:
    """All ways to pair some of the layers in order; layers left alone stand before the next pair."""
    found: list[list[IndexPair]] = []

    def grow(pairs: list[tuple[int, int]], top: int, first: int) -> None:
        found.append(filled(pairs, height, width))
        for row in range(top, height):
            for column in range(first, width):
                grow([*pairs, (row, column)], row + 1, column + 1)

    grow([], 0, 0)
    return found


def filled(pairs: list[tuple[int, int]], height: int, width: int) -> list[IndexPair]:
    result: list[IndexPair] = []
    for (row, column), (top, first) in pairwise([(-1, -1), *pairs, (height, width)]):
        result += [(index, None) for index in range(row + 1, top)]
        result += [(None, index) for index in range(column + 1, first)]
        if top < height:
            result.append((top, first))
    return result


@settings(deadline=None, max_examples=200)
@given(st.text("abc", max_size=14), st.text("abc", max_size=14))
def test_runs_of_equal_layers_are_those_of_a_shortest_edit_script(left: str, right: str) -> None:
    """Against the longest common subsequence, found by the textbook's recurrence."""
    runs = equal_runs(left, right)
    assert runs is not None
    assert sum(length for _, _, length in runs) == longest_common(left, right)
    for one, two, length in runs:
        assert left[one : one + length] == right[two : two + length]
    assert all(a + n <= b and c + n <= d for (a, c, n), (b, d, _) in pairwise(runs))


def longest_common(left: str, right: str) -> int:
    lengths = [0] * (len(right) + 1)
    for one in left:
        before = 0
        for place, two in enumerate(right, 1):
            before, lengths[place] = (
                lengths[place],
                before + 1 if one == two else max(lengths[place], lengths[place - 1]),
            )
    return lengths[-1]


def long_chain(count: int, *edits: tuple[int, str]) -> list[str]:
    lines = ["relu" if place % 2 else f"conv f=3 p=1 d={8 if place % 14 else 6}" for place in range(count)]
    for place, line in edits:
        lines[place] = line
    return lines


def test_long_networks_are_aligned_without_a_table_of_all_their_layers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cells = []

    def counted(scores: Iterable[Sequence[int]], width: int) -> list[bytearray]:
        rows = list(scores)
        cells.append(len(rows) * width)
        return choices(rows, width)

    choices = sequences._choices
    monkeypatch.setattr(sequences, "_choices", counted)
    for count in (1_000, 4_000):
        # All but the first are unnamed, so what is inserted before them renames them all.
        one = network(*long_chain(count))
        two = network("conv f=5 p=2 d=4", *long_chain(count, (count // 2, "conv f=1 d=8")))
        forms = Forms(relative=False)
        found = align(forms.tokens(one), forms.tokens(two))
        assert not found.unaligned
        assert sum(mine is None for mine, _ in found.pairs) == 1
    assert sum(cells) < 1_000


def test_networks_too_different_to_align_are_compared_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "LARGEST_TABLE", 50)
    monkeypatch.setattr(alignment, "MOST_CELLS", 100)
    monkeypatch.setattr("rfcalc.analysis.comparison.sequences.MOST_DIFFERENCES", 5)
    comparison = compared(
        network(*(f"conv f=3 p=1 d={place + 2} as a{place}" for place in range(40))),
        network(*(f"conv f=1 d={place + 50} as b{place}" for place in range(40))),
    )
    assert comparison.unaligned == 80
    assert kinds(*rows(comparison)) == ["removed"] * 40 + ["inserted"] * 40
