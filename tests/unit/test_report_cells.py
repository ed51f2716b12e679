"""What cells hold, how they read in each style, and how they sort."""

from rfcalc.errors import listed
from rfcalc.report.cells import (
    DASH,
    Amount,
    EachAxis,
    Extremes,
    Fractional,
    Marked,
    Share,
    Sizes,
    Style,
    Text,
    magnitude,
    printable,
    sort_key,
)
from rfcalc.shapes import Shape
from rfcalc.symbolic.polynomial import Polynomial

PLAIN = Style(grouped=False)
C = Polynomial.symbol("C")


def test_a_count_is_grouped_for_people_and_plain_for_programs() -> None:
    assert Amount(138357544).text(Style()) == "138,357,544"
    assert Amount(138357544).text(PLAIN) == "138357544"


def test_si_units_round_to_four_digits() -> None:
    assert Amount(15_470_264_320).text(Style(units="si")) == "15.47 G"


def test_bytes_in_si_units_count_in_1024() -> None:
    # 138,357,544 parameters of 4 bytes are 553,430,176 bytes, 527.79 times 2^20.
    assert Amount(553_430_176, binary=True).text(Style(units="si")) == "527.8 MiB"


def test_an_unknown_count_is_a_question_mark_and_not_zero() -> None:
    assert Amount(None).text(Style()) == "?"
    assert Amount(0).text(Style()) == "0"


def test_a_sum_that_misses_parts_is_a_lower_bound() -> None:
    assert Amount(1000, complete=False).text(Style()) == "≥ 1,000"
    # Nothing is known of a sum in which every part is missing.
    assert Amount(0, complete=False).text(Style()) == "?"


def test_a_symbolic_count_is_written_as_a_polynomial() -> None:
    count = 49 * C * C
    assert Amount(count).text(Style()) == "49C²"
    assert Amount(count).text(Style(units="si")) == "49C²"


def test_a_share_is_in_percent_and_never_rounded_to_nothing() -> None:
    assert Share(3, 4).text(Style()) == "75.0"
    assert Share(1, 10**9).text(Style()) == "<0.1"
    assert Share(0, 10).text(Style()) == "0.0"
    assert Share(0, 0).text(Style()) == "-"
    assert Share(None, 4).text(Style()) == "?"


def test_a_share_of_symbolic_parts_is_a_number_where_the_symbols_cancel() -> None:
    assert Share(9 * C * C, 27 * C * C).text(Style()) == "33.3"
    assert Share(9 * C, 27 * C * C).text(Style()) == "?"


def test_sizes_join_the_operands_of_a_layer() -> None:
    one, two = Shape((56, 56), 64), Shape((56, 56), 256)
    assert Sizes((one,)).text(Style()) == "56x56x64"
    assert Sizes((one, two)).text(Style()) == "56x56x64 + 56x56x256"
    assert Sizes(()).text(Style()) == "-"
    assert Sizes((Shape((1, 1), C),)).text(Style()) == "1x1xC"


def test_values_that_agree_on_all_axes_are_written_once() -> None:
    assert EachAxis((212, 212)).text(Style()) == "212"
    assert EachAxis((19, 7)).text(Style()) == "19x7"
    assert EachAxis((109, 219, 219)).text(Style()) == "109x219x219"


def test_a_range_is_written_with_a_dash_and_a_point_as_a_number() -> None:
    assert EachAxis((Extremes(188, 204),) * 2).text(Style()) == "188–204"
    assert EachAxis((Extremes(7, 7),) * 2).text(Style()) == "7"


def test_a_fractional_stride_an_absent_and_an_unknown_one_all_differ() -> None:
    assert EachAxis((Fractional(1, 3),)).text(Style()) == "1/3"
    assert EachAxis((DASH, DASH)).text(Style()) == "–"
    assert EachAxis((None, None)).text(Style()) == "?"


def test_a_centre_keeps_its_half_and_drops_an_empty_fraction() -> None:
    assert EachAxis((15.5, 15.5)).text(Style()) == "15.5"
    assert EachAxis((-14.0, -14.0)).text(Style()) == "-14"


def test_a_layer_without_axes_has_no_field_to_write() -> None:
    assert EachAxis(()).text(Style()) == "-"


def test_a_name_cannot_command_the_terminal() -> None:
    assert "\x1b" not in Text("\x1b[31mred").text(Style())
    assert "\n" not in Text("two\nlines").text(Style())
    assert printable("plain 卷积") == "plain 卷积"


def test_a_footnote_mark_is_no_power() -> None:
    assert Marked(Text("d = C"), 12).text(Style()) == "d = C [12]"


def test_numbers_sort_descending_words_ascending_and_unknowns_last() -> None:
    amounts = [Amount(5), Amount(None), Amount(70), Amount(0)]
    assert sorted(amounts, key=sort_key) == [Amount(70), Amount(5), Amount(0), Amount(None)]
    words = [Text("pool"), Text(""), Text("conv")]
    assert sorted(words, key=sort_key) == [Text("conv"), Text("pool"), Text("")]
    fields = [EachAxis((3, 3)), EachAxis((None,)), EachAxis((Extremes(4, 9),)), EachAxis((Fractional(1, 2),))]
    assert [cell.text(Style()) for cell in sorted(fields, key=sort_key)] == [
        "4–9",
        "3",
        "1/2",
        "?",
    ]


def test_sorting_survives_symbols_and_numbers_past_the_range_of_a_float() -> None:
    assert magnitude(49 * C * C) == 49e6
    assert magnitude(10**400) == float("inf")


def test_names_are_listed_as_a_phrase() -> None:
    assert listed([], ", ", " and ") == ""
    assert listed(["a"], ", ", " and ") == "a"
    assert listed(["a", "b", "c"], ", ", " and ") == "a, b and c"
