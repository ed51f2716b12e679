"""How often `rfcalc check` is right on designs held up as good: `python benchmarks/designs.py [--unjudged]`.

Every finding on the corpus in tests/data/designs was judged by a reader; README.md there says what the
verdicts mean.  Printed are the findings of each rule by verdict, those that are looked for only when they are
asked for included, and the rate of warnings that would be accepted in a review, errors among them, for the
corpus and for the designs that are held out.  With --unjudged the lines are printed that the judgements lack
or have too many.
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
from rfcalc.lint.registry import MODULE_OF, find_rule
from rfcalc.lint.rule import Subject

FOLDER = Path(__file__).parents[1] / "tests" / "data" / "designs"
COLUMNS = ("design", "code", "severity", "layer", "finding", "verdict", "reason")
VERDICTS = ("useful", "noise", "false")
HELD_OUT = "held_out/"
PARTS = {"corpus": False, "held out": True}


class Remark(NamedTuple):
    """What a judgement is about: a finding as its reader saw it; the verdict is on what is said and advised.

    design: the name of a shipped network, or the path of a description in the folder without its suffix.
    layer: the name of the layer that the finding is at, "" for one about the whole network.
    finding: its message and its help.
    """

    design: str
    code: str
    severity: str
    layer: str
    finding: str

    @property
    def held_out(self) -> bool:
        """Whether rules are not tuned on its design."""
        return self.design.startswith(HELD_OUT)


class Judgement(NamedTuple):
    """What a reader thinks of a finding: one of `VERDICTS`, and why."""

    verdict: str
    reason: str


UNJUDGED = Judgement("unjudged", "")


def designs() -> dict[str, str]:
    """The corpus: the name of each design, and what `rfcalc.library.load` finds it by."""
    shipped = (FOLDER / "shipped.txt").read_text(encoding="utf-8").split()
    written = {
        path.relative_to(FOLDER).with_suffix("").as_posix(): str(path) for path in FOLDER.rglob("*.yaml")
    }
    return {name: name for name in shipped} | dict(sorted(written.items()))


def remarks_on(design: str, found_by: str) -> list[Remark]:
    """What the rules say of a design, comments that ignore left aside, in the order of its text."""
    description = load(found_by)
    found = run_rules(Subject(description.network, analyze(description)), MODULE_OF)
    return [
        Remark(design, each.code, each.severity, each.layer, f"{each.message}; help: {each.hint}")
        for each in found
    ]


def all_remarks() -> list[Remark]:
    """What the rules say of every design of the corpus."""
    return [remark for design, found_by in designs().items() for remark in remarks_on(design, found_by)]


def judgements() -> list[tuple[Remark, Judgement]]:
    """The lines of judgements.tsv, in their order; raises ValueError for one that is none."""
    head, *lines = (FOLDER / "judgements.tsv").read_text(encoding="utf-8").splitlines()
    if tuple(head.split("\t")) != COLUMNS:
        raise ValueError(f"judgements.tsv must begin with the columns {', '.join(COLUMNS)}")
    rows = [line.split("\t") for line in lines]
    if wrong := [line for line, row in zip(lines, rows, strict=True) if len(row) != len(COLUMNS)]:
        raise ValueError(f"a line of judgements.tsv has not {len(COLUMNS)} columns: {wrong[0]}")
    return [(Remark(*row[:-2]), Judgement(*row[-2:])) for row in rows]


def rate(verdicts: Counter[str]) -> Fraction | None:
    """The share of verdicts that are `useful`, from 0 to 1; None where there is none."""
    return Fraction(verdicts["useful"], verdicts.total()) if verdicts.total() else None


def warnings_by_verdict(judged: Iterable[tuple[Remark, Judgement]], held_out: bool) -> Counter[str]:
    """How many remarks that fail a check by default, on one part of the corpus, have each verdict."""
    return Counter(
        judgement.verdict
        for remark, judgement in judged
        if remark.held_out == held_out and remark.severity != "info"
    )


def _print_unjudged(remarks: list[Remark], judged: dict[Remark, Judgement]) -> None:
    for remark in remarks:
        if remark not in judged:
            print("\t".join((*remark, "?", "")))
    for remark in judged.keys() - set(remarks):
        print("\t".join((*remark, f"gone, was {judged[remark].verdict}", judged[remark].reason)))


def _print_rates(remarks: list[Remark], judged: dict[Remark, Judgement]) -> None:
    pairs = [(remark, judged.get(remark, UNJUDGED)) for remark in remarks]
    columns = (*VERDICTS, UNJUDGED.verdict)
    names = list(designs())
    apart = sum(name.startswith(HELD_OUT) for name in names)
    print(f"{len(names)} designs, {apart} of them held out; {len(remarks)} findings\n")
    print(f"{'rule':<7}{'severity':<10}" + "".join(f"{word:>10}" for word in columns))
    for rule in sorted({(remark.code, remark.severity) for remark in remarks}):
        verdicts = Counter(each.verdict for remark, each in pairs if (remark.code, remark.severity) == rule)
        numbers = "".join(f"{verdicts[word] or '':>10}" for word in columns)
        print(f"{rule[0]:<7}{rule[1]:<10}{numbers}{'  when asked for' if find_rule(rule[0]).asked else ''}")
    print()
    for part, held_out in PARTS.items():
        verdicts = warnings_by_verdict(pairs, held_out)
        share = rate(verdicts)
        percent = "-" if share is None else f"{float(share):.1%}"
        print(f"{part}: {verdicts['useful']} of {verdicts.total()} warnings would be accepted, {percent}")


def main() -> None:
    """Print the rates, or what is not judged."""
    (_print_unjudged if "--unjudged" in sys.argv[1:] else _print_rates)(all_remarks(), dict(judgements()))


if __name__ == "__main__":
    main()
