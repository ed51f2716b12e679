"""`rfcalc fmt`: one spelling of every leaf; the architecture, the comments and the layout stay."""

from __future__ import annotations

import io
import json
import re
import stat
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from rfcalc.cli.main import main
from rfcalc.description import build_graph
from rfcalc.errors import DescriptionError, Source
from rfcalc.graph.build import require_known_names
from rfcalc.library import read_text, shipped_names, shipped_text
from rfcalc.ops.registry import OPERATOR_NAMES, find_operator
from rfcalc.spec.comments import Comment, comments
from rfcalc.spec.formatter import Unformattable, format_text

sys.path.append(str(Path(__file__).parents[1] / "language"))

from descriptions import descriptions
from mutations import TEXTS, mutations
from syntax_trees import EVERY_TEXT, bare, read


def formatted(text: str) -> str:
    return format_text(read(text))


def comments_of(text: str) -> tuple[Comment, ...]:
    return comments(Source("net.yaml", text))


def leaf(line: str) -> str:
    """The canonical form of one layer line, in a block that declares the names it uses."""
    text = f"blocks:\n  unit(d, s=1, k=2):\n    - relu\nlayers:\n  - {line}\n"
    return formatted(text).removesuffix("\n").rpartition("\n  - ")[2]


def assert_formatting_keeps_what_it_says(text: str) -> str:
    after = formatted(text)
    assert bare(read(after), respelt=True) == bare(read(text), respelt=True)
    assert formatted(after) == after
    assert [comment.text for comment in comments_of(after)] == [c.text for c in comments_of(text)]
    return after


# What stays


@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_description_is_in_canonical_form(name: str) -> None:
    assert formatted(shipped_text(name)) == shipped_text(name)


@pytest.mark.parametrize(
    "text",
    [
        "layers:\n  - conv f=3 d=8   # a comment  with spaces,  and f = 3\n",
        "layers:\n\n\n  - relu\n\n  # between\n  - relu\n",
        "layers: [relu, 'relu', \"relu\"]\n",
        "name:   Two   words\nlayers:\n    - relu\n",
        "layers: [ conv f=3 d=8 , relu ]\n",
        "params: {a: 5M}\nlayers: [relu]\n",
        "layers:\r\n  - relu\r\n  - conv f=3 d=8\r\n",
        "layers:\n  - dropout rate=0.50\n  - lrn k=2 n=5 alpha=1e-4 beta=0.750\n  - conv f=3x3 d=8 g=1\n",
        "layers:\n  - relu\ncheck:\n  - params(layer1.0.conv*) <= 5M\n",
        "name: 'a\\'\nlayers: [relu]\n",
        'name: "two \\\n  lines \\ \n  long"\nlayers: [relu]\n',
        'layers:\n  - "conv  f=3 d=\\x38"\n',
        '{"layers": ["relu", {"repeat": 2, "do": ["relu"]}]}\n',
    ],
)
def test_comments_layout_quotes_numbers_and_defaults_stay(text: str) -> None:
    assert formatted(text) == text


def test_arguments_of_a_block_keep_their_names_and_words() -> None:
    assert leaf("unit kernel=3 d=true") == "unit d=true kernel=3"


def test_an_alias_is_one_text_and_is_written_once() -> None:
    text = "layers:\n  - &a conv  d=8   f=3\n  - *a\n  - relu\n  - *a\n"
    assert formatted(text) == text.replace("conv  d=8   f=3", "conv f=3 d=8")


def test_a_change_of_meaning_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rfcalc.spec.formatter.signature", lambda block: "other")
    with pytest.raises(Unformattable, match=r"net\.yaml: formatting would change"):
        formatted("blocks:\n  unit: [relu]\nlayers: [relu]\n")


@pytest.mark.parametrize("name", EVERY_TEXT)
def test_what_a_description_says_and_its_comments_stay(name: str) -> None:
    try:
        require_known_names(read(EVERY_TEXT[name]))
    except DescriptionError:
        return  # the command formats none that calls what is not there
    assert_formatting_keeps_what_it_says(EVERY_TEXT[name])


