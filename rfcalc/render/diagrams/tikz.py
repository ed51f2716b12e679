"""Drawings as TikZ: a document of LaTeX that a person can edit, with all that is placed by name.

Colours, styles and the cuboid stand at the top; what belongs to a box or a volume is placed from it, so that
it comes along where that is moved.  Lengths are centimetres.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import normalize

from rfcalc.errors import UsageError, printable
from rfcalc.render.charts.palette import LIGHT
from rfcalc.render.diagrams.column import TITLE
from rfcalc.render.diagrams.cuboid import SLANT
from rfcalc.render.diagrams.page import BEAM, TINT, UNIT, DiagramPage, PageEdge, PageText
from rfcalc.render.diagrams.styles import page_in
from rfcalc.render.escapes import latex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rfcalc.render.charts.palette import Colour, Role
    from rfcalc.render.diagrams.cuboid import Cuboid, PagePoint
    from rfcalc.render.diagrams.page import PageBox
    from rfcalc.report.diagram.diagram import Diagram, DrawingStyle

# A pixel of the page, of which 100 are an inch.
_CENTIMETRE = 2.54 / 100
# TeX has no longer lengths than 2^14 points.
_LONGEST = 570.0
_LONGEST_NAME = 60
_ROLES: tuple[Role, ...] = ("ink", "muted", "grid")
_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030b": "H",
    "\u030c": "v",
    "\u0327": "c",
}
# What the package for Chinese has fonts for.
_CHINESE = re.compile("[\u3000-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff00-\uff60]")

_BOXES = r"""\tikzset{
  % A box is in the colour of its size, as in \node[layer=size1].
  box/.style={draw=#1, fill=#1!TINT, rounded corners=0.08cm, align=center, inner sep=0.04cm,
    minimum height=0.53cm, font=\sffamily\footnotesize},
  layer/.style={box=#1},
  block/.style={box=#1},
  two lines/.style={minimum height=0.84cm},
  repeated/.style={preaction={transform canvas={shift={(0.08,0.08)}}, draw, fill=white}},
  plain/.style={draw=muted, fill=white, inner sep=0.04cm, font=\sffamily\footnotesize},
  input/.style={plain, rounded corners=0.26cm, minimum height=0.53cm, inner xsep=0.25cm},
  meet/.style={plain, circle, inner sep=0pt, minimum size=0.28cm, font=\sffamily\scriptsize},
  named meet/.style={plain, rounded corners=0.2cm, minimum height=0.4cm, inner xsep=0.13cm},
}"""
_VOLUMES = r"""\tikzset{
  % cuboid={channels}{height}{width}: to the right, upwards, and to the back.  Of a cuboid called conv1,
  % conv1-corner is its lower left corner in front, conv1-top the one above, conv1-ridge the middle of its
  % upper edge at the back, conv1-map the middle of the map at its right, and conv1-a to conv1-d the corners
  % of that.
  cuboid/.pic={\cuboid#1},
  front face/.style={fill opacity=0.18},
  roof/.style={fill opacity=0.08},
  map/.style={fill opacity=0.3},
  % What one unit of the next volume reads, and how it is led there.
  window/.style={front face/.style={fill opacity=0.29}, roof/.style={fill opacity=0.13},
    map/.style={fill opacity=0.48}},
  beam/.style={fill=muted, fill opacity=BEAM},
  ray/.style={draw=muted, line width=0.36pt},
  unit/.style={circle, fill=muted, inner sep=0pt, minimum size=UNITcm},
}
\newcommand{\cuboid}[3]{
  \begin{scope}[line width=0.58pt, line join=round]
    \filldraw[front face] (0,0,0) -- (#1,0,0) -- (#1,#2,0) -- (0,#2,0) -- cycle;
    \filldraw[roof] (0,#2,0) -- (#1,#2,0) -- (#1,#2,#3) -- (0,#2,#3) -- cycle;
    \filldraw[map] (#1,0,0) -- (#1,0,#3) -- (#1,#2,#3) -- (#1,#2,0) -- cycle;
  \end{scope}
  \path (0,0,0) coordinate (-corner) (0,#2,0) coordinate (-top) (#1/2,#2,#3) coordinate (-ridge)
    (#1,#2/2,#3/2) coordinate (-map)
    (#1,0,0) coordinate (-a) (#1,0,#3) coordinate (-b) (#1,#2,#3) coordinate (-c) (#1,#2,0) coordinate (-d);
}"""
_TEXTS = r"""\tikzset{
  every node/.style={text=ink},
  title/.style={font=\sffamily\normalsize\bfseries, inner sep=0pt},
  size/.style={font=\sffamily\scriptsize, inner sep=0pt},
  aside/.style={size, text=muted},
  edge/.style={draw=muted, line width=0.86pt, rounded corners=0.13cm,
    -{Stealth[length=0.13cm, width=0.15cm]}},
  changes/.style={dashed},
}"""
_HEAD = r"""\documentclass{article}
\usepackage{tikz}
\usetikzlibrary{arrows.meta}"""
_PAGE = r"""% The page is as large as the drawing.
\ifdefined\pagewidth \let\pdfpagewidth\pagewidth \let\pdfpageheight\pageheight \fi
\pdfpagewidth=\dimexpr\wd\drawing+8mm\relax
\pdfpageheight=\dimexpr\ht\drawing+\dp\drawing+8mm\relax
\hoffset=\dimexpr4mm-1in\relax
\voffset=\dimexpr4mm-1in\relax
\shipout\box\drawing
\end{document}
"""


def diagram_tikz(diagrams: Sequence[Diagram], style: DrawingStyle = "boxes") -> str:
    """The document of diagrams on one page; raises UsageError for what is larger than TeX can hold."""
    page = page_in(style, diagrams)
    longest = _CENTIMETRE * max(page.width, page.height)
    if longest > _LONGEST:
        raise UsageError(
            f"the drawing would be {longest:.0f} cm long, and TeX holds {_LONGEST:.0f} cm; "
            "fold blocks with --depth"
        )
    return _TikzDocument(page).text()


def tikz_without_glyphs(diagrams: Sequence[Diagram], style: DrawingStyle = "boxes") -> str:
    """The characters that are shown as ?, since the fonts of LaTeX do not have them."""
    page = page_in(style, diagrams)
    found = printable("".join(_texts(page)))
    return "".join(sorted({character for character in found if character != "?" and tex(character) == "?"}))


def tex(text: str) -> str:
    """One line of text in which nothing is a command, in characters that LaTeX has without further packages.

    Accents are written as such; Chinese stays; ? is what remains.
    """
    # Two dashes or quotation marks would be one sign.
    parts = re.split(r"(?<=[-'`?!])(?=[-'`])", printable(text))
    return "{}".join("".join(map(_character, part)) for part in parts)


def _character(character: str) -> str:
    written = latex(character).removeprefix("{}")
    if written.isascii() or _CHINESE.fullmatch(character):
        return written
    apart = normalize("NFD", character)
    letter, accent = apart[0], _ACCENTS.get(apart[1:])
    return rf"\{accent}{{{letter}}}" if accent and letter.isascii() and letter.isalpha() else "?"


def _texts(page: DiagramPage) -> Iterator[str]:
    yield from (text.text for text in page.texts)
    for box in page.boxes:
        yield box.lettered.text
        yield box.lettered.second


class _TikzDocument:
    """A page as TikZ; names: of its boxes or volumes, those of their layers as far as TikZ takes them."""

    def __init__(self, page: DiagramPage) -> None:
        self.page = page
        boxes = [box.lettered.box for box in page.boxes] or [volume.box for volume, _ in page.volumes]
        self.names = _names(box.name for box in boxes)
        self.colours: dict[str, str] = {role: LIGHT.colour(role) for role in _ROLES}
        # How wide the boxes of each column are.
        self.columns: dict[float, str] = {}

    def text(self) -> str:
        body = [*self.body()]
        chinese = any(_CHINESE.search(text) for text in _texts(self.page))
        styles = _BOXES if self.page.boxes else _VOLUMES
        for name, value in (("TINT", 100 * TINT), ("BEAM", BEAM), ("UNIT", 2 * UNIT * _CENTIMETRE)):
            styles = styles.replace(name, f"{value:.3g}")
        lines = [
            f"% {tex(self.page.title)}",
            _HEAD,
            *([r"\usepackage{ctex} % for Chinese: compile with xelatex"] if chinese else ()),
            "% Of sizes of maps, of texts, and of what stands back.",
            *(rf"\definecolor{{{name}}}{{HTML}}{{{value.upper()}}}" for name, value in self.colours.items()),
            _TEXTS,
            styles,
            *(rf"\tikzset{{{name}/.style={{minimum width={_cm(w)}cm}}}}" for w, name in self.columns.items()),
            r"\newsavebox\drawing",
            r"\begin{document}",
            r"\begin{lrbox}{\drawing}%",
            rf"\begin{{tikzpicture}}[x=1cm, y=1cm, z={{({SLANT[0]:g}cm,{SLANT[1]:g}cm)}}]",
            *(f"  {line}" for line in body),
            r"\end{tikzpicture}%",
            r"\end{lrbox}",
            _PAGE,
        ]
        return "\n".join(lines)

    def colour(self, colour: Colour) -> str:
        """The name of a colour."""
        if isinstance(colour, str):
            return colour
        name = f"size{colour + 1}"
        self.colours[name] = LIGHT.colour(colour)
        return name

    def body(self) -> Iterator[str]:
        """The statements of the picture."""
        for number, band in enumerate(self.page.bands):
            if number % 2 == 0:
                ends = _place((0, band.top)), _place((self.page.width, band.bottom))
                yield rf"\fill[grid, opacity=0.4] {ends[0]} rectangle {ends[1]};"
        for number, box in enumerate(self.page.boxes):
            yield from self.box(self.names[number], box)
        for number in range(len(self.page.volumes)):
            yield from self.volume(number)
        for number in range(len(self.page.volumes)):
            yield from self.beam(number)
        edge = self.edge if self.page.boxes else self.edge_of_volumes
        yield from map(edge, self.page.edges)
        for text in self.page.texts:
            look = "title" if text.size == TITLE else "aside" if text.muted else "size"
            anchor = {"start": "base west", "middle": "base", "end": "base east"}[text.anchor]
            yield rf"\node[{look}, anchor={anchor}] at {self.place_of(text)} {{{tex(text.text)}}};"

    def place_of(self, text: PageText) -> str:
        """Where a text is: from its box or volume, if it has one."""
        if text.owner < 0:
            return _place((text.x, text.y))
        if self.page.boxes:
            return _from(self.names[text.owner], _middle(self.page.boxes[text.owner]), (text.x, text.y))
        cuboid = self.page.volumes[text.owner][0].cuboid
        return _from(f"{self.names[text.owner]}-corner", cuboid.at(0, 0, 0), (text.x, text.y))

    def box(self, name: str, box: PageBox) -> Iterator[str]:
        """A box, with what it does in place and the loop at its side."""
        lettered, text = box.lettered, tex(box.lettered.text)
        kind, colour = lettered.box.kind, self.colour(box.colour)
        looks: list[str] = [kind if kind != "join" else "meet" if len(lettered.text) == 1 else "named meet"]
        if kind in ("layer", "block"):
            column = self.columns.setdefault(lettered.width, f"column{len(self.columns) + 1}")
            looks = [f"{kind}={colour}", column, *(["repeated"] if lettered.lift else [])]
            if lettered.second:
                looks.append("two lines")
                text += rf"\\[-0.06cm] {{\scriptsize\color{{muted}}{tex(lettered.second)}}}"
        yield rf"\node[{', '.join(looks)}] ({name}) at {_place(_middle(box))} {{{text}}};"
        if lettered.second and kind == "join":
            yield rf"\node[aside, anchor=east] at ([xshift=-0.1cm]{name}.west) {{{tex(lettered.second)}}};"
        if lettered.box.shortcut:
            shift = f"xshift={_cm(lettered.lift)}cm, yshift="
            yield (
                rf"\draw[{colour}] ([{shift}-0.12cm]{name}.north east) .. controls "
                rf"+(0.23,-0.03) and +(0.23,0.03) .. ([{shift}0.12cm]{name}.south east);"
            )

    def volume(self, number: int) -> Iterator[str]:
        """A cuboid, and in it what a unit of the next one reads."""
        volume, _ = self.page.volumes[number]
        name, colour, cuboid = self.names[number], self.colour(volume.colour), volume.cuboid
        yield rf"\pic[{colour}] ({name}) at {_place(cuboid.at(0, 0, 0))} {{{_lengths(cuboid)}}};"
        if volume.window is not None:
            inside = _from(f"{name}-corner", cuboid.at(0, 0, 0), volume.window.at(0, 0, 0))
            yield rf"\pic[{colour}, window] ({name}-window) at {inside} {{{_lengths(volume.window)}}};"

    def beam(self, number: int) -> Iterator[str]:
        """What is read of a volume, on its way into the next."""
        volume, beam = self.page.volumes[number]
        if beam is None:
            return
        name, target = self.names[number], self.names[number + 1]
        cuboid, following = volume.cuboid, self.page.volumes[number + 1][0].cuboid
        read, source = (cuboid, name) if volume.window is None else (volume.window, f"{name}-window")
        named = dict(zip(read.map_corners(read.wide), (f"{source}-{each}" for each in "abcd"), strict=True))
        named |= {following.at(0, 0, 0): f"{target}-corner"}
        named |= {following.at(0, following.high, 0): f"{target}-top"}
        if beam.tip is not None:
            named[beam.tip] = f"{target}-unit"
            inside = _from(f"{target}-corner", following.at(0, 0, 0), beam.tip)
            yield rf"\node[unit] ({target}-unit) at {inside} {{}};"
        # Lines go to the middle of the unit.
        named = {point: f"{each}.center" if each.endswith("unit") else each for point, each in named.items()}
        yield rf"\fill[beam] {' -- '.join(f'({named[point]})' for point in beam.outline)} -- cycle;"
        rays = " ".join(f"({named[start]}) -- ({named[end]})" for start, end in beam.rays)
        yield rf"\draw[ray] {rays};"

    def edge(self, edge: PageEdge) -> str:
        """An edge from box to box, through the places where it turns."""
        lift = self.page.boxes[edge.target].lettered.lift
        looks = ["edge", *(["changes"] if edge.dashed else [])]
        looks += [f"shorten >={_cm(lift)}cm"] if lift else []
        ends = f"({self.names[edge.source]})", f"({self.names[edge.target]})"
        way = " -- ".join((ends[0], *map(_place, edge.points[1:-1]), ends[1]))
        return rf"\draw[{', '.join(looks)}] {way};"

    def edge_of_volumes(self, edge: PageEdge) -> str:
        """An arrow to the next volume, or one that passes above others."""
        look = "edge, changes" if edge.dashed else "edge"
        source, target = (self.page.volumes[number][0].cuboid for number in (edge.source, edge.target))
        first, last = self.names[edge.source], self.names[edge.target]
        if len(edge.points) == 2:
            end = _from(f"{last}-corner", target.at(0, 0, 0), edge.points[-1])
            return rf"\draw[{look}] ({first}-map) -- {end};"
        ends = [
            _from(f"{name}-ridge", cuboid.at(cuboid.wide / 2, cuboid.high, cuboid.deep), point)
            for name, cuboid, point in (
                (first, source, edge.points[0]),
                (last, target, edge.points[-1]),
            )
        ]
        rise = _cm(edge.points[0][1] - edge.points[1][1])
        return rf"\draw[{look}] {ends[0]} -- ++(0,{rise}) -| {ends[1]};"


def _names(names: Iterable[str]) -> list[str]:
    """Names that TikZ takes, each once: of letters, digits and underscores, as places have a dash."""
    taken: dict[str, None] = {}
    for name in names:
        plain = re.sub("[^A-Za-z0-9]+", "_", name).strip("_")[:_LONGEST_NAME] or "box"
        number, found = 1, plain
        while found in taken:
            number += 1
            found = f"{plain}_{number}"
        taken[found] = None
    return [*taken]


def _cm(pixels: float) -> str:
    """A length in centimetres."""
    return f"{round(pixels * _CENTIMETRE, 2) + 0.0:g}"


def _place(point: PagePoint) -> str:
    """A place of the page, whose lengths go down, in TikZ's, where they go up."""
    return f"({_cm(point[0])},{_cm(-point[1])})"


def _from(name: str, origin: PagePoint, point: PagePoint) -> str:
    """A place by its distance from a named one."""
    return f"([shift={{{_place((point[0] - origin[0], point[1] - origin[1]))}}}]{name})"


def _middle(box: PageBox) -> PagePoint:
    return box.left + box.lettered.width / 2, box.top + box.lettered.height / 2


def _lengths(cuboid: Cuboid) -> str:
    lengths = (cuboid.wide, cuboid.high, cuboid.deep)
    return f"cuboid={''.join(f'{{{_cm(length)}}}' for length in lengths)}"
