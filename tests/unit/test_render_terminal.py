"""Tables on a terminal: they fit where they can, and no number is ever cut."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from rfcalc import analyze, load, read_expression
from rfcalc.lint.registry import MODULE_OF, find_rule
from rfcalc.render.fit import fit, narrowed
from rfcalc.render.table import render_table
from rfcalc.render.terminal import render_terminal
from rfcalc.report.cells import Amount, Style, Text
from rfcalc.report.network_table.book import book_table
from rfcalc.report.network_table.columns import COLUMNS
from rfcalc.report.network_table.layers import build_table
from rfcalc.report.reference.catalog import catalog_table
from rfcalc.report.reference.definitions import columns_table, operators_table
from rfcalc.report.reference.rules import rules_table
from rfcalc.report.table import Heading, Table, TableNote, View
from rfcalc.report.words import LANGUAGES, Language

VGG16 = build_table(analyze(load("vgg16")), View())
RESNET50 = build_table(analyze(load("resnet50")), View())
FOLDED = build_table(analyze(load("resnet50")), View(height=50))
UNET = build_table(analyze(load("unet")), View())
SWIN = build_table(analyze(load("swin-t")), View())
WIDE = build_table(analyze(load("resnet18")), View(tuple(column.name for column in COLUMNS)))


def plain(table: Table, width: int, *, droppable: bool = True) -> str:
    return render_terminal(table, Style(), width, colour=False, droppable=droppable)


def table_lines(text: str) -> list[str]:
    """The lines of the table itself: from its heading to its last total."""
    return text.split("\n\n")[1].splitlines()


def test_a_table_that_fits_is_the_piped_text_but_for_its_lines() -> None:
    piped = render_table(VGG16, "simple", Style()).split("\n\n")
    shown = plain(VGG16, 200).split("\n\n")
    assert shown[0] == piped[0]
    assert shown[2] == piped[2]
    words = [line.split() for line in shown[1].splitlines() if "─" not in line][2:]
    assert words == [line.split() for line in piped[1].splitlines() if "---" not in line][2:]


@pytest.mark.parametrize("table", [VGG16, RESNET50], ids=["vgg16", "resnet50"])
@pytest.mark.parametrize("width", [60, 72, 80, 100, 120, 140])
def test_default_columns_fit_every_usual_width(table: Table, width: int) -> None:
    for line in table_lines(plain(table, width)):
        assert cell_len(line) <= width


def test_vgg16_needs_no_more_than_a_hundred_columns() -> None:
    assert "for lack of width" not in plain(VGG16, 100)


def note(table: Table, width: int) -> str:
    """What is said of the width."""
    text = " ".join(plain(table, width).split("\n\n")[-1].split())
    return text.partition("for lack of width ")[2]


def test_what_a_narrow_terminal_leaves_out_is_told() -> None:
    assert note(VGG16, 60).startswith("left out: operation, stride")
    assert "stride –" not in plain(VGG16, 60)


GIVING_WAY = [
    # Digits first, those of the widest column before those of others.
    (VGG16, 84, "rounded: MACs"),
    (VGG16, 80, "rounded: params, MACs"),
    (RESNET50, 100, "rounded: MACs"),
    (UNET, 80, "left out: stride; rounded: MACs"),
    (FOLDED, 80, "left out: stride; rounded: params, MACs"),
    (SWIN, 80, "left out: stride; rounded: params, MACs; shortened: operation"),
]


@pytest.mark.parametrize(("table", "width", "told"), GIVING_WAY)
def test_columns_give_way_in_one_order_and_no_more_than_needed(table: Table, width: int, told: str) -> None:
    assert note(table, width).startswith(f"{told}; a wider terminal")


@pytest.mark.parametrize("table", [VGG16, RESNET50, UNET, SWIN])
def test_at_80_columns_there_are_the_operation_with_its_channels_the_output_and_the_field(
    table: Table,
) -> None:
    lines = table_lines(plain(table, 80))
    assert all(cell_len(line) <= 80 for line in lines)
    head = " ".join(lines[:2])
    assert all(title in head for title in ("layer", "operation", "output", "field", "params", "MACs"))
    convolutions = [line for line in lines if " conv " in line]
    assert convolutions
    assert all(re.search(r" conv .*\bf=\S+ .*\bd=\d", line) for line in convolutions)


def test_the_output_and_the_field_are_the_last_to_go() -> None:
    shown = {width: table_lines(plain(VGG16, width)) for width in range(20, 80)}
    heads = {width: " ".join(lines[:2]) for width, lines in shown.items()}
    assert all("field" in head for width, head in heads.items() if width >= 24)
    assert all("output" in head for head in heads.values() if "MACs" in head or "operation" in head)


def test_names_are_wrapped_where_that_costs_few_lines_and_else_narrowed() -> None:
    few = table_lines(plain(FOLDED, 80))
    place = few.index(next(line for line in few if line.startswith("layer1.0.  ")))
    assert few[place + 1] == " downsample.conv1"
    many = [Text(f"stage{n}.pair.0.layer1.attention1") for n in range(9)]
    table = Table("title", (Heading("name", "layer", shorten="name"),), tuple((each,) for each in many))
    assert "stage…attention1" in plain(table, 16)


def test_what_is_at_its_default_goes_from_an_operation_before_anything_else_of_it() -> None:
    network = analyze(read_expression("conv f=3 s=1 p=1 d=64; maxpool f=2 s=2"), input="8x8x3")
    table = build_table(network, View(("name", "operation")))
    assert "conv f=3 s=1 p=1 d=64" in plain(table, 40)
    assert "conv f=3 p=1 d=64" in plain(table, 27, droppable=False)
    assert "conv f=3 d=64 …" in plain(table, 25, droppable=False)


def numbers(table: Table) -> set[tuple[str, str]]:
    """Every figure of a table's columns of numbers, as text in full and in SI units."""
    return {
        (cell.text(Style()), cell.text(Style(units="si")))
        for row in (*table.rows, *table.totals)
        for heading, cell in zip(table.headings, row, strict=True)
        if heading.right and not heading.drop
    } - {("", "")}


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.sampled_from([VGG16, RESNET50, WIDE]), st.booleans())
def test_no_width_cuts_a_number(width: int, table: Table, droppable: bool) -> None:
    text = plain(table, width, droppable=droppable)
    words = set(text.split())
    for full, brief in numbers(table):
        # A list of operands is several words.
        assert set(full.split()) <= words or set(brief.split()) <= words, full


