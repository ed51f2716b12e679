"""Where a chart goes: a terminal, a pipe, a file that is written whole or not at all; and what is refused."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest

from rfcalc.cli.charts import CHART_FORMATS, WITH_CHARTS, write_chart
from rfcalc.cli.output import Output
from rfcalc.cli.output_options import output_options
from rfcalc.errors import UsageError
from rfcalc.render.formats import CONTENTS, format_of_file, refuse_misnomer
from rfcalc.report.chart import Chart, Curve, Panel, Scale
from rfcalc.report.words import Language
from rfcalc.shown_pages import ShownChart

CHART = Chart(
    "A chart",
    (Panel("", Scale("x", 0, 1), Scale("y", 0, 1), (Curve(((0, 0), (1, 1)), 0, "line"),)),),
    "About.",
)


def asked(format: str, file: Path | None = None, language: Language | None = None) -> Output:
    return Output(format, None if file is None else str(file), "raw", language, False)


def test_a_command_with_charts_writes_tables_as_before_and_four_formats_more() -> None:
    assert {"chart", "svg", "png", "pdf"} == CHART_FORMATS
    assert set(WITH_CHARTS) == set(CONTENTS) | CHART_FORMATS


@pytest.mark.parametrize(
    ("file", "format"),
    [("a.svg", "svg"), ("a.PNG", "png"), ("a.pdf", "pdf"), ("a.json", "json"), ("a.txt", None)],
)
def test_the_suffix_of_a_file_chooses_a_format_of_charts(file: str, format: str | None) -> None:
    assert format_of_file(file, WITH_CHARTS) == format
    refuse_misnomer(file, None, WITH_CHARTS)


def test_a_picture_of_another_kind_is_refused_and_the_nearest_is_named() -> None:
    with pytest.raises(UsageError, match=r"\.gif is a picture, which .*; a\.svg is the nearest to it"):
        refuse_misnomer("a.gif", None, WITH_CHARTS)
    with pytest.raises(UsageError, match=r"--format png does not write what \.svg says"):
        refuse_misnomer("a.svg", "png", WITH_CHARTS)
    # A chart in characters is text.
    refuse_misnomer("a.txt", "chart", WITH_CHARTS)
    with pytest.raises(UsageError, match=r"a\.txt"):
        refuse_misnomer("a.svg", "chart", WITH_CHARTS)


def test_a_command_with_charts_keeps_the_units_of_its_tables() -> None:
    def command(where: Output) -> None: ...

    names = {parameter.name for parameter in click.command()(output_options(WITH_CHARTS)(command)).params}
    assert "units" in names
    assert "units" not in {p.name for p in click.command()(output_options({"yaml": "yaml"})(command)).params}


def test_a_chart_is_written_as_svg_to_a_file_and_to_a_pipe(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_chart(CHART, asked("svg", tmp_path / "a.svg"))
    write_chart(CHART, asked("svg"))
    text = (tmp_path / "a.svg").read_text("utf-8")
    assert text == capsys.readouterr().out == ShownChart(CHART).svg()


def test_a_chart_is_written_in_characters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_chart(CHART, asked("chart", tmp_path / "a.txt"))
    write_chart(CHART, asked("chart"))
    text = (tmp_path / "a.txt").read_text("utf-8")
    assert text == capsys.readouterr().out == ShownChart(CHART).text()
    assert str(ShownChart(CHART)) == text.rstrip("\n")
    assert repr(ShownChart(CHART)) == "<ShownChart: A chart>"
    assert "\x1b" not in text


def test_a_chart_is_written_in_the_language_that_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    titles: dict[Language, str] = {"en": "depth", "zh": "深度"}
    write_chart(lambda language: CHART._replace(title=titles[language]), asked("chart", language="zh"))
    assert "深度" in capsys.readouterr().out


@pytest.mark.parametrize("format", ["png", "pdf"])
def test_files_that_need_matplotlib_say_how_it_is_installed(
    format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    file = tmp_path / f"a.{format}"
    with pytest.raises(UsageError, match=r"needs matplotlib: pip install 'rfcalc\[plot\]'"):
        write_chart(CHART, asked(format, file))
    assert not file.exists()
    with pytest.raises(UsageError, match="needs matplotlib"):
        ShownChart(CHART).plot()


@pytest.mark.parametrize(("format", "start"), [("png", b"\x89PNG\r\n"), ("pdf", b"%PDF-")])
def test_files_of_matplotlib_are_written_whole(format: str, start: bytes, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="png and pdf need the extra `plot`")
    file = tmp_path / f"a.{format}"
    file.write_bytes(b"before")
    write_chart(CHART, asked(format, file))
    assert file.read_bytes().startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_words_without_a_font_are_written_in_english_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib", reason="png and pdf need the extra `plot`")
    from rfcalc.render.charts import matplotlib as renderer

    monkeypatch.setattr(renderer, "without_glyphs", lambda chart: "深度" if "深度" in chart.title else "")
    titles: dict[Language, str] = {"en": "depth", "zh": "深度"}
    write_chart(
        lambda language: CHART._replace(title=titles[language]),
        asked("png", tmp_path / "a.png", language="zh"),
    )
    assert "no installed font has 深度: the words are in English" in capsys.readouterr().err
    write_chart(CHART, asked("png", tmp_path / "b.png"))
    write_chart(CHART._replace(title="深度"), asked("png", tmp_path / "c.png"))
    assert "no installed font has 深度: they are shown as ?" in capsys.readouterr().err
    assert (tmp_path / "a.png").read_bytes() != (tmp_path / "c.png").read_bytes()


def test_a_terminal_gets_no_file_that_is_no_text_but_a_pipe_does() -> None:
    program = "from rfcalc.cli.output import emit; emit(bytes(range(256)))"
    piped = subprocess.run((sys.executable, "-c", program), stdout=subprocess.PIPE, check=True)
    assert piped.stdout == bytes(range(256))
    ours, theirs = pty.openpty()
    program = (
        "from rfcalc.cli.output import emit\n"
        "from rfcalc.errors import UsageError\n"
        "import sys\n"
        "try: emit(b'data')\n"
        "except UsageError as error: print(error, file=sys.stderr)\n"
    )
    shown = subprocess.run((sys.executable, "-c", program), stdout=theirs, stderr=subprocess.PIPE, check=True)
    os.close(theirs)
    os.close(ours)
    assert b"a terminal cannot show what is no text" in shown.stderr


def test_a_chart_on_a_pipe_is_in_the_characters_that_it_holds() -> None:
    program = (
        "from rfcalc.cli.charts import write_chart\n"
        "from rfcalc.cli.output import Output\n"
        "from rfcalc.report.chart import Chart\n"
        "import sys\n"
        "write_chart(Chart('深度', (), ''), Output(sys.argv[1], None, 'raw', None, False))\n"
    )
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    for kind, expected in (("svg", b"&#28145;"), ("chart", b"??")):
        result = subprocess.run(
            (sys.executable, "-c", program, kind), stdout=subprocess.PIPE, env=environment, check=True
        )
        assert expected in result.stdout


@pytest.mark.parametrize("format", ["svg", "chart"])
def test_drawing_without_matplotlib_loads_neither_it_nor_arrays(format: str) -> None:
    program = (
        "import sys\n"
        "from rfcalc.cli.charts import write_chart\n"
        "from rfcalc.cli.output import Output\n"
        "from rfcalc.report.chart import Cells, Chart, Curve, Panel, Scale\n"
        "scale = Scale('x', 0, 9)\n"
        "marks = (Cells(0, 0, [[0.0, 1.0] * 9] * 9), Curve(((0, 0), (9, 9)), 0, 'line'))\n"
        "chart = Chart('', (Panel('', scale, scale, marks),), '')\n"
        "write_chart(chart, Output(sys.argv[1], None, 'raw', None, False))\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    result = subprocess.run(
        (sys.executable, "-c", program, format), capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in result.stderr.split()}
    assert not loaded & {"matplotlib", "PIL", "numpy", "rich", "tabulate"}
