"""The figures that matter at first sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.analysis.figures import COUNTS, of_network
from rfcalc.report.cells import Amount, Style
from rfcalc.report.network_table.fields import network_field, size_cell
from rfcalc.report.page.record import PageFigure
from rfcalc.report.page.words import listed_in, say
from rfcalc.report.words import LANGUAGES
from rfcalc.shapes import format_sizes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rfcalc.analysis.figures import Sum
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.report.words import Language
    from rfcalc.units import NumberFormats

_FULL, _ROUNDED = Style(), Style(units="si")


def page_figures(analysis: NetworkAnalysis, dtype: NumberFormats, language: Language) -> Iterator[PageFigure]:
    """Parameters, multiply-adds, field against the input, peak of activations, and layers."""
    yield _count("params", "params_bytes", analysis, dtype, language)
    yield _count("macs", "", analysis, dtype, language)
    yield from _field(analysis, language)
    yield _count("peak_activations", "peak_activations_bytes", analysis, dtype, language)
    layers = _count("layers", "", analysis, dtype, language)
    depth = _amount(of_network(COUNTS["depth"], analysis)).text(_FULL)
    full = _amount(of_network(COUNTS["layers"], analysis)).text(_FULL)
    yield layers._replace(value=full, asides=(say("longest path", language, depth=depth),))


def _count(
    name: str, in_bytes: str, analysis: NetworkAnalysis, dtype: NumberFormats, language: Language
) -> PageFigure:
    """A count, rounded, with its full number beside it, and what it takes in bytes."""
    found = _amount(of_network(COUNTS[name], analysis, dtype))
    rounded, asides = found.text(_ROUNDED), [found.text(_FULL)]
    if in_bytes:
        size = of_network(COUNTS[in_bytes], analysis, dtype)
        formats = dtype.params if name == "params" else dtype.activations
        text = _amount(size, binary=True).text(_ROUNDED)
        if not isinstance(size.known, int):
            text += " B"
        asides.append(say("in bytes", language, bytes=text, dtype=formats))
    title = COUNTS[name].title[LANGUAGES.index(language)]
    return PageFigure(title, rounded, tuple(text for text in asides if text != rounded))


def _amount(found: Sum, *, binary: bool = False) -> Amount:
    return Amount(found.known, found.complete, binary)


def _field(analysis: NetworkAnalysis, language: Language) -> Iterator[PageFigure]:
    """The field of the network beside the size of what it sees."""
    seen, nodes = network_field(analysis), analysis.graph.nodes
    if seen is None or not seen.axes:
        return
    text = size_cell(seen, analysis.input_names, language).text(_FULL)
    lengths = nodes[analysis.graph.inputs[seen.input]].facts.output.axes
    layer = nodes[analysis.fields.network].name
    asides = (
        say("against input", language, size=format_sizes(lengths)),
        say("at layer", language, layer=layer),
    )
    yield PageFigure(say("network field", language), text, asides)


def tensors(analysis: NetworkAnalysis, language: Language) -> str:
    """What enters the network and what leaves it."""
    names = analysis.input_names
    sizes = [format_sizes(shape.sizes()) for shape in analysis.inputs]
    entering = sizes if len(sizes) == 1 else [*map(" ".join, zip(names, sizes, strict=True))]
    leaving = [format_sizes(shape.sizes()) for shape in analysis.outputs]
    named = {"inputs": listed_in(entering, language), "outputs": listed_in(leaving, language)}
    return say("tensors", language, **named)
