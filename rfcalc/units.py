"""Amounts with units: reading `5M` and `8MiB` exactly, and showing counts, bytes and shares.

SI letters count in thousands (k and K alike), IEC letters (KiB) in 1024.  Rounding is for display
alone and is done in integers, so a figure never depends on the precision of a float.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.errors import UsageError, nearest, quoted
from rfcalc.records import NamedTuple
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError, exact_quotient, format_number
from rfcalc.symbolic.terms import ratio

if TYPE_CHECKING:
    from fractions import Fraction

    from rfcalc.symbolic.polynomial import Exact

_SI_LETTERS = ("", "k", "M", "G", "T", "P", "E")
_IEC_LETTERS = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")

# What a unit multiplies by.  E is left out: 5E would read as the beginning of 5E6.
UNITS = {
    "B": 1,
    **{letter: 1000**power for power, letter in enumerate(_SI_LETTERS[1:-1], 1)},
    **{f"{letter}B": 1000**power for power, letter in enumerate(_SI_LETTERS[1:-1], 1)},
    **{f"{letter}B": 1024**power for power, letter in enumerate(_IEC_LETTERS[1:-1], 1)},
    "K": 1000,
    "KB": 1000,
}

# The bytes that one number of a format takes.
BYTES = {"fp32": 4, "fp16": 2, "bf16": 2, "int8": 1, "fp8": 1, "fp64": 8}


class NumberFormats(NamedTuple):
    """The number formats of a network's values: of its parameters, and of the outputs of its layers."""

    params: str = "fp32"
    activations: str = "fp32"

    def __str__(self) -> str:
        return self.params if self.params == self.activations else f"{self.params}/{self.activations}"

    def length(self, name: str) -> int:
        """The bytes that each number takes; name: of "params" or "activations"."""
        return BYTES[self.params if name == "params" else self.activations]


FP32 = NumberFormats()


def number_formats(text: str) -> NumberFormats:
    """What `fp16` or, of parameters and activations, `int8/fp16` states.

    Raises UsageError, saying what was expected, for any other text.
    """
    params, slash, activations = text.partition("/")
    found = NumberFormats(params, activations if slash else params)
    for name in found:
        if name not in BYTES:
            hint = nearest(name, list(BYTES)) or f"they are {', '.join(BYTES)}"
            raise UsageError(f"{quoted(name, 40)} is no number format; {hint}")
    return found


# A power of ten past this is no amount of anything; the limit keeps a short text from meaning a long number.
LARGEST_POWER_OF_TEN = 100
LONGEST_NUMBER = 100


def parse_amount(text: str) -> int | Fraction:
    """The exact amount a text such as `12`, `0.75`, `1e-4`, `5M`, `1.5G` or `8MiB` states.

    Raises ValueError, saying what was expected, for any other text, signs included.
    """
    number, unit = _without_letters(text)
    mantissa, exponential, power = number.rstrip().replace("E", "e").partition("e")
    whole, point, decimals = mantissa.partition(".")
    exponent = power[1:] if power[:1] in ("+", "-") else power
    if not (
        is_digits(whole) and (is_digits(decimals) or not point) and (is_digits(exponent) or not exponential)
    ):
        wrong = "is negative" if text.startswith("-") and text[1:2].isdigit() else "is not a number"
        raise ValueError(f"{quoted(text)} {wrong}")
    if unit and unit not in UNITS:
        raise ValueError(f"{quoted(text)} has the unknown unit {quoted(unit)}; units are {', '.join(UNITS)}")
    if len(mantissa) > LONGEST_NUMBER:
        raise ValueError(f"{quoted(text, 20)} has more than {LONGEST_NUMBER} digits")
    exponent = exponent.lstrip("0") or "0"
    if len(exponent) > 3 or int(exponent) > LARGEST_POWER_OF_TEN:
        raise ValueError(f"{quoted(text)} is past the limit of 10^{LARGEST_POWER_OF_TEN}")
    shift = (-int(exponent) if power[:1] == "-" else int(exponent)) - len(decimals)
    amount = int(whole + decimals) * UNITS.get(unit, 1)
    return amount * 10**shift if shift >= 0 else ratio(amount, 10**-shift)


# What a rate is in, so many a second, and what a duration is in, of which so many are a second.
RATES = {"": 1, "Hz": 1, "kHz": 1000, "MHz": 1_000_000, "fps": 1}
DURATIONS = {"s": 1, "ms": 1000, "us": 1_000_000, "µs": 1_000_000}


