"""The names of all output formats; which module writes each is decided here too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rfcalc.report.cells import Style
    from rfcalc.report.table import Table

# tabulate's formats by their names, in the order its documentation gives them.
TABULATE_FORMATS = (
    *("plain", "simple", "github", "grid", "simple_grid", "rounded_grid", "heavy_grid", "mixed_grid"),
    *("double_grid", "fancy_grid", "colon_grid", "outline", "simple_outline", "rounded_outline"),
    *("heavy_outline", "mixed_outline", "double_outline", "fancy_outline", "pipe", "orgtbl", "asciidoc"),
    *("jira", "presto", "pretty", "psql", "rst", "mediawiki", "moinmoin", "youtrack", "html", "unsafehtml"),
    *("latex", "latex_raw", "latex_booktabs", "latex_longtable", "textile", "tsv"),
)
SYNONYMS = {"markdown": "github"}
DEFAULT_FORMAT = "simple"
FORMATS = ("json", "csv", "markdown", *TABULATE_FORMATS)

# The format a file's name asks for when no other is.
FORMAT_OF_SUFFIX = {
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".md": "markdown",
    ".html": "html",
    ".htm": "html",
    ".tex": "latex",
    ".rst": "rst",
    ".adoc": "asciidoc",
}

# Rows alone, numbers as plain digits: what programs read.
MACHINE_FORMATS = frozenset({"csv", "tsv"})


def render_table(table: Table, format_name: str, style: Style, encoding: str = "utf-8") -> str:
    """The table as text that ends in a line break, in any format but json.

    Machine formats hold the rows alone; they ignore grouping.  `encoding` is that of the output:
    what it cannot hold is transliterated.
    """
    if format_name in MACHINE_FORMATS:
        style = style._replace(grouped=False)
    if format_name == "csv":
        from rfcalc.render.delimited import render_csv

        return render_csv(table, style, encoding)
    from rfcalc.render.text import render_text

    return render_text(table, SYNONYMS.get(format_name, format_name), style, encoding)
