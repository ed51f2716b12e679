"""Names with wildcards: against an oracle that follows git's matcher, and how much work hostile ones are."""

from __future__ import annotations

import string
from fnmatch import fnmatchcase

import pytest
from effort import lines_run
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rfcalc.wildcards import Wildcards

CLASSES = {
    "alpha": string.ascii_letters,
    "digit": string.digits,
    "punct": string.punctuation,
    "space": " \t\n\r",
    "upper": string.ascii_uppercase,
}
PIECES = st.sampled_from(
    [
        *"abB1-!^]:[\\ é*?",
        "[ab]",
        "[!ab]",
        "[^b]",
        "[]a]",
        "[a-c]",
        "[c-a]",
        "[a-]",
        "[-a]",
        "[\\]]",
        "[a\\-c]",
    ]
    + [
        "[[:alpha:]]",
        "[![:digit:]]",
        "[[:punct:]b]",
        "[a[:nothing:]]",
        "[[:]",
        "[[::]]",
        "[[:alpha]",
        "[:a:]",
    ]
)
TEXTS = st.lists(PIECES, max_size=6).map("".join)
NAMES = st.text("abB1-!^]:[\\ é", max_size=6)


class Aborted(Exception):
    """The text can fit nothing."""


def oracle(text: str, name: str) -> bool:
    """Whether a text fits a name, character by character, as `dowild` in git's wildmatch.c goes about it."""
    try:
        return walked(text, name)
    except Aborted:
        return False


def walked(text: str, name: str) -> bool:
    if not text:
        return not name
    first, rest = text[0], text[1:]
    if first == "*":
        return any(walked(rest, name[count:]) for count in range(len(name) + 1))
    if not name:
        return False
    if first == "?":
        return walked(rest, name[1:])
    if first == "[":
        holds, rest = listed(rest, name[0])
        return holds and walked(rest, name[1:])
    if first == "\\":
        return bool(rest) and rest[0] == name[0] and walked(rest[1:], name[1:])
    return first == name[0] and walked(rest, name[1:])


def listed(text: str, character: str) -> tuple[bool, str]:
    """Whether a character is one of those behind `[`, and what stands behind `]`."""
    inverted = text[:1] in ("!", "^")
    text = text[inverted:] + "\0"
    found, before, place = False, "", 0
    while place == 0 or text[place] != "]":
        one = text[place]
        if one == "\0":
            raise Aborted
        if one == "\\":
            place += 1
            one = text[place]
            if one == "\0":
                raise Aborted
            found = found or character == one
        elif one == "-" and before and text[place + 1] not in ("\0", "]"):
            place += 1
            one = text[place]
            if one == "\\":
                place += 1
                one = text[place]
                if one == "\0":
                    raise Aborted
            found = found or before <= character <= one
            one = ""
        elif one == "[" and text[place + 1] == ":":
            end = text.find("]", place + 2)
            if end < 0:
                raise Aborted
            if end > place + 2 and text[end - 1] == ":":
                name = text[place + 2 : end - 1]
                if name not in CLASSES:
                    raise Aborted
                found = found or character in CLASSES[name]
                place, one = end, ""
            else:
                found = found or character == "["
        else:
            found = found or character == one
        before = one
        place += 1
    return found != inverted, text[place + 1 : -1]


@settings(max_examples=500, deadline=None)
@given(TEXTS, NAMES)
@example("[]-a]", "b")
@example("[[:alpha:]-z]", "-")
@example("*[!a]*b", "ab")
@example("a[", "a")
def test_a_text_fits_the_names_that_git_says_it_fits(text: str, name: str) -> None:
    assert Wildcards(text).fits(name) == oracle(text, name)


# glob(7) knows `!` alone; `^` is what git takes besides (wildmatch.c: NEGATE_CLASS2), and bash as well.
@pytest.mark.parametrize("sign", ["!", "^"])
@pytest.mark.parametrize(
    ("text", "fitting", "others"),
    [
        ("[{}b]", "ac^!]", "b"),
        ("[{}a-c]", "d^!", "abc"),
        ("[{}]]", "ab^!", "]"),
        ("[{}{}]", "ab", "{}"),
        ("[{}[:digit:]]", "a^!", "19"),
        # Elsewhere than at the beginning it is a character like others.
        ("[b{}]", "b{}", "a]"),
        ("[\\\\{}b]", "b{}", "a]"),
    ],
)
def test_either_sign_at_the_beginning_of_a_bracket_means_what_is_not_listed(
    sign: str, text: str, fitting: str, others: str
) -> None:
    text, fitting, others = (each.replace("{}", sign) for each in (text, fitting, others))
    assert [one for one in fitting + others if Wildcards(text).fits(one)] == [*fitting]


@settings(deadline=None)
@given(st.text("ab.*?", max_size=8), st.text("ab.", max_size=8))
def test_without_brackets_it_fits_what_shells_say(text: str, name: str) -> None:
    assert Wildcards(text).fits(name) == fnmatchcase(name, text)


# Hostile texts: reading one is so many lines for each character, whatever it is

HOSTILE = [
    *(
        "[" * 50_000,
        "[a" * 50_000,
        "[[:" * 50_000,
        "[[:a" * 50_000 + "]",
        "[!" + "a" * 50_000,
        "[" + "a-b" * 20_000,
    ),
    *("*" * 300_000, "*a" * 50_000, "?*" * 50_000, "\\" * 300_001, "\\a" * 50_000, "[[:alpha:]]" * 10_000),
    *("[a]" * 30_000, "[" + "[:alpha:]" * 10_000 + "]", "]" * 50_000, "[]" * 30_000),
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: f"{text[:12]}x{len(text)}")
def test_a_hostile_text_is_read_in_time_that_grows_with_its_length(text: str) -> None:
    wildcards, read = lines_run(lambda: Wildcards(text))
    assert read <= 20 * len(text) + 100
    # None of them is made an expression for a name that is shorter than what it asks for.
    _, matched = lines_run(lambda: [wildcards.fits("a" * length) for length in (0, 1, 200)])
    assert matched <= 3_000


@pytest.mark.parametrize(
    "text", ["*a" * 100 + "*b", "*?" * 100 + "b", "*[a]" * 100 + "*[!a]", "*aa*aaa" * 30 + "b*"]
)
def test_matching_does_not_try_again_what_failed(text: str) -> None:
    # Tried in every place it would take longer than there is time.
    assert not Wildcards(text).fits("a" * 255)
    assert Wildcards(text).fits("a" * 255 + "b")
