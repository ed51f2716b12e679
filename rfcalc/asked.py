"""What methods of a network are asked for, layers and words, and what is answered to others."""

from __future__ import annotations

from collections.abc import Sequence

from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
from rfcalc.errors import UsageError, nearest, quoted


class NoSuchLayer(UsageError, KeyError):
    """A network has no layer of the name that was looked up."""

    __str__ = UsageError.__str__


def looked_up(network: NetworkAnalysis, name: str) -> LayerAnalysis:
    """The layer of this hierarchical name; raises NoSuchLayer, with the nearest name when there is none."""
    if not isinstance(name, str):
        raise NoSuchLayer(f"a layer is looked up by its name, got {name!r}; layers[…] has them in order")
    try:
        return network.layer(name)
    except KeyError:
        raise _no_layer(network, name) from None


def _no_layer(network: NetworkAnalysis, name: str) -> NoSuchLayer:
    if name in network.graph.scopes:
        inside = [layer.name for layer in network.layers if layer.name.startswith(f"{name}.")]
        hint = f"it is a block: its layers are {', '.join(inside[:3])}, …; rows(depth=…) has its sums"
    else:
        names = [layer.name for layer in network.layers]
        hint = nearest(str(name), names) or f"the first is {names[0]!r}" if names else "it has none"
    return NoSuchLayer(f"{network.name} has no layer {quoted(str(name))}; {hint}")


def refuse_other_languages(language: str) -> None:
    """Raise UsageError for a language that has no words here."""
    from rfcalc.report.words import LANGUAGES

    refuse_others("language", language, LANGUAGES)


def refuse_others(name: str, value: str, known: Sequence[str]) -> None:
    """Raise UsageError for a value that is none of those that are known."""
    if value not in known:
        raise UsageError(f"{name} is one of {', '.join(known)}, got {value!r}")
