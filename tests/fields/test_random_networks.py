"""Receptive fields of random networks, layer by layer, against enumeration in the plane.

The networks are the same in every run; `python benchmarks/random_fields.py` draws others.
"""

from __future__ import annotations

import inspect
import re
from random import Random

import pytest
import random_networks
from agreement import disagreements
from random_networks import random_network
from readings import READERS

from rfcalc.ops.registry import OPERATOR_NAMES

# Operators whose fields are not compared, each with the reason.
NOT_ENUMERATED: dict[str, str] = {}


@pytest.mark.parametrize("first", range(5230, 5430, 20))
def test_every_field_of_a_random_network_is_that_of_the_enumerated_elements(first: int) -> None:
    for seed in range(first, first + 20):
        text = random_network(Random(seed)).written()
        assert not disagreements(text), text


def test_every_operator_is_enumerated_and_drawn() -> None:
    enumerated = {name for name in OPERATOR_NAMES if name not in NOT_ENUMERATED}
    assert set(READERS) == enumerated
    # Names stand in texts of lines, some of them before attributes.
    drawn = set(
        re.findall(r"[a-z]+[0-9]*", " ".join(re.findall(r'"([^"]*)"', inspect.getsource(random_networks))))
    )
    assert enumerated - drawn == set()
