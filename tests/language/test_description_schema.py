"""The JSON Schema of descriptions: what it lets through, what it refuses, and what editors find in it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator
from wrong_descriptions import NAMES, text_of

from rfcalc.cli.main import main
from rfcalc.library import shipped_names, shipped_text
from rfcalc.ops.registry import OPERATOR_NAMES, find_operator
from rfcalc.report.reference.description_schema import description_schema
from rfcalc.spec.body import HEADS
from rfcalc.spec.reader import KEYS, read_network

ROOT = Path(__file__).parents[2]


@cache
def validator() -> Draft7Validator:
    schema = json.loads(json.dumps(description_schema()))
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


class AsEditorsRead(yaml.SafeLoader):
    """YAML 1.2 as editors read it: `yes`, `0:1` and dates are texts there."""


AsEditorsRead.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith((":bool", ":timestamp", ":int"))]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
AsEditorsRead.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("(?:true|false)$"), list("tf"))
AsEditorsRead.add_implicit_resolver("tag:yaml.org,2002:int", re.compile("[-+]?[0-9]+$"), list("-+0123456789"))


def complaints(text: str, loader: type[yaml.SafeLoader] = AsEditorsRead) -> list[str]:
    """What an editor says of a text; raises yaml.YAMLError where it is no YAML."""
    return [error.message for error in validator().iter_errors(with_text_keys(yaml.load(text, loader)))]


def with_text_keys(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): with_text_keys(entry) for key, entry in value.items()}
    return [with_text_keys(entry) for entry in value] if isinstance(value, list) else value


def examples_of_the_guide() -> list[str]:
    """The examples of docs/language.md, bare lists as layers; mistakes that it shows are left out."""
    text = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```\n```text\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    right = [block for block, said in blocks if "error" not in said]
    assert len(right) > 20
    indented = [block if not block.startswith("-") else block.replace("\n", "\n  ") for block in right]
    return [f"layers:\n  {block}" if block.startswith("-") else block for block in indented]


# What can be read is not refused.


@pytest.mark.parametrize("name", shipped_names())
def test_nothing_is_said_of_a_shipped_network(name: str) -> None:
    assert complaints(shipped_text(name)) == []


@pytest.mark.parametrize("example", examples_of_the_guide())
def test_nothing_is_said_of_an_example_of_the_guide(example: str) -> None:
    assert complaints(example) == []


def test_nothing_is_said_where_an_older_yaml_makes_numbers_and_truths_of_words() -> None:
    for name in shipped_names():
        assert complaints(shipped_text(name), yaml.SafeLoader) == []


@pytest.mark.parametrize("folder", ["language", "cases", "models", "truth", "compare"])
def test_nothing_is_said_of_a_description_that_is_read(folder: str) -> None:
    files = sorted((ROOT / "tests" / "data" / folder).rglob("*.yaml"))
    for file in files:
        text = file.read_text(encoding="utf-8")
        if "layers:" in text:
            assert complaints(text) == [], file


@pytest.mark.parametrize("operator", OPERATOR_NAMES)
def test_nothing_is_said_of_any_spelling_of_an_attribute(operator: str) -> None:
    found = find_operator(operator)
    chosen = {name: spelling for spelling, name in found.spellings.items()}
    for spelling, name in found.spellings.items():
        written = {**chosen, name: spelling}
        arguments = " ".join(f"{each}=(1 + (2 * 3))" for each in written.values())
        line = f"{operator} {arguments} from=a.*.b+c weights=w in=8x8x3 ->8x(2 * d)x3 as a.0.b"
        assert complaints(json.dumps({"layers": [line]})) == []


@pytest.mark.parametrize(
    "item",
    [
        "conv f=3 d=((((((c))))))",
        "thing width=3 as x",
        {"repeat": 3, "do": ["relu"], "index": "i", "as": "stage"},
        {"each": {"d": [1, 2], "s": "sizes"}, "do": "relu"},
        {"when": "cin != 3", "else": {"do": ["relu"], "as": "part"}},
        {"let": {"w": 3, "flag": True}},
        {"split": {"a": 3, "b": "cin-3"}, "from": "x"},
        {"split": 2},
        {"tensors": [[], ["relu"]], "split": [1, 2], "as": "pair"},
        {"add": [None, [], "relu", {"when": "s == 1", "branch": None}, {"repeat": 2, "do": ["relu"]}]},
        {"concat": {"repeat": 4, "do": ["relu"]}, "out": "8x8x3"},
    ],
)
def test_nothing_is_said_of_what_may_stand_among_layers(item: object) -> None:
    assert complaints(json.dumps({"layers": [item]})) == []


# What is wrong in its form is refused.

# Of the mistakes on file those that can be told without building anything; of the others, that a value or a
# size is wrong, a name unknown or a key given twice, a schema knows nothing.
TOLD = frozenset(
    """
    block-named-like-operator block-signature branch-condition check-wrong each-values
    foreign-calls-of-keras foreign-calls-of-pytorch indent-item-too-deep input-commas input-list
    item-list item-nothing item-operator-as-key item-unknown-key join-branches join-from
    key-layers-empty key-layers-missing key-list-instead-of-mapping key-mapping-expected
    key-text-expected key-unknown let-wrong line-arrow line-attribute-missing
    line-call-with-parentheses line-colon-for-equals line-commas line-commas-alone
    line-foreign-attributes
    line-key-without-value line-name-in-other-ways line-parentheses line-short-attributes
    line-size-in-brackets line-spaces-around-equals line-spaces-in-expression line-spaces-in-size
    line-two-layers line-unknown-attribute line-value-without-key line-values-by-place
    line-values-of-python lookalike-equals-and-commas lookalike-letters name-list notes-wrong
    object-size-name
    outputs-wrong params-name part-without-name reference-index repeat-in-other-ways repeat-index
    repeat-keys several-mistakes split-from symbols-not-a-list when-keys yaml-colon-and-space
    yaml-comma-splits-arguments yaml-comma-splits-expression yaml-comma-splits-signature
    yaml-dash-without-space yaml-empty yaml-slice-open-end yaml-slice-open-end-in-list
    """.split()
)


def refused(name: str) -> bool:
    try:
        return bool(complaints(text_of(name)))
    except (yaml.YAMLError, RecursionError):
        # An editor says that by itself.
        return False


def test_what_a_schema_can_tell_of_the_mistakes_on_file_it_tells() -> None:
    assert {name for name in NAMES if refused(name)} == TOLD


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        (["maxpol f=3, s=2"], r"a layer is one line: OP key=value"),
        (["conv f=3 d=3 bais=no"], r"conv has f or kernel, .*bias"),
        (["conv f=3"], r"conv has .*it needs .*out_channels"),
        (["relu f=3"], r"relu has "),
        # What stands between the parentheses of two values is seen.
        (["conv f=(1+2) bais=no d=(4*2)"], r"conv has f or kernel, .*bias"),
        ([["relu"]], "is not of type 'string', 'object'"),
        ([{"repeat": 3}], "'do' is a required property"),
        ([{"repeat": 3, "do": ["relu"], "out": "8x8"}], "'out' is not one of"),
        ([{"conv": {"f": 3}}], "is not valid under any of the given schemas"),
        ([], "should be non-empty|too short"),
    ],
)
def test_what_is_said_is_about_the_place(layers: object, said: str) -> None:
    errors = list(validator().iter_errors({"layers": layers}))
    words = [str(dict(error.schema).get("patternErrorMessage") or error.message) for error in errors]
    assert len(words) == 1
    assert re.search(said, words[0])


def test_it_has_every_key_and_every_operator() -> None:
    schema = validator().schema
    assert isinstance(schema, dict)
    assert [*schema["properties"]] == [*KEYS]
    assert {*schema["definitions"]["mapping"]["properties"]} == {*HEADS} | {
        key for keys in HEADS.values() for key in keys
    }
    assert all(each["description"] for each in schema["properties"].values())
    snippets = schema["definitions"]["line"]["defaultSnippets"]
    assert [each["label"] for each in snippets] == [*OPERATOR_NAMES]
    # What is offered is what can be read.
    for each in snippets:
        filled = re.sub(r"\$[0-9]", "1", each["body"])
        assert complaints(json.dumps({"layers": [filled]})) == []


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("schema", "description")) == 0
    assert json.loads(capsys.readouterr().out) == validator().schema


def test_what_it_takes_for_a_signature_is_one() -> None:
    from rfcalc.errors import Source

    for signature in ("block", "block()", "block( d , s=max(1, (2)) )"):
        text = f"input: 8x8x3\nblocks:\n  {signature}: [relu]\nlayers: [relu]\n"
        read_network(Source("text", text))
        assert complaints(text) == []
    for signature in ("conv(d)", "in", "two words", "b(d", "3d"):
        assert complaints(f"blocks:\n  {signature}: [relu]\nlayers: [relu]\n")
