"""What else commands are called, for the hint of an error."""

from __future__ import annotations

from collections.abc import Iterable

from rfcalc.errors import nearest

# Words for what a command does, in other programs and in everybody's language.
_WORDS = {
    "show": "analyse analyze analysis summary summarize table print display view info inspect describe stats"
    " calc calculate compute run receptive-field rf flops macs params",
    "explain": "why trace how",
    "compare": "diff versus vs delta",
    "check": "lint validate verify test audit ci gate",
    "convert": "import export load translate transform onnx2yaml from-onnx",
    "init": "new create start template",
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
