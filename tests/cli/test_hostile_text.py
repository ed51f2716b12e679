"""Descriptions whose every text is markup, in every format of every command that offers formats.

What is live is told by the oracles of `live_markup`, which know nothing of the package.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import click
import live_markup as live
import live_page
import pytest
import yaml
from payloads import PAYLOADS

from rfcalc.cli.group import COMMANDS, LazyGroup
from rfcalc.cli.main import main
from rfcalc.spec.document_text import first_refused

pytestmark = pytest.mark.slow

Oracle = Callable[[str], Iterable[str]]

# No description holds control characters; names of files may.
TEXTS = [text for text in PAYLOADS if first_refused(text) is None and text.isprintable() | ("\u202e" in text)]
NAMES = (
    *(
        "@octocat fixes #1 GH-2.yaml",
        "[x](javascript:alert(1)) <img src=x onerror=alert(1)>.yaml",
        "a|b ||c.yaml",
    ),
    *("{color:red}x{color} [[Main]] {{tpl}} *b* _i_.yaml", "=cmd|' C calc'!A0 :math:`x` ``.yaml"),
    *(
        "\\input{x} $x$ 100% \u202ecod\u2066.yaml",
        "a\nb\r::error::x\x1b[31m,file=x.yaml",
        "`x ``@octocat`.yaml",
    ),
    *("\x0e\\input{x}\x0f.yaml", "a\udcff.yaml", "# h1. include::x[] RFC 2822.yaml"),
)
LAYERS = ("__init__", "_x_", "deadbeef0", "GH_1", "x__y", "a_")


def description(title: str, source: str, notes: list[str]) -> str:
    """A description with these texts, hostile names of blocks, layers and symbols, and a warning."""
    layers = [f"conv f=3 p=1 d=4 as {name}" for name in LAYERS]
    content = {
        "name": title,
        "source": source,
        "input": "8x8x3",
        "params": {"__n__": 4},
        "blocks": {"www(d)": ["conv f=1 d=d as evil", "relu"]},
        "layers": [*layers, "www d=__n__ as www", "slice h=0:7 w=0:7", "fc d=2 as out"],
        "notes": [{"text": note} for note in notes]
        + [
            {"layer": name, "column": "operation", "text": note}
            for name, note in zip(LAYERS, notes, strict=False)
        ],
    }
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=10_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file for each hostile name; together they hold every text, and each can be analysed."""
    place = tmp_path_factory.mktemp("hostile")
    size = -(-len(TEXTS) // len(NAMES))
    for number, name in enumerate(NAMES):
        own = TEXTS[number * size :][:size]
        text = description(own[0], own[1], own[2:])
        (place / name).write_text(text, encoding="utf-8")
    return place


def formats(command: str) -> list[str]:
    """The formats that a command offers, but for those of pictures that are no text."""
    loaded = LazyGroup().get_command(click.Context(LazyGroup()), command)
    assert loaded is not None
    (option,) = (parameter for parameter in loaded.params if parameter.name == "format_name")
    assert isinstance(option.type, click.Choice)
    return [name for name in option.type.choices if name not in ("png", "pdf")]


def data(text: str) -> Iterator[str]:
    """JSON, which programs read."""
    json.loads(text)
    yield from ()


def sarif(text: str) -> Iterator[str]:
    """JSON whose messages link to the places of the log alone."""
    json.loads(text)
    yield from re.findall(r"\](?:\((?!\d+\)))[^\"]*", text)


def commands(text: str) -> Iterator[str]:
    """Workflow commands of GitHub: one a line, each of a kind that annotates, and only at its start."""
    for line in text.splitlines():
        if re.search("::|##\\[", line) and not re.fullmatch(
            r"::(?:error|warning|notice) (?:\w+=[^,:]*,?)+::(?:(?!##\[|^::).)*", line
        ):
            yield line


def xml(text: str) -> Iterator[str]:
    """XML of the elements of JUnit alone."""
    wanted = {"testsuites", "testsuite", "testcase", "failure", "error", "system-out"}
    yield from {element.tag for element in ElementTree.fromstring(text).iter()} - wanted


def svg(text: str) -> Iterator[str]:
    """Elements of SVG that do or load something."""
    wanted = {"svg", "g", "title", "desc", "style", "text", "tspan", "path", "line", "rect", "circle", "defs"}
    wanted |= {"polyline", "polygon", "clipPath", "use", "symbol", "image"}
    for element in ElementTree.fromstring(text).iter():
        name = element.tag.rpartition("}")[2]
        if name not in wanted or any(key.startswith("on") or "href" in key for key in element.attrib):
            yield name


markdown_of_check = partial(live.markdown, also=frozenset({"strong", "<br>", "heading"}))
_TABLES: dict[str, Oracle] = {**live.TABLES, "json": data}
_PICTURES: dict[str, Oracle] = {**_TABLES, "chart": live.plain, "svg": svg}
ORACLES: dict[str, dict[str, Oracle]] = {
    **dict.fromkeys(("show", "compare", "tile"), _TABLES),
    **dict.fromkeys(("field", "locate", "sizes"), _PICTURES),
    "explain": {
        "text": live.plain,
        "markdown": partial(live.markdown, also=frozenset({"heading", "fence"})),
        "latex": live.latex,
        "json": data,
    },
    "check": {
        **dict.fromkeys(("full", "concise"), live.plain),
        **dict.fromkeys(("json", "gitlab"), data),
        "sarif": sarif,
        "github": commands,
        "junit": xml,
        "markdown": markdown_of_check,
    },
    "report": {"html": live_page.live},
}
# Those that print nothing that a user wrote.
OF_THE_PACKAGE = {"rule", "rules", "list", "ops"}


def offering() -> set[str]:
    """The commands that offer formats."""
    context = click.Context(LazyGroup())
    loaded = {name: LazyGroup().get_command(context, name) for name in COMMANDS}
    return {
        name
        for name, command in loaded.items()
        if command is not None and any(parameter.name == "format_name" for parameter in command.params)
    }


def alive(capsys: pytest.CaptureFixture[str], command: str, format_name: str, *words: str) -> list[str]:
    """What is live in the output of a command, beside what no format may hold."""
    capsys.readouterr()
    main([command, *words, "--format", format_name])
    captured = capsys.readouterr()
    assert captured.out
    told = live.plain(captured.out.replace("\r\n", "\n") + captured.err)
    return [*ORACLES[command][format_name](captured.out), *told]


def test_every_command_that_offers_formats_has_an_oracle_for_each() -> None:
    assert offering() == set(ORACLES) | OF_THE_PACKAGE
    for command, oracles in ORACLES.items():
        assert set(oracles) == set(formats(command)), command


@pytest.mark.parametrize("format_name", formats("show"))
def test_no_table_holds_live_text(format_name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in NAMES:
        assert not alive(capsys, "show", format_name, str(folder / name)), name
        if format_name != "json":
            book = ("--table", "book", "--lang", "en")
            assert not alive(capsys, "show", format_name, str(folder / name), *book), name


@pytest.mark.parametrize("format_name", formats("show"))
def test_no_solution_holds_live_text(
    format_name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--set", "__n__=_C_", "--solve", "params <= 10k")
    assert not alive(capsys, "show", format_name, str(folder / NAMES[0]), *words)


@pytest.mark.parametrize("format_name", formats("compare"))
def test_no_comparison_holds_live_text(
    format_name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for one, two in pairwise(NAMES):
        pair = (str(folder / one), str(folder / two), "--set", "B:__n__=2")
        more = ("--all",) if format_name not in ("csv", "tsv") else ()
        assert not alive(capsys, "compare", format_name, *pair, *more), (one, two)
    assert not alive(capsys, "compare", format_name, *(str(folder / name) for name in NAMES[:5]), "--summary")


@pytest.mark.parametrize("format_name", formats("explain"))
def test_no_explanation_holds_live_text(
    format_name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in NAMES:
        for layer in ("__init__", "www", "out"):
            assert not alive(capsys, "explain", format_name, str(folder / name), layer), (name, layer)


@pytest.mark.parametrize("format_name", formats("check"))
def test_no_report_of_a_check_holds_live_text(
    format_name: str,
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    # What is quoted in messages: keys and lines that are none, and a promise that is broken.
    for number, text in enumerate(TEXTS):
        bad = {"input": "8x8x3", "layers": ["conv f=3 d=4", f"relu as {text}"], text or "x": "x"}
        (tmp_path / f"{number}.yaml").write_text(yaml.safe_dump(bad, allow_unicode=True), encoding="utf-8")
    assert not alive(capsys, "check", format_name, str(tmp_path), "--no-config")
    files = [str(folder / name) for name in NAMES]
    assert not alive(capsys, "check", format_name, *files, "gone @octocat <b>.yaml", "--no-config")


def test_no_summary_of_a_step_holds_live_text(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    main(["check", *(str(folder / name) for name in NAMES), "--no-config"])
    capsys.readouterr()
    text = file.read_text("utf-8")
    assert "octocat" in text
    assert not [*markdown_of_check(text), *live.plain(text)]


@pytest.mark.parametrize("format_name", formats("locate"))
def test_no_located_unit_holds_live_text(
    format_name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in NAMES:
        for layer in ("__init__", "www", "out"):
            for asked in ((), ("--pixel", "0,0")):
                words = (str(folder / name), layer, *asked)
                if format_name not in ("chart", "svg") or not asked:
                    assert not alive(capsys, "locate", format_name, *words), words


@pytest.mark.parametrize("format_name", formats("sizes"))
def test_no_input_size_holds_live_text(
    format_name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in NAMES:
        assert not alive(capsys, "sizes", format_name, str(folder / name)), name


@pytest.mark.parametrize("format_name", formats("tile"))
def test_no_tile_holds_live_text(format_name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in NAMES:
        for layer in ("__init__", "www"):
            words = (str(folder / name), "--ignore-global", "--output", layer)
            assert not alive(capsys, "tile", format_name, *words), words


@pytest.mark.parametrize("format_name", formats("field"))
def test_no_growing_field_holds_live_text(
    format_name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in NAMES:
        for asked in ((), ("--all",), ("--summary",)):
            if format_name not in ("chart", "svg") or not asked:
                assert not alive(capsys, "field", format_name, str(folder / name), *asked), (name, asked)


def test_no_page_holds_live_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for one, two in pairwise(NAMES):
        for words in ((str(folder / one),), (str(folder / one), str(folder / two))):
            assert not alive(capsys, "report", "html", *words), words


@pytest.mark.parametrize("command", ["show", "compare", "explain", "check"])
def test_no_terminal_is_commanded(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rfcalc.cli.tables.is_terminal", lambda output: True)
    monkeypatch.setattr("rfcalc.cli.explain.is_terminal", lambda output: True)
    monkeypatch.setenv("NO_COLOR", "1")
    for name in NAMES:
        words = [str(folder / name)] * (2 if command == "compare" else 1)
        main([command, *words])
        captured = capsys.readouterr()
        assert not [*live.plain(captured.out + captured.err)], name
