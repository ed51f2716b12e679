"""Receptive fields of random networks, layer by layer, against enumeration in the plane.

The networks are the same in every run; `python benchmarks/random_fields.py` draws others.
"""

from __future__ import annotations

from random import Random

import pytest
from agreement import disagreements
from random_networks import random_network


@pytest.mark.parametrize("first", range(5230, 5430, 20))
def test_every_field_of_a_random_network_is_that_of_the_enumerated_elements(first: int) -> None:
    for seed in range(first, first + 20):
        text = random_network(Random(seed)).written()
        assert not disagreements(text), text
