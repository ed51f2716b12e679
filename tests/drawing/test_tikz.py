"""Drawings as TikZ: documents that compile, in which whatever a name holds is text."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from shutil import which
from string import printable as signs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_drawing_formats import HOSTILE, MERMAID, NETWORKS, named
from test_layout import drawn

from rfcalc import UsageError, analyze
from rfcalc.render.diagrams.tikz import diagram_tikz, tex, tikz_without_glyphs
from rfcalc.report.diagram.building import chain_of, overview_of
from rfcalc.report.diagram.diagram import Diagram, DrawingStyle

LATEX = (
    r"\end{lrbox}\end{document}\input{/etc/passwd} \write18{id} %# $x$ ^^41 ~_& ]) ; {\bf x} } \\ "
    r"\catcode`\% |<>' -- ``''"
)
STYLES: tuple[DrawingStyle, ...] = ("boxes", "volumes")
# What a text may be made of: signs that mean nothing, and commands that write one.
WORDS = (
    r"(?:[^\\{}&%$#_^~]|\{\}|\\[{}&%$#_]|\\textbackslash\{\}|\\textasciitilde\{\}|\\\^\{\}|\\ldots\{\}"
    r"|\\ensuremath\{(?:[<>|-]|\\[a-z]+)\}|\\textsuperscript\{\d\}|\\[`'^~=u.\"Hvc]\{[A-Za-z]\})*"
)
NAME = r"[A-Za-z0-9_]+(?:-(?:window|corner|top|ridge|map|unit))*(?:-[a-d])?"
LENGTH = r"-?\d+(?:\.\d+)?"
PLACE = rf"\({LENGTH},{LENGTH}\)"
SHIFTED = rf"\((?:\[(?:[xy]shift=-?[\d.]+cm,? ?)+\]|\[shift=\{{{PLACE}\}}\])?{NAME}(?:\.[a-z ]+)?\)"
AT = rf"(?:{PLACE}|{SHIFTED})"
LOOKS = r"[A-Za-z0-9 =,.>-]*"
# All that is written of a picture.
STATEMENTS = (
    rf"\\fill\[grid, opacity=0\.4\] {PLACE} rectangle {PLACE};",
    rf"\\fill\[beam\] {SHIFTED}(?: -- {SHIFTED})+ -- cycle;",
    rf"\\draw\[{LOOKS}\] {AT}(?: ?(?:--|-\||--|\+\+) ?{AT}| -- \+\+{PLACE} -\| {AT}| {AT})*;",
    rf"\\draw\[{LOOKS}\] {AT} \.\. controls \+{PLACE} and \+{PLACE} \.\. {AT};",
    rf"\\pic\[{LOOKS}\] \({NAME}\) at {AT} \{{cuboid=(?:\{{{LENGTH}\}}){{3}}\}};",
    rf"\\node\[{LOOKS}\](?: \({NAME}\))? at {AT} "
    rf"\{{{WORDS}(?:\\\\\[-0\.06cm\] \{{\\scriptsize\\color\{{muted\}}{WORDS}\}})?\}};",
)


def hostile(diagram: Diagram, text: str) -> Diagram:
    diagram = named(diagram, text)
    return diagram._replace(boxes=tuple(box._replace(lines=(text,)) for box in diagram.boxes))


def chosen(name: str, style: DrawingStyle) -> Diagram:
    return (chain_of if style == "volumes" else overview_of)(analyze(name))


def picture(document: str) -> list[str]:
    """The statements of the picture."""
    lines = document.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(r"\begin{tikzpicture}"))
    return [line.removeprefix("  ") for line in lines[start + 1 : lines.index(r"\end{tikzpicture}%")]]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(
    "text", ["name", HOSTILE, MERMAID, LATEX, "\\", "}", "{", "%", "^^M\nx", "é ű ∀ 卷积"]
)
def test_whatever_a_name_holds_is_text(name: str, style: DrawingStyle, text: str) -> None:
    diagram = hostile(chosen(name, style), text)
    lines = picture(diagram_tikz([diagram, diagram], style))
    assert lines
    assert [line for line in lines if not any(re.fullmatch(form, line) for form in STATEMENTS)] == []
    plain = picture(diagram_tikz([hostile(diagram, "x" * len(text))] * 2, style))
    # Beside the texts and the names, it is the same picture.
    kinds = [[re.split(r"[\[ ]", line)[0] for line in each] for each in (lines, plain)]
    assert kinds[0].count("\\pic") == kinds[1].count("\\pic")
    assert kinds[0].count("\\draw") == kinds[1].count("\\draw")


@given(st.text(alphabet=st.sampled_from(signs + "éß∀×…卷")))
def test_a_text_holds_no_command_and_ends_nothing(text: str) -> None:
    assert re.fullmatch(WORDS, tex(text))
    assert "\n" not in tex(text)


def test_signs_are_written_as_latex_has_them() -> None:
    assert tex("3x3 conv, 64 × 2 [a_b] 100%") == r"3x3 conv, 64 \ensuremath{\times} 2 [a\_b] 100\%"
    assert tex("Çiçek, Müller, Erdős") == r"\c{C}i\c{c}ek, M\"{u}ller, Erd\H{o}s"
    assert tex("a--b ``c''") == "a-{}-b `{}`c'{}'"
    assert tex("卷积 ∀") == "卷积 ?"


def test_what_latex_has_no_sign_for_is_told() -> None:
    diagram = chain_of(analyze("lenet5"))
    assert tikz_without_glyphs([diagram]) == ""
    assert tikz_without_glyphs([diagram._replace(name="∀ ? é 卷 ★")]) == "∀★"


def test_chinese_needs_a_package_and_nothing_else_does() -> None:
    diagram = chain_of(analyze("lenet5"))
    assert "ctex" not in diagram_tikz([diagram])
    assert "\\usepackage{ctex} % for Chinese: compile with xelatex\n" in diagram_tikz(
        [chain_of(analyze("lenet5"), language="zh")]
    )


def test_all_has_a_name_once_from_the_layers() -> None:
    lines = picture(diagram_tikz([chain_of(analyze("vgg16"))] * 2, "volumes"))
    names = [found[1] for line in lines if (found := re.match(r"\\pic\[\w+\] \(([^)]*)\)", line))]
    assert names[:4] == ["input", "conv1_1", "conv1_2", "pool1"]
    assert names[22:25] == ["input_2", "conv1_1_2", "conv1_2_2"]
    assert len(set(names)) == len(names) == 44


def test_a_volume_that_is_moved_takes_its_own_along() -> None:
    lines = picture(diagram_tikz([chain_of(analyze("alexnet"))], "volumes"))
    absolute = [line for line in lines if re.search(rf"at {PLACE}", line)]
    # The twelve volumes, the name of the network, its figures and the note.
    assert len(absolute) == 12 + 3
    assert [line for line in absolute if line.startswith("\\pic")] == absolute[:12]


def test_boxes_have_all_edges_between_names() -> None:
    diagram = overview_of(analyze("unet"))
    lines = picture(diagram_tikz([diagram]))
    edges = [line for line in lines if line.startswith(r"\draw[edge")]
    assert len(edges) == len(diagram.edges)
    assert r"\draw[edge] (enc1_conv1) -- (enc1_conv2);" in edges
    assert len([line for line in edges if line.startswith(r"\draw[edge, changes] (enc")]) == 4


def test_what_is_larger_than_tex_can_hold_is_refused() -> None:
    diagram = drawn([(number, number + 1) for number in range(999)], ["layer"] * 1000)
    with pytest.raises(UsageError, match="cm long, and TeX holds 570 cm; fold blocks with --depth"):
        diagram_tikz([diagram])


@pytest.mark.skipif(which("pdflatex") is None, reason="no TeX installation: pdflatex is not found")
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    ("networks", "text"),
    [
        (("alexnet",), None),
        (("resnet50", "unet"), None),
        (("hrnet-w18",), LATEX),
        (("siamese",), f"{HOSTILE} Çiçek ∀ ÷ ⁰ ≤ α"),
    ],
)
def test_it_compiles(
    networks: tuple[str, ...], text: str | None, style: DrawingStyle, tmp_path: Path
) -> None:
    diagrams = [chosen(name, style) for name in networks]
    if text is not None:
        diagrams = [hostile(diagram, text) for diagram in diagrams]
    (tmp_path / "drawing.tex").write_text(diagram_tikz(diagrams, style), encoding="utf-8")
    made = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "drawing.tex"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    log = made.stdout.decode("utf-8", "replace")
    assert made.returncode == 0, log[-2000:]
    assert "Output written on drawing.pdf (1 page" in log
    assert "Missing character" not in log
    assert "passwd" not in re.sub(r"\s", "", log)
    if which("pdftotext") is not None and text is None:
        found = subprocess.run(
            ["pdftotext", "drawing.pdf", "-"], cwd=tmp_path, capture_output=True, check=True
        ).stdout.decode()
        for diagram in diagrams:
            assert diagram.name in found
            shown = [box for box in diagram.boxes if box.kind == "layer"]
            for box in shown if style == "boxes" else ():
                assert box.text in found