@given(st.sampled_from(sorted(EVERY_TEXT)), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_what_is_spaced_and_commented_otherwise_says_the_same(name: str, random: Random) -> None:
    text = "\n".join(spread(line, random) for line in EVERY_TEXT[name].split("\n"))
    try:
        require_known_names(read(text))
    except DescriptionError:
        return  # a space may split what belongs together
    assert_formatting_keeps_what_it_says(text)


def spread(line: str, random: Random) -> str:
    """A line with more space, and with a comment behind it or before it."""
    chosen = random.random()
    if chosen < 0.2:
        return line + random.choice((" # note", "  #", "   # conv f = 3  d=8", "\n# - relu  as  a", "\n"))
    if chosen < 0.6:
        places = [found.start() for found in re.finditer(r"(?<=\S) (?=\S)|(?<=[(,+*])|(?=[)+*])", line)]
        for place in sorted(random.sample(places, min(len(places), 2)), reverse=True):
            line = line[:place] + " " * random.randint(1, 3) + line[place:]
    return line


# What changes


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("conv out_channels=8 kernel=3", "conv f=3 d=8"),
        ("conv g=2 r=2 d=8 p=1 s=2 f=3", "conv f=3 s=2 p=1 d=8 r=2 g=2"),
        ("conv padding_mode=reflect bias=no f=3 d=8", "conv f=3 d=8 bias=no padding_mode=reflect"),
        ("conv f=3 d=8 bias=off", "conv f=3 d=8 bias=no"),
        ("maxpool f=3 ceil=true", "maxpool f=3 ceil=yes"),
        ("maxpool f=3 ceil=on", "maxpool f=3 ceil=yes"),
        ("dropout δ=0.5", "dropout rate=0.5"),
        ("gn groups=8", "gn g=8"),
        ("conv as a ->8x8x8 in=9x9x3 f=3 d=8", "conv f=3 d=8 in=9x9x3 -> 8x8x8 as a"),
        ("concat as c from=a+b", "concat from=a+b as c"),
        ("conv as b weights=a f=3 d=8", "conv f=3 d=8 weights=a as b"),
        ("conv f=3 d=max( 8,c )", "conv f=3 d=max(8, c)"),
        ("conv f=3 d=(2 * c + 1)", "conv f=3 d=(2*c+1)"),
        ("conv f=(3 )x( 5) d=8", "conv f=(3)x(5) d=8"),
        ("maxpool f=3 ceil=(a==b  and not(c<1))", "maxpool f=3 ceil=(a == b and not (c < 1))"),
        ("unit k=1 s=2 d=8 as u", "unit d=8 s=2 k=1 as u"),
        ("'  conv   f=3 d=8 '", "'conv f=3 d=8'"),
        ("crop like=a as as", "crop like=a as as"),
        ("concat from=a.( i-1 ).b+c", "concat from=a.(i-1).b+c"),
        ("add from=s.(i  if i>0 else 0).x", "add from=s.(i if i > 0 else 0).x"),
    ],
)
def test_a_layer_line_has_one_spelling(written: str, canonical: str) -> None:
    assert leaf(written) == canonical
    assert leaf(canonical) == canonical


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("input: 8x 8x3", "input: 8x8x3"),
        ("object_size: 4x 4", "object_size: 4x4"),
        ("object_size: {a.0: 4 * 2, b: 4x 4}", "object_size: {a.0: 4*2, b: 4x4}"),
        ("input: {a: 8x 8x3}", "input: {a: 8x8x3}"),
        ("params: {a: 2 * 3, b: 'max( a,1 )'}", "params: {a: 2*3, b: 'max(a, 1)'}"),
        ("symbols: {H: 32 * h}", "symbols: {H: 32*h}"),
        ("blocks: {'a(d,s = 1 , t=max(d,2))': [relu]}", "blocks: {'a(d, s=1, t=max(d, 2))': [relu]}"),
        ("blocks: {a(): [relu]}", "blocks: {a: [relu]}"),
        ("check: [params<=5M]", "check: [params <= 5M]"),
        ("outputs: [a.(1 + 1)]", "outputs: [a.(1 + 1)]"),
        ("check: ['params<= 50 %3  and macs==2*G']", "check: ['params <= 50%3 and macs == 2*G']"),
        ("check: ['share( a,params )<50%']", "check: ['share(a, params) < 50%']"),
    ],
)
def test_a_value_at_the_top_has_one_spelling(written: str, canonical: str) -> None:
    assert formatted(f"{written}\nlayers: [relu]\n") == f"{canonical}\nlayers: [relu]\n"


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("{let: {h: 2 * c}}", "{let: {h: 2*c}}"),
        ("{repeat: 1 + 2, do: [conv d=8  f=3]}", "{repeat: 1+2, do: [conv f=3 d=8]}"),
        ("{each: {d: [2 * 3, 4]}, do: relu  as r}", "{each: {d: [2*3, 4]}, do: relu as r}"),
        ("{add: [], from: s.(i  if i>0 else  0).x + a}", "{add: [], from: s.(i if i > 0 else 0).x+a}"),
        ("{split: 1 + 1, from: b.( j )}", "{split: 1+1, from: b.(j)}"),
        ("{tensors: {repeat: 1 + 1, do: [relu  as a]}}", "{tensors: {repeat: 1+1, do: [relu as a]}}"),
        (
            "{when: s!=1 or  cin!=d, do: [relu  as a], else: [bn  as a]}",
            "{when: s != 1 or cin != d, do: [relu as a], else: [bn as a]}",
        ),
        (
            "{concat: [[relu  as a], bn  as b], split: 1+ 1, from: a + b, out: 8x 8x3}",
            "{concat: [[relu as a], bn as b], split: 1+1, from: a+b, out: 8x8x3}",
        ),
    ],
)
def test_what_stands_in_a_mapping_has_one_spelling(written: str, canonical: str) -> None:
    assert leaf(written) == canonical


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("layers: [relu]", "layers: [relu]\n"),
        ("layers: [relu]\n\n \n", "layers: [relu]\n"),
        ("layers:  \n  - relu \t\n# note \n", "layers:\n  - relu\n# note\n"),
        ("layers:\r\n  - relu \r\n\r\n", "layers:\r\n  - relu\r\n"),
        ("layers:\n  - relu\n  - bn", "layers:\n  - relu\n  - bn\n"),
        ("layers:\n  - conv\td=8\tf=3  # a\n", "layers:\n  - conv f=3 d=8  # a\n"),
    ],
)
def test_lines_end_where_their_text_does_and_the_text_with_one_end_of_line(
    written: str, canonical: str
) -> None:
    assert formatted(written) == canonical


