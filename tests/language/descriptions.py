"""Descriptions of every shape the language has, made at random: right in form, mostly wrong in meaning."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from rfcalc.ops.registry import OPERATOR_NAMES, find_operator

NAMES = (
    "a",
    "b",
    "C",
    "H",
    "x",
    "xs",
    "kx",
    "HxW",
    "maxwidth",
    "x3",
    "E",
    "k",
    "a5T",
    "h2",
    "cin",
    "cin_block",
)
NUMBERS = (
    *(
        "0",
        "1",
        "2",
        "3",
        "16",
        "0.5",
        "0.75",
        "1e-4",
        "1e3",
        "2.50",
        "5M",
        "4K",
        "8MiB",
        "1e-40",
        "1e40",
        "9e40",
    ),
    *("0.000001", "123456789012345678901234567890123456789T", "12345678901234567890123456789012345TiB"),
    *("0.1234567890123456789012345678901234567", "3.001e-40", "1e-3M"),
)
OPERATORS = ("+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=")
LAYERS = (
    *("one", "two", "up1", "stage.0.skip", "input", "x", "as", "input.0", "b.(j)"),
    *("stage.(i-1).skip", "stage.( i - 1 ).(j)", "s.(i if i >0 else w.(i)).x"),
)
SOUND = (
    *(
        "conv f=3 p=1 d=8",
        "conv f=1 d=cin",
        "conv f=3 p=same s=2 d=2*cin as c",
        "relu",
        "relu as one",
        "bn",
        "fc d=10",
    ),
    *(
        "maxpool f=2 s=2",
        "globalavgpool",
        "flatten",
        "softmaxloss",
        "add from=input",
        "concat from=one",
        "unit d=4",
    ),
    *(
        "upsample scale=2",
        "slice channels=0:1",
        "crop like=one",
        "identity from=one",
        "dropout rate=1/2",
        "head f=3",
    ),
)
BLOCKS = ("unit", "head", "xblock")

names = st.sampled_from(NAMES)
numbers = st.sampled_from(NUMBERS) | st.integers(0, 10**12).map(str)
layer_names = st.sampled_from(LAYERS)
new_names = st.sampled_from(("one", "two", "up1", "T", "x", "as", "_0", "a.0.b", "up1.x"))


def _larger(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    space = st.sampled_from(("", " "))
    return st.one_of(
        st.tuples(part, space, st.sampled_from(OPERATORS), space, part).map("".join),
        st.tuples(part, st.sampled_from((" and ", " or ")), part).map("".join),
        st.tuples(st.sampled_from(("({})", "-{}", "--{}", "not {}")), part).map(lambda t: t[0].format(t[1])),
        st.tuples(st.sampled_from(("min", "max")), part, part).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        st.tuples(part, part).map(lambda t: f"round_to({t[0]},{t[1]})"),
        st.tuples(st.sampled_from(("floor", "ceil", "round", "abs", "log2", "count")), part).map(
            lambda t: f"{t[0]}( {t[1]} )"
        ),
        st.tuples(part, part, part).map(lambda t: f"{t[0]} if {t[1]} else {t[2]}"),
        st.tuples(names, part).map(lambda t: f"{t[0]}.({t[1]})"),
    )


expressions = st.recursive(names | numbers, _larger, max_leaves=6)
_ends = expressions | st.just("")
spans = st.lists(_ends, min_size=2, max_size=3).map(":".join)
_entries = st.lists(expressions | spans, min_size=2, max_size=4)
values = (
    expressions | spans | _entries.map("x".join) | st.sampled_from(("same", "valid", "yes", "no", "bilinear"))
)
sizes = st.just("16x16x8") | st.lists(st.integers(1, 64).map(str) | names, min_size=1, max_size=4).map(
    "x".join
)
# On a line what has a space stands in parentheses.
line_values = values.map(
    lambda text: f"({text})" if " " in text and ":" not in text else text.replace(" ", "")
)


@st.composite
def lines(draw: st.DrawFn) -> str:
    op = draw(st.sampled_from(OPERATOR_NAMES + BLOCKS))
    keys = sorted(find_operator(op).spellings) if op in OPERATOR_NAMES else ["d", "s", "f"]
    full = find_operator(op).spellings if op in OPERATOR_NAMES else {}
    # An attribute is given once, whatever its spelling.
    once = st.lists(st.sampled_from(keys), max_size=4, unique_by=lambda key: full.get(key, key))
    chosen = draw(once) if keys else []
    words = [op]
    for key in chosen:
        refers = op in OPERATOR_NAMES and key == "like"
        words.append(f"{key}={draw(layer_names) if refers else draw(line_values)}")
    if draw(st.booleans()):
        words.append(
            "from=" + "+".join(draw(st.lists(layer_names | st.just("*.skip"), min_size=1, max_size=3)))
        )
    if draw(st.integers(0, 4)) == 0:
        words.append(f"weights={draw(layer_names)}")
    if draw(st.integers(0, 4)) == 0:
        words.append(f"in={draw(sizes)}")
    if draw(st.integers(0, 3)) == 0:
        words.append(f"-> {draw(sizes)}")
    if draw(st.booleans()):
        words.append(f"as {draw(new_names)}")
    return " ".join(words)


def _nested(items: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    body = st.lists(items, min_size=1, max_size=3)
    named = {"as": new_names}
    join = st.sampled_from(("add", "sub", "mul", "div", "max", "min", "concat"))
    branch = st.lists(items, max_size=3) | st.none() | lines()
    branches = st.lists(branch | st.fixed_dictionaries({"when": expressions, "branch": branch}), max_size=3)
    variables = st.integers(0, 3).flatmap(
        lambda count: st.dictionaries(
            new_names, st.lists(values, min_size=count, max_size=count) | values, min_size=1, max_size=2
        )
    )
    loops = st.one_of(
        st.fixed_dictionaries(
            {"repeat": expressions, "do": body | lines()}, optional={"index": new_names, **named}
        ),
        st.fixed_dictionaries({"each": variables, "do": body}, optional={"index": new_names, **named}),
    )
    sources = st.lists(layer_names | st.just("stage.*.skip"), min_size=1, max_size=3).map(" + ".join)
    parts = st.one_of(
        expressions, st.lists(expressions, max_size=3), st.dictionaries(new_names, expressions, max_size=3)
    )
    options = {"from": sources, "out": sizes, "split": parts, **named}
    unjoined = {"from": sources, "split": parts, **named}
    return st.one_of(
        loops,
        st.fixed_dictionaries({"tensors": branches | loops}, optional=unjoined),
        st.fixed_dictionaries({"split": parts}, optional={"from": sources, **named}),
        st.fixed_dictionaries({"do": body, "as": new_names}),
        st.fixed_dictionaries({"when": expressions, "do": body}, optional={"else": body}),
        st.fixed_dictionaries({"when": expressions, "else": body}),
        st.dictionaries(new_names, values, max_size=2).map(lambda bindings: {"let": bindings}),
        st.tuples(join, branches | loops, st.fixed_dictionaries({}, optional=options)).map(
            lambda t: {t[0]: t[1], **t[2]}
        ),
        branches.map(lambda parts: {"concat": parts, "split": str(len(parts))}),
    )


items = st.recursive(st.sampled_from(SOUND) | lines(), _nested, max_leaves=8)
bodies = st.lists(items, min_size=1, max_size=4)
texts = st.text(
    st.characters(max_codepoint=0xFFFF, categories=("L", "N", "P", "S", "Zs")), max_size=20
) | st.sampled_from(
    (
        "",
        "null",
        "~",
        "a: b",
        "a #b",
        "- a",
        "it's",
        'a "b"',
        "back\\slash",
        "解析",
        "yes",
        "1e3",
        "[a]",
        "&a",
        "%",
    )
)
signatures = st.sampled_from(
    ("unit(d, s=1)", "unit", "head(d, f=max(d, 3), p=0:1)", "xblock(x, w=(a or b), l=1x2)")
)


@st.composite
def descriptions(draw: st.DrawFn) -> str:
    """The text of a whole description, as JSON."""
    bindings = st.dictionaries(st.sampled_from(("a", "b", "k", "x", "HxW")), expressions, max_size=3)
    whole: dict[str, object] = {
        "name": draw(texts),
        "source": draw(texts),
        "input": draw(sizes | st.dictionaries(new_names, sizes, min_size=1, max_size=2)),
        "params": draw(bindings),
        "symbols": draw(st.lists(st.sampled_from(("C", "H")), unique=True) | st.just({"C": "2*c"})),
        "blocks": dict(draw(st.lists(st.tuples(signatures, bodies | st.none()), max_size=2))),
        "layers": draw(bodies),
        "outputs": draw(st.lists(layer_names | st.just("stage.*.skip"), max_size=2)),
        "check": draw(st.lists(texts, max_size=2)),
        "notes": draw(
            st.lists(st.builds(dict, text=texts.filter(str.strip), zh=texts, layer=layer_names), max_size=2)
        ),
    }
    if draw(st.booleans()):
        whole["object_size"] = draw(sizes | st.dictionaries(new_names, sizes, min_size=1, max_size=2))
    if draw(st.booleans()):
        rates = st.sampled_from(("16000", "44.1kHz", "25 fps", "12.5", "16k"))
        whole["rate"] = draw(rates | st.dictionaries(new_names, rates, min_size=1, max_size=2))
    kept = draw(st.sets(st.sampled_from([key for key in whole if key != "layers"])))
    return json.dumps(
        {key: value for key, value in whole.items() if key not in kept}, ensure_ascii=draw(st.booleans())
    )
