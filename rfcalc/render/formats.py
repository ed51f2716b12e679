"""The names of all output formats."""

from __future__ import annotations

# tabulate's formats by their names, in the order its documentation gives them.
TABULATE_FORMATS = (
    *("plain", "simple", "github", "grid", "simple_grid", "rounded_grid", "heavy_grid", "mixed_grid"),
    *("double_grid", "fancy_grid", "colon_grid", "outline", "simple_outline", "rounded_outline"),
    *("heavy_outline", "mixed_outline", "double_outline", "fancy_outline", "pipe", "orgtbl", "asciidoc"),
    *("jira", "presto", "pretty", "psql", "rst", "mediawiki", "moinmoin", "youtrack", "html", "unsafehtml"),
    *("latex", "latex_raw", "latex_booktabs", "latex_longtable", "textile", "tsv"),
)
# Those in which text is read as it is, and those that are Markdown.
AS_THEY_ARE = frozenset({"plain", "simple"})
MARKDOWN_FORMATS = frozenset({"github", "pipe"})
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
