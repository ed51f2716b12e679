"""How often `rfcalc check` is right on designs held up as good: `python benchmarks/designs.py [--unjudged]`.

Every finding on the corpus in tests/data/designs was judged by a reader; README.md there says what the
verdicts mean.  Printed are the findings of each rule by verdict, and the rate of warnings that would be
accepted in a review, errors among them, for the corpus and for the designs that are held out.  With
--unjudged the lines are printed that the judgements lack or have too many.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from rfcalc.library import analyze, load
from rfcalc.lint.checking import run_rules
from rfcalc.lint.finding import Finding
from rfcalc.lint.registry import MODULE_OF
from rfcalc.lint.rule import Subject

FOLDER = Path(__file__).parents[1] / "tests" / "data" / "designs"
COLUMNS = ("design", "code", "severity", "layer", "verdict", "reason")
VERDICTS = ("useful", "noise", "false")
HELD_OUT = "held_out/"
PARTS = {"corpus": False, "held out": True}


class Key(NamedTuple):
    """What a judgement is about: a finding, as far as it stays the same when its message is reworded.

    design: the name of a shipped network, or the path of a description in the folder without its suffix.
    layer: the name of the layer that the finding is at, "" for one about the whole network.
    """

    design: str
    code: str
    severity: str
    layer: str

    @property
    def held_out(self) -> bool:
        """Whether rules are not tuned on its design."""
        return self.design.startswith(HELD_OUT)


class Judgement(NamedTuple):
    """What a reader thinks of a finding: one of `VERDICTS`, and why."""

    verdict: str
    reason: str


def designs() -> dict[str, str]:
    """The corpus: the name of each design, and what `rfcalc.library.load` finds it by."""
    shipped = (FOLDER / "shipped.txt").read_text(encoding="utf-8").split()
    written = {
        path.relative_to(FOLDER).with_suffix("").as_posix(): str(path) for path in FOLDER.rglob("*.yaml")
    }
    return {name: name for name in shipped} | dict(sorted(written.items()))


def findings_of(design: str, found_by: str) -> list[tuple[Key, Finding]]:
    """What the rules say of a design, comments that ignore left aside, in the order of its text."""
    description = load(found_by)
    found = run_rules(Subject(description.network, analyze(description)), MODULE_OF)
    return [(Key(design, each.code, each.severity, each.layer), each) for each in found]


def all_findings() -> list[tuple[Key, Finding]]:
    """What the rules say of every design of the corpus."""
    return [pair for design, found_by in designs().items() for pair in findings_of(design, found_by)]


def judgements() -> list[tuple[Key, Judgement]]:
    """The lines of judgements.tsv, in their order."""
    head, *lines = (FOLDER / "judgements.tsv").read_text(encoding="utf-8").splitlines()
    if tuple(head.split("\t")) != COLUMNS:
        raise ValueError(f"judgements.tsv must begin with the columns {', '.join(COLUMNS)}")
    rows = [line.split("\t") for line in lines]
    if wrong := [line for line, row in zip(lines, rows, strict=True) if len(row) != len(COLUMNS)]:
        raise ValueError(f"a line of judgements.tsv has not {len(COLUMNS)} columns: {wrong[0]}")
    return [(Key(*row[:4]), Judgement(*row[4:])) for row in rows]


def rate(verdicts: Counter[str]) -> Fraction | None:
    """The share of verdicts that are `useful`, from 0 to 1; None where there is none."""
    return Fraction(verdicts["useful"], verdicts.total()) if verdicts.total() else None


def warnings_by_verdict(judged: Iterable[tuple[Key, Judgement]], held_out: bool) -> Counter[str]:
    """How many findings that fail a check by default, of one part of the corpus, have each verdict."""
    return Counter(
        judgement.verdict for key, judgement in judged if key.held_out == held_out and key.severity != "info"
    )


def _print_unjudged(found: list[tuple[Key, Finding]], judged: dict[Key, Judgement]) -> None:
    for key, finding in found:
        if key not in judged:
            print("\t".join((*key, "?", f"{finding.message}; help: {finding.hint}")))
    for key in judged.keys() - {key for key, _ in found}:
        print("\t".join((*key, "gone", judged[key].reason)))


def _print_rates(found: list[tuple[Key, Finding]], judged: dict[Key, Judgement]) -> None:
    nobody = Judgement("unjudged", "")
    pairs = [(key, judged.get(key, nobody)) for key, _ in found]
    columns = (*VERDICTS, "unjudged")
    names = list(designs())
    apart = sum(name.startswith(HELD_OUT) for name in names)
    print(f"{len(names)} designs, {apart} of them held out; {len(found)} findings\n")
    print(f"{'rule':<7}{'severity':<10}" + "".join(f"{word:>10}" for word in columns))
    rows = sorted({(key.code, key.severity) for key, _ in pairs})
    for code, severity in rows:
        verdicts = Counter(each.verdict for key, each in pairs if key[1:3] == (code, severity))
        print(f"{code:<7}{severity:<10}" + "".join(f"{verdicts[word] or '':>10}" for word in columns))
    print()
    for part, held_out in PARTS.items():
        verdicts = warnings_by_verdict(pairs, held_out)
        share = rate(verdicts)
        percent = "-" if share is None else f"{float(share):.1%}"
        print(f"{part}: {verdicts['useful']} of {verdicts.total()} warnings would be accepted, {percent}")


def main() -> None:
    """Print the rates, or what is not judged."""
    found = all_findings()
    (_print_unjudged if "--unjudged" in sys.argv[1:] else _print_rates)(found, dict(judgements()))


if __name__ == "__main__":
    main()
