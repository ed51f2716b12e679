"""Building is charged before it is done: whatever a few lines ask for, the limit of layers bounds it."""

from __future__ import annotations

import pytest

from rfcalc import load, read_text, shipped_names
from rfcalc.description import build_graph
from rfcalc.errors import DescriptionError, Diagnostic
from rfcalc.graph.ir import Graph
from rfcalc.graph.layers import LayerMaker, Request

HEAD = "input: 32x32x8\nlayers:\n"
LIMIT = 1000
TOO_MANY = f"the description expands past the limit of {LIMIT:,} layers"
TOO_MUCH = f"the description takes more work than the limit of {LIMIT:,} layers allows: "


def built(text: str, limit: int = LIMIT) -> Graph:
    return build_graph(read_text(text, max_layers=limit))


def refusals(text: str, limit: int = LIMIT) -> tuple[Diagnostic, ...]:
    with pytest.raises(DescriptionError) as caught:
        built(text, limit)
    return caught.value.diagnostics


def joined(item: str, count: int, by: str = ", ") -> str:
    return by.join([item] * count)


def nested(inner: str, name: str = "n", levels: int = 28) -> str:
    """An item within repeats of one turn."""
    for level in range(levels):
        inner = f"{{as: {name}{level}, repeat: 1, do: [{inner}]}}"
    return inner


CALLS = (
    "blocks:\n"
    + "".join(f"  b{level}: [b{level + 1} as {'q' * 25}]\n" for level in range(30))
    + "  b30: [relu]\n"
)
RESIDUAL = (
    "blocks:\n  unit: [{add: [[conv f=3 p=1 d=8, bn, relu, conv f=3 p=1 d=8, bn], []]}, relu]\n"
    + HEAD
    + "  - {repeat: 142, as: stage, do: [unit]}\n"
)

FITTING = {
    "layers up to the limit": HEAD + "  - {repeat: 1000, do: [relu]}\n",
    "convolutions, each of other sizes": HEAD + "  - {repeat: 1000, index: i, do: [conv f=3 p=1 d=i+1]}\n",
    "residual blocks": RESIDUAL,
    "blocks that concatenate all before them": HEAD
    + "  - conv f=3 p=1 d=8 as k\n"
    + "".join(
        f"  - {{as: b{block}, repeat: 30, do: [bn, relu, conv f=1 d=8 as k, 'concat from=b{block}.*.k']}}\n"
        for block in range(5)
    ),
    "a chain with symbols": "symbols: [C, H, W]\ninput: HxWxC\nlayers:\n"
    "  - {repeat: 150, do: [conv f=3 p=1 d=C, bn, relu]}\n",
    "deep calls": CALLS + HEAD + "  - b0\n",
    "an each of many values": HEAD + f"  - {{each: {{d: [{joined('8', 1000)}]}}, do: [relu]}}\n",
    "some polynomials": "symbols: [A, B]\ninput: 8x8xA\n"
    "layers: [conv f=1 d=(A+B+1)**9, relu, conv f=1 d=8]\n",
}


@pytest.mark.parametrize("case", FITTING)
def test_networks_such_as_people_build_fit_the_layers_they_have(case: str) -> None:
    assert len(built(FITTING[case]).layers) <= LIMIT


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_network_fits_a_limit_of_as_many_layers_as_it_has(name: str) -> None:
    layers = len(build_graph(load(name)).layers)
    assert len(build_graph(load(name, max_layers=layers)).layers) == layers


