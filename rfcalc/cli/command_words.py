"""What may be meant by words that are no command, or too many, for the hints of errors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rfcalc.errors import nearest, quoted

# Words for what a command does, in other programs and in everybody's language.
_WORDS = {
    "show": "analyse analyze analysis summary summarize table print display view info inspect describe stats"
    " calc calculate compute run receptive-field rf flops macs params",
    "explain": "why trace how",
    "compare": "diff versus vs delta",
    "check": "lint validate verify test audit ci gate",
    "convert": "import load translate transform onnx2yaml from-onnx",
    "init": "new create start template",
    "field": "grow growth curve curves plot",
    "fmt": "format prettify tidy",
    "list": "ls networks models zoo nets",
    "ops": "operators layers op operator",
    "rules": "codes",
    "spec": "cat source dump yaml",
}
COMMAND_OF = {word: command for command, words in _WORDS.items() for word in words.split()}


def command_hint(word: str, commands: Iterable[str]) -> str:
    """Which of the commands may be meant by a word that is none; "" where none is near."""
    if word.casefold() == "version":
        return "did you mean the option '--version'?"
    meant = COMMAND_OF.get(word.casefold())
    return f"did you mean the command {meant!r}?" if meant else nearest(word, commands)


def several_hint(words: Sequence[str]) -> str:
    """What may be meant by several words where one network is asked for."""
    from rfcalc.library import is_callable, is_path, shipped_names

    names = shipped_names()
    first, *others = [is_path(word) or is_callable(word) or word in names for word in words]
    if all([first, *others]):
        return f"; `rfcalc compare {' '.join(words)}` compares them"
    if first and len(words) == 2 and not is_path(words[1]):
        return f"; `rfcalc explain {' '.join(words)}` explains a layer"
    if not first and words[0] not in names:
        hint = nearest(words[0], names, within=True)
        return f"; no shipped network is called {quoted(words[0])}{f', {hint}' if hint else ''}"
    return ""
