"""Everything that promises, its own and those of budgets, demand of a network, with what is found of each."""

from __future__ import annotations

from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.conditions.judgement import Verdict, judge
from rfcalc.conditions.measures import Measures
from rfcalc.lint.budgets.budget import Budget
from rfcalc.records import NamedTuple
from rfcalc.spec.nodes import ScalarNode
from rfcalc.spec.syntax import Network
from rfcalc.spec.tokens import ExpressionError

MOST_PROMISES = 1_000


class Judged(NamedTuple):
    """One promise and what is found of it; budget: the one that makes it, None for a line of `check:`."""

    line: ScalarNode
    verdict: Verdict
    budget: Budget | None = None


def verdicts(network: Network, analysis: NetworkAnalysis, budgets: tuple[Budget, ...]) -> tuple[Judged, ...]:
    """What is found of each promise, those of the description first."""
    measures = Measures(analysis)
    promises: list[tuple[ScalarNode, Budget | None]] = [(line, None) for line in network.checks]
    promises += [(line, budget) for budget in budgets for line in budget.require]
    return tuple(
        Judged(line, judge(line.text, measures) if number < MOST_PROMISES else _one_too_many(line), budget)
        for number, (line, budget) in enumerate(promises[: MOST_PROMISES + 1])
    )


def _one_too_many(line: ScalarNode) -> Verdict:
    message = f"a network has at most {MOST_PROMISES:,} promises; from here on none is evaluated"
    return Verdict(line.text, None, (), (ExpressionError(message, 0, max(len(line.text), 1)),))
