"""Receptive fields of random networks, layer by layer, against enumeration in the plane."""

from __future__ import annotations

from agreement import disagreements
from hypothesis import given, settings
from random_networks import networks


@settings(max_examples=300)
@given(networks())
def test_every_field_of_a_random_network_is_that_of_the_enumerated_elements(text: str) -> None:
    assert not disagreements(text), text
