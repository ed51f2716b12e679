"""Which network that is gone a new one was."""

from __future__ import annotations

from fractions import Fraction

from effort import lines_run
from hypothesis import given
from hypothesis import strategies as st

from rfcalc.lint.budgets.renames import NetworkContent, likeness, renames, text_content

NET = b"input: 32x32x16\nlayers:\n  - conv f=3 p=1 d=16 as one\n  - relu\n"
WIDER = NET.replace(b"16", b"640")
OTHER = b"input: 8x8x3\nlayers:\n  - fc d=10\n  - softmax\n  - dropout rate=0.5\n"
TEXTS = st.lists(
    st.sampled_from(["input: 8x8x3", "  - relu", "  - conv f=3 d=1", "", "# a", "x"]), max_size=8
)


def contents(**texts: bytes) -> dict[str, NetworkContent]:
    """Texts by the paths that their names stand for, `a_b` for a/b."""
    return {name.replace("_", "/"): text_content(text) for name, text in texts.items()}


def test_a_network_with_other_numbers_is_as_alike_as_can_be() -> None:
    assert likeness(text_content(NET), text_content(WIDER)) == 1
    assert renames(contents(a=NET), contents(b=WIDER)) == {"b": "a"}


def test_half_of_the_larger_one_is_enough_and_less_is_not() -> None:
    lines = [b"%c" % (97 + place) * 10 for place in range(4)]
    whole = text_content(b"\n".join(lines))
    half = text_content(b"\n".join(lines[:2]))
    assert likeness(whole, half) == likeness(half, whole) == Fraction(1, 2)
    assert renames({"a": whole}, {"b": half}) == {"b": "a"}
    assert renames({"a": whole}, {"b": text_content(lines[0] + b"\n" + lines[1][:9])}) == {}
    assert renames(contents(a=NET), contents(b=OTHER)) == {}
    assert renames(contents(a=b""), contents(b=b"\n")) == {}


def test_what_is_equal_comes_first_then_what_kept_its_name() -> None:
    # Both are as alike as can be but for numbers.
    assert renames(contents(a=NET), contents(b=WIDER, c=NET)) == {"c": "a"}
    found = renames(contents(one_a=NET, one_b=NET), contents(two_b=WIDER, two_a=WIDER))
    assert found == {"two/a": "one/a", "two/b": "one/b"}


@given(st.dictionaries(st.sampled_from("abc"), TEXTS), st.dictionaries(st.sampled_from("xyz"), TEXTS))
def test_each_was_one_and_no_pair_that_is_left_is_alike(
    gone: dict[str, list[str]], new: dict[str, list[str]]
) -> None:
    before, now = (
        {path: text_content("\n".join(lines).encode()) for path, lines in texts.items()}
        for texts in (gone, new)
    )
    found = renames(before, now)
    assert len(set(found.values())) == len(found)
    for path in now.keys() - found.keys():
        for earlier in before.keys() - set(found.values()):
            assert likeness(before[earlier], now[path]) < Fraction(1, 2)
            assert before[earlier].whole != now[path].whole


def test_of_very_many_files_those_are_followed_that_kept_their_names_or_contents() -> None:
    text = NET * 50
    gone = {f"old/{place}.yaml": text_content(text + b"#%d" % place) for place in range(1000)}
    new = {f"new/{place}.yaml": text_content(text * 2 + b"#%d" % place) for place in range(999)}
    new["other.yaml"] = text_content(text + b"#%d" % 999)
    found, _ = lines_run(lambda: renames(gone, new), limit=2 * 10**7)
    assert found["other.yaml"] == "old/999.yaml"
    assert all(found[f"new/{place}.yaml"] == f"old/{place}.yaml" for place in range(999))


def test_a_folder_that_is_moved_takes_no_comparison_of_its_files_with_each_other() -> None:
    def files(folder: str, count: int) -> dict[str, NetworkContent]:
        names = [f"{folder}/{place}/net.yaml" for place in range(count)]
        return {
            name: text_content(f"conv {'x' * place}\nrelu\nbn\n".encode()) for place, name in enumerate(names)
        }

    found, _ = lines_run(lambda: renames(files("nets", 300), files("models", 300)), 1_000_000)
    assert found == {f"models/{place}/net.yaml": f"nets/{place}/net.yaml" for place in range(300)}
