"""JSON with positions, against the standard library's reader."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfcalc.errors import DescriptionError, Source
from rfcalc.importers.json_text import DEEPEST_NESTING, JsonValue, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def plain(value: JsonValue) -> object:
    if isinstance(value.held, tuple):
        return [plain(one) for one in value.held]
    if isinstance(value.held, dict):
        return {key: plain(one) for key, one in value.held.items()}
    return value.held


def parts(value: JsonValue) -> list[JsonValue]:
    return [value, *[part for one in (*value.items, *value.members.values()) for part in parts(one)]]


@given(VALUES, st.sampled_from([None, 0, 2]), st.booleans())
def test_every_value_is_read_as_the_standard_library_does_and_knows_its_place(
    value: object, indent: int | None, ascii_alone: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_alone)
    found = read_json(Source("", text))
    assert plain(found) == json.loads(text) == value
    for part in parts(found):
        assert json.loads(text[part.start : part.end]) == plain(part)
    for part in parts(found):
        assert {json.loads(text[slice(*one.key)]): one for one in part.members.values()} == part.members


@given(st.text(st.sampled_from("[]{}\",:\\ \n1e.-+tnu'/#"), max_size=30))
def test_what_the_standard_library_refuses_is_refused_and_nothing_else(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(DescriptionError):
            read_json(Source("", text))
        return
    try:
        found = read_json(Source("", text))
    except DescriptionError as error:
        assert "stands twice" in str(error)
    else:
        assert plain(found) == expected


def test_numbers_that_programs_in_python_write_are_read() -> None:
    items = read_json(Source("", "[NaN, Infinity, -Infinity, 1e400, 1e-05, -0]")).items
    assert isinstance(items[0].held, float) and math.isnan(items[0].held)
    assert [one.held for one in items[1:]] == [math.inf, -math.inf, math.inf, 1e-05, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x.json:1:1: error: no JSON: it is empty"),
        ('{"a": [1, 2', "x.json:1:11: error: the text ends here, in the midst of it"),
        ('{"a": 1,}', "x.json:1:8: error: a comma before this '}'"),
        ("[1 2]", "x.json:1:2: error: expected a comma behind this value"),
        ('{"a": [1}', "x.json:1:9: error: expected ']', not '}'"),
        ("{'a': 1}", "x.json:1:2: error: expected a key"),
        ('{"a" 1}', "x.json:1:6: error: expected a colon behind the key 'a'"),
        ('{"a": True}', "JSON writes true"),
        ("[1, // two\n2]", "JSON has no comments"),
        ('["a\nb"]', "x.json:1:4: error: an end of line or another control character within quotes"),
        ('["a', "x.json:1:2: error: this text in quotes does not end"),
        ('["\\q"]', "x.json:1:3: error: an escape that JSON does not have"),
        ('["a\\', "x.json:1:4: error: an escape that JSON does not have"),
        ("[01]", "x.json:1:2: error: expected a value"),
        ("[" + "1" * 5000 + "]", "a number of more than 400 characters"),
        ("1 2", "x.json:1:3: error: the text goes on behind its end"),
        ('{"a": 1,\n "a": 2}', "x.json:2:2: error: the key 'a' stands twice in this object"),
        ("[" * (DEEPEST_NESTING + 1), f"nest more than {DEEPEST_NESTING} deep"),
    ],
)
def test_a_mistake_is_told_where_it_stands(text: str, message: str) -> None:
    with pytest.raises(DescriptionError) as refused:
        read_json(Source("x.json", text))
    assert message in str(refused.value)


def test_a_large_text_takes_time_in_proportion() -> None:
    text = json.dumps([[[]] * 3, {"a": {}}] * 50_000)
    assert len(read_json(Source("", text)).items) == 100_000
