"""The sizes that are asked for of a model's inputs."""

from __future__ import annotations

import pytest

from rfcalc.errors import UsageError
from rfcalc.importers.inputs import by_input, in_order


def test_a_size_without_a_name_is_that_of_the_only_input() -> None:
    assert by_input(["x"], {"": (8, 8, 3)}) == {"x": (8, 8, 3)}
    assert by_input(["x", "mask"], {"mask": (8, 8, 3)}) == {"mask": (8, 8, 3)}
    with pytest.raises(UsageError, match="it has 2 inputs: 'x' and 'mask'; each is input={'NAME': 'SIZE'}"):
        by_input(["x", "mask"], {"": (8, 8, 3)})
    with pytest.raises(UsageError, match="it has no input 'masks'; did you mean 'mask'"):
        by_input(["x", "mask"], {"masks": (8, 8, 3)})
    with pytest.raises(UsageError, match="it has 0 inputs"):
        by_input([], {"": (8, 8, 3)})


@pytest.mark.parametrize(
    ("stated", "size", "lengths"),
    [
        ((1, 3, 9, 9), (8, 7, 3), (3, 8, 7)),
        (("N", 3, "H", "W"), (8, 7, 3), (3, 8, 7)),
        (None, (8, 7, 3), (3, 8, 7)),
        ((1, 12), (20,), (20,)),
        ((1, 12), (20, 1), (20,)),
        ((12,), (20,), (20,)),
    ],
)
def test_a_size_has_the_lengths_that_the_file_states_without_the_examples(
    stated: tuple[int | str, ...] | None, size: tuple[int, ...], lengths: tuple[int, ...]
) -> None:
    assert in_order("x", stated, size) == lengths


@pytest.mark.parametrize("size", [(3, 9, 9, 1), (9, 3), (9,)])
def test_other_lengths_are_refused_with_what_the_file_states(size: tuple[int, ...]) -> None:
    with pytest.raises(UsageError) as raised:
        in_order("x", ("N", 3, None, 9), size)
    assert str(raised.value) == (
        "the input 'x' is Nx3x?x9, examples first, which a size leaves out: "
        f"expected 3 lengths, got {len(size)}"
    )


def test_an_input_of_very_many_lengths_is_told_in_few_words() -> None:
    with pytest.raises(UsageError, match="expected 100,000 lengths, got 3") as raised:
        in_order("data", [1] * 100_001, (8, 8, 3))
    assert len(str(raised.value)) < 300
