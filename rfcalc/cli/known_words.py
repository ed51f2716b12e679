"""Words that a shell offers because rfcalc knows them, each with what is said of it."""

from __future__ import annotations


def shipped_words(typed: str) -> dict[str, str]:
    """The shipped networks, as a shell offers them."""
    from rfcalc.library import shipped_names

    return dict.fromkeys(shipped_names(), "")


def column_words(typed: str) -> dict[str, str]:
    """The columns of a network's table, as a shell offers them."""
    from rfcalc.report.network_table.columns import COLUMNS

    return {column.name: column.title[0] for column in COLUMNS}


def rule_words(typed: str) -> dict[str, str]:
    """The rules of the check by code and by name, as a shell offers them."""
    from rfcalc.lint.registry import CODE_OF

    return {code: name for name, code in CODE_OF.items()} | CODE_OF


def row_words(typed: str) -> dict[str, str]:
    """What --only and --hide take besides names of layers, as a shell offers it."""
    from rfcalc.ops.registry import OPERATOR_NAMES
    from rfcalc.report.network_table.selection import NEUTRAL, WEIGHTED

    carried = {WEIGHTED: "convolutions, fully connected layers", NEUTRAL: "no MACs, same size and field"}
    return carried | dict.fromkeys(OPERATOR_NAMES, "")