# For each kind of effort, a description with few layers that would take many seconds, or gigabytes.
COSTLY = {
    "operands of stars": (
        HEAD + "  - {repeat: 400, as: s, do: [relu as k]}\n  - {repeat: 400, do: ['add from=s.*.k']}\n",
        "operands",
    ),
    "operands named one by one": (
        HEAD + f"  - relu as k\n  - {{repeat: 99, do: ['add from={joined('k', 2000, '+')}']}}\n",
        "operands",
    ),
    "branches that are empty": (
        HEAD + f"  - {{repeat: 99, do: [{{add: [{joined('[]', 2000)}]}}]}}\n",
        "operands",
    ),
    "tensors that enter several branches": (
        HEAD + "  - {repeat: 40, do: [{tensors: [[], []]}, {tensors: [[], [], []]}]}\n",
        "operands",
    ),
    "patterns that fit little": (
        HEAD + "  - {repeat: 400, as: s, do: [relu as k]}\n"
        "  - {repeat: 500, do: ['add from=s.0.*+s.1.*+s.2.*']}\n",
        "names compared with a pattern",
    ),
    "patterns of many parts, and names of many": (
        HEAD
        + f"  - {nested('{repeat: 50, as: s, do: [relu as k]}')}\n"
        + f"  - {{repeat: 40, do: ['add from={joined('**.*', 10, '.')}.**.s.0.k']}}\n",
        "characters compared with a pattern",
    ),
    "turns of nothing": (HEAD + "  - {repeat: 10**5, do: []}\n", "100,000 turns"),
    "turns of turns of nothing": (HEAD + "  - {repeat: 900, do: [{repeat: 900, do: []}]}\n", "turns"),
    "lists of turns of nothing": (
        HEAD + f"  - {{repeat: 80, index: i, do: [{{each: {{d: [{joined('i', 400)}]}}, do: []}}]}}\n",
        "turns",
    ),
    "long names": (CALLS + HEAD + "  - {repeat: 400, do: [b0]}\n", "characters of names"),
    "many values": (
        HEAD + f"  - {{repeat: 200, do: [{{let: {{{', '.join(f'v{i}: {i}' for i in range(500))}}}}}]}}\n",
        "items",
    ),
    "many parameters": (
        f'blocks:\n  "b({", ".join(f"p{i}=1" for i in range(130))})": []\n{HEAD}'
        "  - {repeat: 900, do: [b]}\n",
        "items",
    ),
    "long expressions": (
        HEAD + f"  - {{repeat: 990, do: ['conv f=1 d={joined('cin', 64, '+')}-63*cin']}}\n",
        "characters of expressions",
    ),
    "names that are taken already": (
        "blocks:\n  b: [relu, {when: cin == 0, do: ["
        + ", ".join(f"relu as relu{i}" for i in range(1, 1000))
        + f"]}}]\n{HEAD}  - {{repeat: 400, do: [b]}}\n",
        "items",
    ),
    "very many inputs": (
        f"input: {{{', '.join(f'i{i}: 9x9x9x3' for i in range(64))}}}\nlayers:\n"
        "  - add from=i0+i1\n  - {repeat: 900, do: [relu]}\n",
        "axes of inputs seen",
    ),
    "products of polynomials": (
        "symbols: [A, B]\ninput: 8x8xA\nlayers:\n"
        "  - {repeat: 99, index: i, do: ['conv f=1 d=1+0*((A+B+1)**20)*(A+B+1)+i']}\n",
        "products of terms",
    ),
    "comparisons of polynomials": (
        "symbols: [A]\ninput: 8x8xA\nlayers:\n"
        "  - {let: {a: (A-3)**300+A*A}}\n  - {repeat: 99, do: [{when: a > 0, do: []}]}\n",
        "products of terms",
    ),
    "maxima of polynomials": (
        "symbols: [A]\ninput: 8x8xA\nlayers:\n  - {repeat: 99, do: ['conv f=1 d=max((A-3)**300+A*A,1)']}\n",
        "products of terms",
    ),
    "layers of polynomials": (
        "symbols: [A, B]\ninput: 8x8xA\nlayers: [conv f=1 d=(A+B+1)**15, {repeat: 900, do: [relu]}]\n",
        "terms of polynomials",
    ),
}


