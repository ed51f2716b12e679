"""Why something is not known, in Chinese: every reason that an analysis gives has its words."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import rfcalc
from rfcalc.report.page.words import say
from rfcalc.report.reasons import CHINESE
from rfcalc.report.words import reason_in

PACKAGE = Path(rfcalc.__file__).parent
# What makes a reason; its other arguments are no texts.
GIVE = {"OutOfReachError", "not_told", "_unknown", "Passing"}


def texts(node: ast.expr) -> list[str]:
    """What an expression is as text; what is put into it is a word."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return ["".join(part.value if isinstance(part, ast.Constant) else "conv 1" for part in node.values)]
    if isinstance(node, ast.IfExp):
        return texts(node.body) + texts(node.orelse)
    if isinstance(node, ast.Dict):
        return [text for value in node.values for text in texts(value)]
    return []


def reasons(module: Path) -> set[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in GIVE:
            found += [text for argument in node.args for text in texts(argument)]
        if isinstance(node, ast.Assign) and re.search(
            "reason|_NO_|_NOT_SEEN|_TOO_MANY", ast.unparse(node.targets[0])
        ):
            found += [text for value in getattr(node.value, "elts", [node.value]) for text in texts(value)]
    return {text for text in found if " " in text}


MODULES = [
    PACKAGE / "report/location/runs.py",
    *sorted(path for path in (PACKAGE / "analysis").rglob("*.py") if "tiling" not in path.parts),
]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_every_reason_has_words_in_chinese(module: Path) -> None:
    given = reasons(module)
    if module.stem in ("effective", "axis_field"):
        assert given, "they are looked for"
    assert [reason for reason in given if not re.search("[\u4e00-\u9fff]", reason_in("zh", reason))] == []


def test_a_reason_stands_in_a_phrase_in_its_language() -> None:
    reason = "layer3 makes two axes of one"
    assert say("no fields", "en", reason=reason) == f"No picture: {reason}"
    assert say("no fields", "zh", reason=reason) == "无图：layer3将一轴变为两轴"
    assert reason_in("zh", "something else") == "something else"
    assert all(chinese.count("{}") == english.count("{}") for english, chinese in CHINESE.items())