CELL = st.text("abcdefg.0123456789", min_size=1, max_size=30)
NUMBER = st.integers(0, 10**24).map(Amount)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 200),
    st.lists(st.tuples(CELL.map(Text), CELL.map(Text), NUMBER, NUMBER), min_size=1, max_size=6),
)
def test_any_table_keeps_its_numbers_whole_and_its_columns_apart(
    width: int, rows: list[tuple[Text, Text, Amount, Amount]]
) -> None:
    headings = (
        Heading("name", "layer", shorten="name"),
        Heading("about", "about", shorten="name"),
        Heading("macs", "multiply adds", right=True),
        Heading("params", "params", right=True, drop=1),
    )
    lines = table_lines(plain(Table("title", headings, tuple(rows)), width))
    body = lines[next(index for index, line in enumerate(lines) if "─" in line) + 1 :]
    assert len(body) == len(rows)
    for line, row in zip(body, rows, strict=True):
        assert row[2].text(Style()) in line.split()


def test_columns_the_user_chose_are_never_dropped() -> None:
    text = plain(VGG16, 40, droppable=False)
    assert "left out" not in text
    assert "224x224x64" in text


def test_a_name_keeps_its_end_which_tells_layers_apart() -> None:
    assert narrowed("layer3.5.bottleneck1.conv2", 16, "name") == "layer…eck1.conv2"
    assert narrowed("short", 16, "name") == "short"


def test_a_wrapped_name_breaks_behind_its_dots() -> None:
    assert narrowed("layer3.5.downsample.conv2", 17, "lines") == "layer3.5.\n downsample.conv2"


def test_wide_characters_count_as_two_cells() -> None:
    assert narrowed("卷积神经网络", 7, "name") == "卷…网络"
    assert narrowed("卷积神经网络", 7, "wrap") == "卷积神\n经网络"


def test_what_says_nothing_of_shortening_stays_whole() -> None:
    assert narrowed("138,357,544", 3, "") == "138,357,544"


def test_widths_are_taken_in_steps_and_no_more_than_needed() -> None:
    headings = (Heading("name", "n", shorten="name"), Heading("args", "a", shorten="items"))
    forms = [[["x" * 40, text]] for text in ("conv f=3 s=1 p=1", "conv f=3 p=1", "conv f=3")]
    assert fit(headings, forms.__getitem__, 200).widths == (40, 16)
    fitted = fit(headings, forms.__getitem__, 50)
    assert fitted.widths == (36, 12)
    assert fitted.shortened == ("n",)
    # Names go down to 16; what is then missing comes from the items.
    assert fit(headings, forms.__getitem__, 30).rows == (("xxxxx…xxxxxxxxxx", "conv f=3 p=1"),)
    assert fit(headings, forms.__getitem__, 28).shortened == ("n", "a")