@pytest.mark.parametrize("case", COSTLY)
@pytest.mark.slow
def test_what_takes_as_long_as_very_many_layers_is_refused_with_its_number(case: str) -> None:
    text, kind = COSTLY[case]
    (refusal,) = refusals(text)
    assert refusal.message.startswith(TOO_MUCH)
    assert kind in refusal.message.removeprefix(TOO_MUCH)
    assert "load(…, max_layers=N) raises the limit" in refusal.hint


# What comes after a mistake is charged as well, though it makes nothing.
AFTER_A_MISTAKE = {
    "names that are given to nothing": HEAD
    + "  - conv f=1\n  - {repeat: 99, do: [{when: cin == 3, do: ["
    + ", ".join(f"relu as a{i}" for i in range(1000))
    + "]}]}\n",
    "references into nothing": HEAD
    + f"  - conv f=1 as bad\n  - {{repeat: 99, do: ['add from=bad{joined('.x', 2000, '')}']}}\n",
    "references that are missing": HEAD
    + "  - "
    + nested(f"{{repeat: 500, do: [relu]}}, {', '.join(f'add from=nope{i}' for i in range(99))}")
    + "\n",
    "attributes that are wrong": "symbols: [A, B, C]\ninput: 96xA\nlayers:\n"
    "  - {let: {a: (A+B+C)**8}}\n  - {repeat: 99, do: ['conv f=1 d=a groups=2']}\n",
    "calls to share with that are missing": "blocks: {b: [conv f=1 d=3, relu]}\n"
    + HEAD
    + "  - b\n  - {repeat: 9000, do: []}\n  - {repeat: 199, do: [b weights=nope]}\n",
}


@pytest.mark.parametrize("case", AFTER_A_MISTAKE)
def test_what_follows_a_mistake_is_charged_too(case: str) -> None:
    messages = [found.message for found in refusals(AFTER_A_MISTAKE[case])]
    assert len(messages) > 1
    assert any(message.startswith(TOO_MUCH) for message in messages)


def test_one_layer_more_than_the_limit_is_refused_where_it_stands() -> None:
    (refusal,) = refusals(HEAD + "  - {repeat: 1001, do: [relu]}\n")
    assert refusal.message == TOO_MANY
    assert str(refusal.position) == "<text>:3:25"


@pytest.mark.parametrize("body", ["relu", "", "{repeat: 1000000000, do: [relu]}"])
def test_a_repeat_of_very_many_turns_is_refused_whatever_it_repeats(body: str) -> None:
    (refusal,) = refusals(HEAD + f"- {{repeat: 1000000000, do: [{body}]}}\n- relu\n")
    assert refusal.message == f"{TOO_MUCH}1,000,000,000 turns"


@pytest.mark.parametrize("body", ["b1, b1", "{add: [[b1], [b1]]}", "{repeat: 2, do: [b1]}", "b1, []"])
def test_blocks_that_call_others_twice_are_refused_however_little_they_make(body: str) -> None:
    blocks = "".join(f"  b{level}: [{body.replace('b1', f'b{level + 1}')}]\n" for level in range(1, 30))
    refusals(f"blocks:\n{blocks}  b30: []\n{HEAD}  - b1\n")


def test_the_limit_can_be_raised_and_lowered() -> None:
    text = HEAD + "  - {repeat: 9, do: [relu]}\n"
    assert len(built(text, 9).layers) == 9
    assert refusals(text, 8)[0].message == "the description expands past the limit of 8 layers"
    star = COSTLY["operands of stars"][0]
    assert len(built(star, 50_000).layers) == 800
    assert refusals(text, 0)[0].message == "the description expands past the limit of 0 layers"


def test_what_is_refused_has_not_been_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    make = LayerMaker.make

    def counted(maker: LayerMaker, request: Request) -> int:
        node = make(maker, request)
        made.append(len(request.operands))
        return node

    monkeypatch.setattr(LayerMaker, "make", counted)
    refusals(COSTLY["operands of stars"][0])
    # There would be 160,400.
    assert 400 < sum(made) < 50_000
