"""A rule: one property of networks, its reason, and the function that finds where it fails."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from rfcalc.analysis.figures import COUNTS, Sum, total
from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
from rfcalc.conditions.judgement import Verdict, judge
from rfcalc.conditions.measures import Measures
from rfcalc.errors import Position, Related
from rfcalc.graph.ir import Graph, Node
from rfcalc.lint.budgets.baseline import Previous
from rfcalc.lint.budgets.budget import Budget, Limit
from rfcalc.lint.finding import Finding, Severity
from rfcalc.records import NamedTuple
from rfcalc.spec.nodes import ScalarNode
from rfcalc.spec.syntax import Network
from rfcalc.spec.tokens import ExpressionError

if TYPE_CHECKING:
    from rfcalc.graph.trial import Trials

# Calls that are further out than these say little about the line.
MOST_CALLS = 4
# Promises of a network, its own and those of budgets.
MOST_PROMISES = 1_000


T = TypeVar("T", bound=Hashable)
# The analysis of a network with other sizes of inputs and other values of parameters than it was analysed
# with, each as text by name; raises DescriptionError.
Again = Callable[[Mapping[str, str], Mapping[str, str]], NetworkAnalysis]


def reached(starts: Iterable[T], onward: Callable[[T], Iterable[T]]) -> Iterator[T]:
    """Nodes with all that is reached from them, the nearest first, each once; onward: one step further."""
    pending = list(dict.fromkeys(starts))
    known = set(pending)
    # What is found is appended to what is gone through.
    for node in pending:
        yield node
        for found in onward(node):
            if found not in known:
                known.add(found)
                pending.append(found)


class Judged(NamedTuple):
    """One promise and what is found of it; budget: the one that makes it, None for a line of `check:`."""

    line: ScalarNode
    verdict: Verdict
    budget: Budget | None = None


class Subject:
    """The network that rules look at: its syntax tree, its analysis, and facts several rules need.

    budgets: those that apply to it.  previous: what its figures were before; None when there is nothing to
    compare with.  again: its analysis with other values; trials: how it can be built at other sizes; None
    where that cannot be asked for.
    """

    def __init__(
        self,
        network: Network,
        analysis: NetworkAnalysis,
        budgets: tuple[Budget, ...] = (),
        previous: Previous | None = None,
        again: Again | None = None,
        trials: Callable[[], Trials] | None = None,
    ) -> None:
        self.network = network
        self.analysis = analysis
        self.budgets = budgets
        self.previous = previous
        self.again = again
        self.trials = trials

    @property
    def graph(self) -> Graph:
        """The graph of the network."""
        return self.analysis.graph

    @property
    def limits(self) -> list[tuple[Budget, Limit]]:
        """Every limit of growth that applies to it, each with its budget."""
        return [(budget, limit) for budget in self.budgets for limit in budget.increase]

    @cached_property
    def readers(self) -> tuple[tuple[int, ...], ...]:
        """For each node the nodes that read it."""
        found: list[list[int]] = [[] for _ in self.graph.nodes]
        for index, node in enumerate(self.graph.nodes):
            for operand in dict.fromkeys(node.inputs):
                found[operand].append(index)
        return tuple(map(tuple, found))

    @cached_property
    def made_by(self) -> Mapping[Position, int]:
        """How many layers each line has made."""
        return Counter(node.position for _, node in self.layers())

    @cached_property
    def useful(self) -> frozenset[int]:
        """The nodes that an output comes from, or a loss, or that training alone uses; these included."""
        nodes = self.graph.nodes
        ends = [*self.graph.outputs, *(index for index, node in enumerate(nodes) if node.facts.sink)]
        return frozenset(reached(ends, lambda index: nodes[index].inputs))

    @cached_property
    def verdicts(self) -> tuple[Judged, ...]:
        """What is found of each promise, those of the description first, then those of the budgets."""
        measures = Measures(self.analysis, trials=self.trials)
        promises: list[tuple[ScalarNode, Budget | None]] = [(line, None) for line in self.network.checks]
        promises += [(line, budget) for budget in self.budgets for line in budget.require]
        found = [
            Judged(line, judge(line.text, measures), budget) for line, budget in promises[:MOST_PROMISES]
        ]
        for line, budget in promises[MOST_PROMISES : MOST_PROMISES + 1]:
            message = f"a network has at most {MOST_PROMISES:,} promises; from here on none is evaluated"
            problem = ExpressionError(message, 0, max(len(line.text), 1))
            found.append(Judged(line, Verdict(line.text, None, (), (problem,)), budget))
        return tuple(found)

    def layer(self, index: int) -> LayerAnalysis:
        """The analysis of the layer that is node `index` of the graph."""
        return self.analysis.layer_at(index)

    def total(self, figure: str, indices: Iterable[int]) -> Sum:
        """A count of several layers, by the indices of their nodes."""
        return total(COUNTS[figure], map(self.layer, indices))

    def layers(self) -> Iterator[tuple[int, Node]]:
        """Every layer that reads something, with its index among the nodes."""
        return ((index, node) for index, node in enumerate(self.graph.nodes) if node.inputs)


class Found(NamedTuple):
    """What a rule's function reports; the runner adds the rule's code, name and severity.

    node: the index of the layer to blame, whose line is marked; None for the whole network.
    position: where that is another place than the layer's line.
    """

    message: str
    node: int | None = None
    position: Position | None = None
    related: tuple[Related, ...] = ()
    hint: str = ""
    figures: Mapping[str, object] = {}
    severity: Severity | None = None
    promise: str = ""


# What the function of a rule gives.
Reported = Iterable[Found]
Find = Callable[[Subject], Reported]
# The first of several findings of a rule about one network, saying what all of them come to.
PutTogether = Callable[[Sequence[Finding]], Finding]


class Rule(NamedTuple):
    """One rule.

    code, name: RF101, field-smaller-than-input.
    what: what it finds; why: why it matters; source: the paper; instead: what to do.
    fires and silent: whole descriptions, one it must find and one it must not; both are tests.
    find: the function.  It speaks only when it is sure, and says the numbers.
    applies: whether a subject has what the rule judges; where it has not, an ignore of the rule may still
    have its reason in another run.
    together: of a rule that speaks once of a network: it reports every place, so that each can be ignored by
    itself, and what is left of two or more is one finding.  None for one that speaks of each.
    asked: whether it is looked for only when a selector asks for it.
    """

    code: str
    name: str
    severity: Severity
    what: str
    why: str
    source: str
    instead: str
    fires: str
    silent: str
    find: Find
    applies: Callable[[Subject], bool]
    together: PutTogether | None
    asked: bool

    def finding(self, message: str, position: Position | None, hint: str = "") -> Finding:
        """A finding of this rule about a place, where no network has been looked at."""
        return Finding(
            code=self.code,
            rule=self.name,
            severity=self.severity,
            message=message,
            position=position,
            hint=hint,
        )


def rule(
    severity: Severity,
    *,
    fires: str,
    silent: str,
    applies: Callable[[Subject], bool] = lambda _: True,
    together: PutTogether | None = None,
    asked: bool = False,
) -> Callable[[Find], Rule]:
    """Make a Rule of the function that finds where it fails; the arguments are fields of it.

    Its module is named after the code and the name, and the module's docstring is the documentation.
    """

    def define(find: Find) -> Rule:
        code, _, name = find.__module__.rpartition(".")[2].partition("_")
        documentation = sys.modules[find.__module__].__doc__ or ""
        parts = re.split(r"\n(?:Finds|Why|Source|Instead): ", documentation)[1:]
        # Python's -OO leaves no documentation.
        what, why, source, instead = (" ".join(part.split()) for part in parts or [""] * 4)
        return Rule(
            code=code.upper(),
            name=name.replace("_", "-"),
            severity=severity,
            what=what,
            why=why,
            source=source,
            instead=instead,
            fires=fires,
            silent=silent,
            find=find,
            applies=applies,
            together=together,
            asked=asked,
        )

    return define


def as_finding(rule: Rule, found: Found, subject: Subject) -> Finding:
    """The finding of a rule about a network; one about a layer's line names the calls that lead to it."""
    node = None if found.node is None else subject.graph.nodes[found.node]
    position = found.position or (node.position if node else subject.network.layers_position)
    calls: tuple[Related, ...] = ()
    if node and not found.position:
        called = islice(subject.graph.calls_to(node.name), MOST_CALLS)
        calls = tuple(Related(f"called here as {call.name}", call.position) for call in called)
    return rule.finding(found.message, position, found.hint)._replace(
        severity=found.severity or rule.severity,
        layer=node.name if node else "",
        related=found.related + calls,
        figures=found.figures,
        promise=found.promise,
        calls=tuple(call.position for call in calls),
    )
