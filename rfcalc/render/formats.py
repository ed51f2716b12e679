"""The names of all output formats."""

from __future__ import annotations

from collections.abc import Mapping

# tabulate's formats by their names, in the order its documentation gives them, each with what becomes of text
# in it: a key of MARKUPS in `escapes`, "" where text is read as it is.
TABULATE_FORMATS: Mapping[str, str] = {
    **dict.fromkeys(("plain", "simple"), ""),
    "github": "markdown",
    **dict.fromkeys(("grid", "simple_grid", "rounded_grid", "heavy_grid", "mixed_grid"), "bars"),
    **dict.fromkeys(("double_grid", "fancy_grid", "colon_grid", "outline", "simple_outline"), "bars"),
    **dict.fromkeys(("rounded_outline", "heavy_outline", "mixed_outline", "double_outline"), "bars"),
    "fancy_outline": "bars",
    "pipe": "markdown",
    "orgtbl": "full-width",
    **dict.fromkeys(("asciidoc", "jira"), "references"),
    **dict.fromkeys(("presto", "pretty", "psql"), "bars"),
    "rst": "reStructuredText",
    **dict.fromkeys(("mediawiki", "moinmoin"), "references"),
    "youtrack": "full-width",
    **dict.fromkeys(("html", "unsafehtml"), "html"),
    **dict.fromkeys(("latex", "latex_raw", "latex_booktabs", "latex_longtable"), "latex"),
    "textile": "references",
    "tsv": "tabs",
}
AS_THEY_ARE = frozenset(name for name, markup in TABULATE_FORMATS.items() if not markup)
MARKDOWN_FORMATS = frozenset(name for name, markup in TABULATE_FORMATS.items() if markup == "markdown")
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
