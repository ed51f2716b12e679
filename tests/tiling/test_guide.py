"""The recipe of docs/tile.md, run as it stands there, gives the output of the whole image."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rfcalc.library import read_expression

Array = NDArray[Any]
GUIDE = (Path(__file__).parents[2] / "docs" / "tile.md").read_text("utf-8")


def recipe() -> Any:
    (code,) = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    return names["run_in_tiles"]


def network(image: Array) -> Array:
    """A 5x5 sum, the maximum over 2x2, and another 3x3 sum of weights, by NumPy; zeros around each."""

    def summed(x: Array, size: int) -> Array:
        padded = np.pad(x, ((size // 2, size // 2), (size // 2, size // 2), (0, 0)))
        rows, columns = x.shape[:2]
        places = [(row, column) for row in range(size) for column in range(size)]
        return sum(
            (1 + row + 2 * column) * padded[row : row + rows, column : column + columns]
            for row, column in places
        ) % np.array(1009)

    x = summed(image, 5)
    rows, columns = x.shape[0] // 2 * 2, x.shape[1] // 2 * 2
    x = x[:rows, :columns].reshape(rows // 2, 2, columns // 2, 2, -1).max((1, 3))
    return summed(x, 3)


@pytest.mark.parametrize("size", [(90, 77), (64, 64), (33, 120)])
def test_the_recipe_of_the_guide(size: tuple[int, int]) -> None:
    image = np.random.default_rng(1).integers(0, 100, (*size, 1))
    calls: list[tuple[int, ...]] = []

    def run(part: Array) -> Array:
        calls.append(part.shape)
        return network(part)

    description = read_expression("conv f=5 p=2 d=1 bias=no; maxpool f=2 s=2; conv f=3 p=1 d=1 bias=no")
    found = recipe()(run, image, description, 7000)
    assert len(calls) > 3
    assert len(set(calls)) == 1
    assert np.array_equal(found, network(image))