def test_what_is_left_over_goes_to_the_column_that_loses_something() -> None:
    headings = (Heading("name", "n", shorten="name"), Heading("about", "a", shorten="wrap"))
    rows = [["x" * 40, "word " * 12]]
    assert fit(headings, lambda form: rows, 60).widths == (34, 24)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "table", [columns_table, operators_table, partial(rules_table, tuple(map(find_rule, MODULE_OF)))]
)
def test_a_reference_is_read_in_full_on_a_terminal_of_80_columns(
    table: Callable[[Language], Table], language: Language
) -> None:
    made = table(language)
    lines = plain(made, 80).splitlines()
    assert all(cell_len(line) <= 80 for line in lines)
    told = re.sub(r"\s", "", plain(made, 80))
    assert "shortened" not in told
    # The last word of each meaning is there: nothing has been cut.
    for row in made.rows:
        assert row[-1].text(Style()).split()[-1][-6:] in told


def test_the_list_of_networks_fits_80_columns_without_its_sources() -> None:
    table = catalog_table(
        {name: analyze(load(name)) for name in ("deeplabv3-resnet50", "bert-base", "vgg16")}
    )
    text = plain(table, 80)
    assert all(cell_len(line) <= 80 for line in text.splitlines())
    assert "for lack of width left out: source" in text
    assert "Simonyan" in plain(table, 200)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("network", ["alexnet", "vgg16"])
def test_the_books_table_fits_80_columns_and_nothing_of_it_is_cut(network: str, language: Language) -> None:
    table = book_table(analyze(load(network)), language)
    lines = table_lines(plain(table, 80, droppable=False))
    assert all(cell_len(line) <= 80 for line in lines)
    words = set(" ".join(lines).split())
    assert all(set(cell.text(Style()).split()) <= words for row in table.rows for cell in row)


def test_chinese_tables_align() -> None:
    lines = table_lines(plain(book_table(analyze(load("alexnet"))), 120))
    starts = {cell_len(line[: line.rindex("  ")].rstrip()) for line in lines[2:3]}
    assert len(starts) == 1
    column = [line for line in lines if "x" in line and "─" not in line]
    ends = {cell_len(re.split(r"\s{2,}", line)[0] + "  ") for line in column}
    assert max(ends) <= 6


def test_colour_appears_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in render_terminal(VGG16, Style(), 100, colour=True)
    assert "\x1b" not in render_terminal(VGG16, Style(), 100, colour=False)


def test_colour_changes_no_character(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    coloured = render_terminal(VGG16, Style(), 100, colour=True)
    stripped = "".join(f"{line.rstrip()}\n" for line in re.sub(r"\x1b\[[0-9;]*m", "", coloured).splitlines())
    assert stripped == plain(VGG16, 100)


def test_text_that_looks_like_markup_is_printed_as_it_is() -> None:
    table = Table("[red]title[/red]", (Heading("name", "[b]n[/b]"),), ((Text("[i]x[/i] :smile:"),),), (), ())
    text = plain(table, 80)
    assert "[red]title[/red]" in text
    assert "[i]x[/i] :smile:" in text


def test_an_ascii_terminal_gets_ascii() -> None:
    text = render_terminal(SWIN, Style(), 80, colour=False, encoding="ascii")
    assert text.isascii()
    assert narrowed("stage1.pair.0.layer1.attention1", 16, "name", "...") == "stag...ttention1"
    assert "attention d=96 ..." in text


def test_long_notes_wrap_at_the_terminals_width() -> None:
    table = Table("t", (Heading("name", "n"),), ((Text("a"),),), (), (TableNote("word " * 40),))
    assert all(len(line) <= 30 for line in plain(table, 30).splitlines())


@pytest.mark.parametrize("width", [60, 72, 80, 100])
def test_names_are_not_shortened_to_what_cannot_be_told_apart(width: int) -> None:
    # Broken behind a dot or in one piece, every name is there.
    first = [line.split("  ")[0] for line in table_lines(plain(SWIN, width))]
    shown = set("\n".join(first).replace(".\n ", ".").split("\n"))
    assert {layer.name for layer in analyze(load("swin-t")).layers} <= shown
