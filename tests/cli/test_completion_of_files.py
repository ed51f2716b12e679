"""What a shell offers of files that have been typed: parts, scales, and what can be said of them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from rfcalc.cli.group import program

MODEL = (
    "nc: 3\nscales: {n: [0.5, 0.25, 64], s: [0.5, 0.5, 64]}\nbackbone:\n  - [-1, 1, Conv, [8, 3]]\nhead: []\n"
)


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(MODEL)
    Path("net.yaml").write_text("input: 8x8x3\nlayers:\n  - relu\n")
    Path("broken.yaml").write_text("backbone: [\n")
    Path("deploy.prototxt").write_text('layer { name: "data" }\n')
    Path("plans.json").write_text(
        json.dumps({"configurations": {"2d": {}, "3d_fullres": {}, "3d_lowres": {}}})
    )


def offered(words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What bash is told; the last word is what has been typed of the one that is wanted."""
    *_, last = words.split(" ")
    monkeypatch.setenv("_RFCALC_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - bool(last)))
    with pytest.raises(SystemExit):
        program(prog_name="rfcalc", complete_var="_RFCALC_COMPLETE")
    assert os.environ["COMP_WORDS"] == words
    return [line.partition(",")[2] for line in capsys.readouterr().out.splitlines() if line[:6] == "plain,"]


NONE = ["net.yaml --scale ", "broken.yaml --scale ", "nowhere.yaml --scale ", "deploy.prototxt --scale "]
NONE += ["net.yaml:", "mine.yaml:", "nowhere.json:", "net.yaml --set ", "deploy.prototxt --set phase="]


@pytest.mark.parametrize("words", NONE)
def test_nothing_is_offered_where_a_file_has_none(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert offered(f"rfcalc {words}", monkeypatch, capsys) == []


SOME = {
    "mine.yaml --scale ": ["n", "s"],
    "check mine.yaml --scale ": ["n", "s"],
    "convert mine.yaml --scale s": ["s"],
    "explain mine.yaml model.0 --scale ": ["n", "s"],
    "compare mine.yaml mine.yaml --scale B:": ["B:n", "B:s"],
    "mine.yaml --set ": ["scale=", "nc=", "ch="],
    "mine.yaml --set scale=": ["scale=n", "scale=s"],
    "deploy.prototxt --set ": ["phase=", "stage="],
    "plans.json:": ["plans.json:2d", "plans.json:3d_fullres", "plans.json:3d_lowres"],
    "check plans.json:3d_f": ["plans.json:3d_fullres"],
    # As bash has it, for which a colon ends a word.
    "plans.json :": ["2d", "3d_fullres", "3d_lowres"],
    "convert plans.json : 3d_l": ["3d_lowres"],
}


@pytest.mark.parametrize("words", SOME)
def test_a_file_says_what_may_follow(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert offered(f"rfcalc {words}", monkeypatch, capsys) == SOME[words]