def parse_rate(text: str) -> int | Fraction:
    """The samples or frames a second that `16000`, `44.1kHz`, `16k` or `25fps` states.

    Raises ValueError, saying what was expected, for any other text.
    """
    number, unit = _without_letters(text)
    factor = RATES.get(unit)
    if factor is None and unit not in ("k", "K", "M"):
        # The number may be wrong as well.
        hint = nearest(unit, [each for each in RATES if each]) or "write 16000, 16kHz or 25fps"
        raise ValueError(f"{quoted(text)} is no rate; {hint}")
    amount = parse_amount(text if factor is None else number)
    rate: int | Fraction = amount if factor is None else amount * factor
    if rate <= 0:
        raise ValueError("a rate is more than 0 samples a second")
    return int(rate) if rate.denominator == 1 else rate


def format_rate(rate: Exact) -> str:
    """A rate: `16 kHz`, `44.1 kHz`, `25 Hz`."""
    return _format_amount(rate, "Hz", 1000, _SI_LETTERS)


def format_duration(seconds: Exact) -> str:
    """A duration to 4 significant digits: `64 ms`, `62.5 µs`, `1.5 s`.  A polynomial is shown exactly."""
    if isinstance(seconds, Polynomial):
        return f"({format_number(seconds)}) s"
    if seconds == 0:
        return "0 ms"
    size = -seconds if seconds < 0 else seconds
    unit = "s" if size >= 1 else "ms" if size * 1000 >= 1 else "µs"
    return f"{format_decimal(seconds * DURATIONS[unit])} {unit}"


def format_decimal(number: int | Fraction) -> str:
    """A number to 4 significant digits and, where it is large, to the whole; `-0.5`, `23.22`, `1024`."""
    numerator, denominator = abs(number.numerator), number.denominator
    places = 0
    while numerator and places < 9 and numerator * 10**places < 1000 * denominator:
        places += 1
    text = _decimal(_rounded(numerator * 10**places, denominator), places)
    text = text.rstrip("0").rstrip(".") if places else text
    return f"-{text}" if number < 0 and text != "0" else text


def format_si(number: Exact) -> str:
    """The number to 4 significant digits with an SI letter: `15.47 G`; trailing zeros are left out.

    A polynomial is shown exactly.
    """
    return _format_amount(number, "", 1000, _SI_LETTERS)


def _without_letters(text: str) -> tuple[str, str]:
    """A text in front of the letters that it ends in, and these."""
    number = text.strip().rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return number, text.strip()[len(number) :]


def format_bytes(number: Exact) -> str:
    """A number of bytes to 4 significant digits in IEC units: `527.8 MiB`.  A polynomial is shown exactly."""
    return _format_amount(number, "B", 1024, _IEC_LETTERS)


def format_share(part: Exact, whole: Exact, *, rounded: bool = True) -> str:
    """part / whole in percent: `74.3 %`.

    A share that rounds to nothing or to everything without being so is `<0.1 %` or `>99.9 %`; not rounded
    to tenths, it has up to 6 digits.  There is no share of nothing (`-`), and none is shown that depends on a
    symbol (`?`).
    """
    try:
        share = exact_quotient(part, whole)
    except SymbolicError:
        return "?"
    except ZeroDivisionError:
        return "-"
    if isinstance(share, Polynomial):
        return "?"
    if not rounded:
        return f"{float(share * 100):.6g} %"
    tenths = _rounded(share.numerator * 1000, share.denominator)
    if tenths == 0 and share > 0:
        return "<0.1 %"
    if tenths == 1000 and share < 1:
        return ">99.9 %"
    return f"{_decimal(tenths, 1)} %"


def is_digits(text: str) -> bool:
    """Whether a text is made of the digits 0 to 9; `isdigit` alone takes ² and digits of other scripts."""
    return text.isascii() and text.isdigit()


def _format_amount(number: Exact, unit: str, base: int, letters: tuple[str, ...]) -> str:
    if isinstance(number, Polynomial):
        text = format_number(number)
        if not unit:
            return text
        return f"({text}) {unit}" if " " in text else f"{text} {unit}"
    numerator, denominator = abs(number.numerator), number.denominator
    for letter in letters:
        places = 0
        while numerator and places < 9 and numerator * 10**places < 1000 * denominator:
            places += 1
        digits = _rounded(numerator * 10**places, denominator)
        # Rounded first, then compared: 999.96 k is 1 M, never 1000 k.
        if digits < base * 10**places or letter == letters[-1]:
            break
        denominator *= base
    text = _decimal(digits, places)
    if places:
        text = text.rstrip("0").rstrip(".")
    sign = "-" if number < 0 else ""
    return f"{sign}{text} {letter}{unit}".rstrip()


def _rounded(numerator: int, denominator: int) -> int:
    """The nearest integer to the quotient; halves go up."""
    return (2 * numerator + denominator) // (2 * denominator)


def _decimal(digits: int, places: int) -> str:
    """digits / 10^places, written out."""
    text = str(abs(digits)).zfill(places + 1)
    sign = "-" if digits < 0 else ""
    return f"{sign}{text[:-places]}.{text[-places:]}" if places else sign + text
