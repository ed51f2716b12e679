"""The names of all output formats of tables, and what the names of files say that they hold."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from rfcalc.errors import UsageError, listed, quoted

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

# What the suffix of a file says that it holds: contents that some command writes, then others.
WRITTEN_SUFFIXES = {
    **dict.fromkeys((".txt", ".text"), "text"),
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    **dict.fromkeys((".md", ".markdown"), "markdown"),
    **dict.fromkeys((".html", ".htm"), "html"),
    ".tex": "latex",
    ".rst": "rst",
    **dict.fromkeys((".adoc", ".asciidoc"), "asciidoc"),
    ".org": "orgtbl",
    **dict.fromkeys((".yaml", ".yml"), "yaml"),
    ".sarif": "sarif",
    ".xml": "xml",
    ".py": "python",
    ".mmd": "mermaid",
    **dict.fromkeys((".dot", ".gv"), "dot"),
    ".onnx": "a model (onnx)",
    # A picture says which: a command that has charts writes these three.
    **{f".{kind}": f"a picture ({kind})" for kind in ("svg", "png", "pdf")},
}
PICTURES = tuple(content for content in WRITTEN_SUFFIXES.values() if content.startswith("a picture"))
_MORE_PICTURES = "jpg jpeg jpe gif webp bmp tif tiff avif heic ico eps ps drawio puml psd ai xcf"
_OTHER_SUFFIXES = {
    "a picture": f"{_MORE_PICTURES} djvu xps",
    "a spreadsheet": "xlsx xls xlsm xlsb ods numbers",
    "a document of an office program": "docx doc odt rtf pages pptx ppt odp epub",
    "a notebook or a program": "ipynb js ts r m c cpp h rs go java sh lua jl tcl bat ps1",
    "a model or its weights": "pt pt2 pth ckpt safetensors h5 hdf5 keras pb tflite mlmodel prototxt",
    "data in a form of its own": "parquet feather arrow pkl pickle npy npz mat db sqlite sqlite3 proto bin",
    "a configuration": "toml ini cfg jsonl ndjson",
    "an archive": "zip gz bz2 xz zst 7z tar tgz rar whl jar",
    "a style or a page with code": "css xhtml php",
    "a recording": "mp3 wav mp4 mov avi webm mkv cast",
}
CONTENT_OF_SUFFIX: Mapping[str, str] = {
    **WRITTEN_SUFFIXES,
    **{f".{word}": content for content, words in _OTHER_SUFFIXES.items() for word in words.split()},
}
# What a format is in whose place another was asked for, the nearest first.
_INSTEAD = {
    **dict.fromkeys(("a picture", *PICTURES), ("a picture (svg)", "html", "latex")),
    "a spreadsheet": ("csv",),
    "a document of an office program": ("html", "markdown"),
    "data in a form of its own": ("json", "csv"),
}
# SARIF is JSON as well.
_ALSO = {"sarif": "json"}


def _content(table_format: str) -> str:
    if table_format in (*MARKDOWN_FORMATS, *SYNONYMS):
        return "markdown"
    # `unsafehtml`, `latex_raw` and their like.
    of_kind = (kind for kind in ("html", "latex") if kind in table_format)
    return next(of_kind, table_format if table_format in WRITTEN_SUFFIXES.values() else "text")


# What each format of tables writes.
CONTENTS: Mapping[str, str] = {name: _content(name) for name in FORMATS}

# What each format of charts writes, beside formats of tables: in characters, or as a picture.
CHART_CONTENTS: Mapping[str, str] = {
    "chart": "text",
    **{suffix[1:]: content for suffix, content in WRITTEN_SUFFIXES.items() if content in PICTURES},
}

# What each format of drawings writes.
DRAWING_CONTENTS: Mapping[str, str] = {
    **{name: content for name, content in CHART_CONTENTS.items() if content in PICTURES},
    "tikz": "latex",
    "mermaid": "mermaid",
    "dot": "dot",
}

# What each format of reports writes.
REPORT_CONTENTS: Mapping[str, str] = {"html": "html", "markdown": "markdown"}


def format_of_file(file: str | None, contents: Mapping[str, str]) -> str | None:
    """The first format whose content the name of a file asks for; None where that is no other than text.

    contents: what each format of a command writes.
    """
    content = content_of_file(file)
    return next((name for name, each in contents.items() if each == content != "text"), None)


def content_of_file(file: str | None) -> str | None:
    """What a file says in its name that it holds; None where it says nothing."""
    return CONTENT_OF_SUFFIX.get(os.path.splitext(file or "")[1].casefold())


def refuse_misnomer(
    file: str, named: str | None, contents: Mapping[str, str], option: str = "--format"
) -> None:
    """Raise UsageError where a file would hold something else than its name says.

    named: the format that was asked for, if one was, by the option.  contents: what each format of the
    command writes.  A file of text may hold any format.
    """
    content = content_of_file(file)
    written = contents.values() if named is None else (contents[named],)
    if content in (None, "text") or content in written or content in map(_ALSO.get, written):
        return
    stem, suffix = os.path.splitext(os.path.basename(file))
    if named is not None:
        others = listed((f"{stem}{each}" for each in _suffixes(written)), ", ", " or ") or f"{stem}.txt"
        raise UsageError(
            f"-o {quoted(file)}: {option} {named} does not write what {suffix} says, {content}; "
            f"call it {others}" + f", or leave out {option}" * (content in contents.values())
        )
    every = listed(_suffixes(written), ", ", " and ")
    better = next((each for each in _INSTEAD.get(content or "", ()) if each in written), None)
    instead = f"; {stem}{next(_suffixes((better,)))} is the nearest to it" if better else ""
    raise UsageError(
        f"-o {quoted(file)}: {suffix} is {content}, which this command does not write{instead}; "
        f"it writes {every}"
    )


def _suffixes(contents: Iterable[str]) -> Iterator[str]:
    """The suffix of each content, the first that there is."""
    for content in dict.fromkeys(contents):
        yield from [suffix for suffix, each in WRITTEN_SUFFIXES.items() if each == content][:1]


# Rows alone, numbers as plain digits: what programs read.
MACHINE_FORMATS = frozenset({"csv", "tsv"})