# Any text


@given(st.sampled_from(sorted(TEXTS)), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_a_shipped_description_in_other_spellings_gets_its_own_back(name: str, random: Random) -> None:
    text = TEXTS[name]
    lines = [respelt(line, random) + " " * random.choice((0, 0, 2)) for line in text.split("\n")]
    assert formatted("\n".join(lines)) == text


_LAYER = re.compile(r"(\s*- )(\w+)((?: [\w*./+-]+=[\w*./+-]+)*)((?: -> \w+)?)((?: as \w+)?)( *#.*)?")


def respelt(line: str, random: Random) -> str:
    """A line of a text, otherwise where it is a layer line in no brackets; in brackets, with more spaces."""
    found = _LAYER.fullmatch(line)
    if found and found[2] in OPERATOR_NAMES:
        start, op, arguments, promise, name, comment = found.groups("")
        return start + respelt_line(op, arguments.split(), [promise, name], random) + comment
    if "#" in line or '"' in line or not line.startswith(" ") or ": " not in line:
        return line
    return re.sub(r" (?=\w+=)", lambda _: " " * random.randint(1, 3), line)


def respelt_line(op: str, arguments: list[str], tail: list[str], random: Random) -> str:
    """The same layer, otherwise: spellings, words of truth, order and spaces."""
    operator = find_operator(op)
    words = []
    for argument in arguments:
        key, _, value = argument.partition("=")
        name = operator.spellings.get(key, key)
        spellings = [spelling for spelling, full in operator.spellings.items() if full == name] or [key]
        values = {"yes": ("yes", "true", "on"), "no": ("no", "false", "off")}.get(value, (value,))
        words.append(f"{random.choice(spellings)}={random.choice(values)}")
    promise, name = (part.strip() for part in tail)
    words += [random.choice((promise, promise.replace("-> ", "->"))), name]
    words = [word for word in words if word]
    random.shuffle(words)
    return op + "".join(" " * random.randint(1, 3) + word for word in words)


@pytest.mark.slow
@given(descriptions())
@example('{"layers": ["conv f=((a+b)x2) d=8"]}')
@settings(max_examples=300, deadline=None)
def test_any_description_says_the_same_formatted_and_formatting_ends(text: str) -> None:
    try:
        read(text)
    except DescriptionError:
        assume(False)
    assert_formatting_keeps_what_it_says(text)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_spoilt_description_that_can_still_be_read_says_the_same_formatted(data: st.DataObject) -> None:
    text = data.draw(mutations(TEXTS[data.draw(st.sampled_from(sorted(TEXTS)))]))
    try:
        network = read(text)
        require_known_names(network)
    except DescriptionError:
        return  # most spoilt descriptions cannot be read, and other tests are about those
    assert_formatting_keeps_what_it_says(text)


def test_the_graph_of_a_respelt_network_is_that_of_the_network() -> None:
    written = (
        "input: 32x32x3\nlayers:\n  - conv bias=off out_channels=8 kernel=3 as a ->30x30x8\n  - gn groups=4\n"
    )
    before, after = (build_graph(read_text(text)) for text in (written, formatted(written)))
    assert [(n.op, n.name, n.arguments, n.facts.output) for n in before.nodes] == [
        (n.op, n.name, n.arguments, n.facts.output) for n in after.nodes
    ]


# The command

UNTIDY = "input: 8x8x3\nlayers:\n  - conv  d=8 f=3\n"
TIDY = "input: 8x8x3\nlayers:\n  - conv f=3 d=8\n"
# What a line means is not known: it is no line, calls nothing, or gives what is none or is given already.
WRONG = {
    "layers:\n  - relu  as  a\n  - conv f = 3\n": "3:10: error: spaces split 'f = 3'",
    "layers:\n  - relu  as  a\n  - cnv f=3\n": "3:5: error: no operator or block is called 'cnv'",
    "layers:\n  - relu  as  a\n  - conv f=3  dd=8\n": "3:15: error: conv has no attribute 'dd'",
    "layers:\n  - relu  as  a\n  - conv f=3 kernel=3\n": "3:14: error: kernel is given twice",
    "blocks: {b(d): [relu]}\nlayers:\n  - relu  as  a\n  - b  e=1\n": "4:8: error: b has no parameter 'e'",
}
# What a network is, or whether it can be built, does not matter.
UNBUILDABLE = (
    "layers:\n  - relu{}as a\n  - conv d=unknown\n",
    "input: 8x8x3\nlayers:\n  - conv f=30{}d=8\n",
    "input: 8x8x3\nlayers:\n  - conv f=3{}d=8 -> 8x8x8\n  - add from=nowhere\n",
    "blocks: {{b(a): [a{}slope=1]}}\nlayers: [b a=leakyrelu]\n",
)


def test_a_formatted_file_is_not_written_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(TIDY, encoding="utf-8")
    before = path.stat()
    assert main(["fmt", str(path)]) == 0
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino
    assert capsys.readouterr().err == "1 file left unchanged\n"


@pytest.mark.parametrize("text", UNBUILDABLE)
def test_a_network_that_cannot_be_built_is_formatted(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(text.format("   "), encoding="utf-8")
    assert main(["fmt", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == text.format(" ")


@pytest.mark.parametrize("option", ["--check", "--diff", ""])
@pytest.mark.parametrize("text", WRONG)
def test_a_file_with_mistakes_stays_and_the_others_are_formatted(
    text: str, option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong, good = tmp_path / "a.yaml", tmp_path / "b.yaml"
    wrong.write_text(text, encoding="utf-8")
    good.write_text(UNTIDY, encoding="utf-8")
    assert main(["fmt", str(wrong), str(good), *filter(None, [option])]) == 2
    assert wrong.read_text(encoding="utf-8") == text
    assert good.read_text(encoding="utf-8") == (UNTIDY if option else TIDY)
    err = capsys.readouterr().err
    assert f"{wrong}:{WRONG[text]}" in err
    done = "would be reformatted" if option else "reformatted"
    assert err.endswith(f"1 file {done}, 1 file could not be formatted\n")


@pytest.mark.parametrize("option", ["--check", "--diff"])
def test_check_and_diff_write_nothing(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(UNTIDY, encoding="utf-8")
    assert main(["fmt", str(path), option]) == (1 if option == "--check" else 0)
    assert path.read_text(encoding="utf-8") == UNTIDY
    assert capsys.readouterr().err.endswith("1 file would be reformatted\n")


def test_a_difference_shows_the_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(UNTIDY, encoding="utf-8")
    assert main(["fmt", "--diff", "--check", str(path)]) == 1
    assert capsys.readouterr().out.splitlines()[2:] == [
        "@@ -2,2 +2,2 @@",
        " layers:",
        "-  - conv  d=8 f=3",
        "+  - conv f=3 d=8",
    ]


def test_a_folder_is_searched_for_yaml_outside_hidden_folders(tmp_path: Path) -> None:
    names = ("a.yaml", "below/b.yml", ".hidden/c.yaml", "d.json", "e.txt")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(UNTIDY, encoding="utf-8")
    assert main(["fmt", str(tmp_path)]) == 0
    found = [name for name in names if (tmp_path / name).read_text(encoding="utf-8") == TIDY]
    assert found == ["a.yaml", "below/b.yml"]


def test_what_is_no_description_is_left_alone_in_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = "services:  {web:   {image: nginx}}\n"
    for name, text in (("net.yaml", UNTIDY), ("compose.yaml", other)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert main(["fmt", str(tmp_path)]) == 0
    assert capsys.readouterr().err == "1 file reformatted\n"
    assert (tmp_path / "compose.yaml").read_text(encoding="utf-8") == other
    (tmp_path / "net.yaml").unlink()
    assert main(["fmt", str(tmp_path)]) == 2
    assert "holds no description" in capsys.readouterr().err


def test_permissions_and_ends_of_line_stay(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_bytes(UNTIDY.replace("\n", "\r\n").encode())
    path.chmod(0o640)
    assert main(["fmt", str(path)]) == 0
    assert path.read_bytes() == TIDY.replace("\n", "\r\n").encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_standard_input_is_printed_whatever_the_encoding_of_the_output(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    output = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"name: 卷积\n{UNTIDY}".encode())))
    monkeypatch.setattr("sys.stdout", output)
    assert main(["fmt", "-"]) == 0
    output.flush()
    assert output.buffer.getvalue() == f"name: 卷积\n{TIDY}".encode()


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("missing.yaml", ""),
        ("missing/", ""),
        ("below/missing.yaml", ""),
        ("nett.yaml", "; did you mean 'net.yaml'?"),
        ("vgg16", "; that is a shipped network: rfcalc spec vgg16 -o vgg16.yaml makes a file of it"),
    ],
)
def test_what_is_not_there_is_named_as_it_was_typed(
    path: str,
    hint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.yaml").write_text(TIDY, encoding="utf-8")
    assert main(["fmt", path]) == 2
    reason = f"rfcalc: error: cannot read '{path}': No such file or directory{hint}\n"
    assert capsys.readouterr().err == f"{reason}1 file could not be formatted\n"


def test_nothing_to_format_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt"]) == 2
    assert "Missing argument 'PATHS...'" in capsys.readouterr().err


def test_json_that_is_named_is_formatted_in_place(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_text(json.dumps({"layers": ["conv  d=8 f=3"]}), encoding="utf-8")
    assert main(["fmt", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == '{"layers": ["conv f=3 d=8"]}\n'
