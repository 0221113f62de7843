"""Equations that hold as they are printed: whoever adds up the screen gets what the screen says.

Numbers are rounded once to decimal digits, and what rounding hides becomes a term of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pellucid.explain.digits import MINUS, decimals_for, write_fixed

MOST_DECIMALS = 15
TINY = Decimal("0.000001")  # below this, numbers are written as 2.5e−8


def round_to(value: float, decimals: int) -> Decimal:
    """The number as it will stand on the screen, exactly.

    Example:
        >>> round_to(2.18049, 3)
        Decimal('2.180')
    """
    shown = Decimal(f"{value:.{decimals}f}")
    return abs(shown) if shown == 0 else shown


@dataclass(frozen=True, slots=True)
class Addition:
    """A sum as it stands on the screen; `sum(terms) + rounding == total` holds exactly.

    Where a term is NaN or infinite there is nothing to round, and no rounding.

    Args:
        terms: every term, rounded to `decimals`.
        total: the sum's own value, rounded to `decimals`.
        decimals: digits after the point that all of them share.
        rounding: what the rounded terms miss of the rounded total.
    """

    terms: tuple[Decimal, ...]
    total: Decimal
    decimals: int
    rounding: Decimal

    def write(self, notes: Sequence[str] = ()) -> str:
        """The equation on one line, "0.967 + 2.180 − 3.328 = −0.181".

        Args:
            notes: for each term a word in brackets after it, or "".
        """
        words = list(notes) + [""] * (len(self.terms) - len(notes))
        left = [
            f"{write_fixed(term, self.decimals)}{f' ({word})' if word else ''}"
            for term, word in zip(self.terms, words, strict=True)
        ]
        if self.rounding:
            left.append(f"{write_fixed(self.rounding, self.decimals)} (rounding)")
        return f"{join_terms(left)} = {write_fixed(self.total, self.decimals)}"


def add_up(terms: Sequence[float], value: float, decimals: int) -> Addition:
    """Round a sum for the screen, with the rounding as a term of its own.

    Args:
        terms: the exact terms.
        value: the sum as the engine has it.
        decimals: digits after the point.

    Example:
        >>> add_up([0.3334, 0.3334, 0.3334], 1.0002, 3).write()
        '0.333 + 0.333 + 0.333 + 0.001 (rounding) = 1.000'
    """
    shown = tuple(round_to(each, decimals) for each in terms)
    total = round_to(value, decimals)
    finite = all(each.is_finite() for each in (*shown, total))
    rounding = total - sum(shown, Decimal(0)) if finite else Decimal(0)
    return Addition(shown, total, decimals, rounding)


def settle_sum(
    terms: Sequence[float],
    value: float,
    decimals: int | None = None,
    holds: Callable[[Addition], bool] = lambda _: True,
    more: int = 1,
) -> Addition:
    """Choose the decimals with which a sum needs no rounding term, if a few more digits can do it.

    Args:
        terms: the exact terms.
        value: the sum as the engine has it.
        decimals: where to begin; left out: four digits of the largest term.
        holds: what else must be true of the rounded sum, for example that its sigmoid is the
            number that follows on the screen.
        more: how many more decimals are tried to get along without a rounding term.

    Returns:
        The first sum without rounding, with the fewest decimals; otherwise the first one for
        which `holds`; otherwise the first one.

    Example:
        >>> settle_sum([0.3334, 0.3334, 0.3334], 1.0002, 3).write()
        '0.3334 + 0.3334 + 0.3334 = 1.0002'
    """
    first = decimals_for([*terms, value]) if decimals is None else decimals
    candidates = [add_up(terms, value, each) for each in range(first, first + 1 + more)]
    exact = [each for each in candidates if not each.rounding and holds(each)]
    if exact:
        return exact[0]
    longest = min(first + 5, MOST_DECIMALS)
    longer = [add_up(terms, value, each) for each in range(first + 1 + more, longest)]
    return next((each for each in [*candidates, *longer] if holds(each)), candidates[0])


def join_terms(terms: Sequence[str]) -> str:
    """Join written numbers with + and −; a minus in front becomes the operator.

    Example:
        >>> join_terms(["0.5", "−0.25", "1"])
        '0.5 − 0.25 + 1'
    """
    if not terms:
        return "0"
    rest = [
        f" {MINUS} {each[1:]}" if each.startswith(MINUS) else f" + {each}" for each in terms[1:]
    ]
    return terms[0] + "".join(rest)


@dataclass(frozen=True, slots=True)
class Calculation:
    """A short calculation as it stands on the screen: `left sign right`.

    Args:
        left: the formula with its numbers, such as "sigmoid(1.127)".
        right: the result as written.
        holds: whether the written numbers give the written result; if not, the sign is ≈.
    """

    left: str
    right: str
    holds: bool

    def write(self) -> str:
        """The calculation on one line."""
        return f"{self.left} {'=' if self.holds else '≈'} {self.right}"


def settle(
    template: str,
    numbers: Sequence[float],
    function: Callable[[Sequence[float]], float],
    value: float,
    *,
    decimals: int | None = None,
    exact: Sequence[bool] = (),
) -> Calculation:
    """Write a calculation with just so many digits that it holds as printed.

    Args:
        template: the left side with `{}` for every number, such as "{} × {}".
        numbers: the exact numbers, in the order of the template.
        function: what the left side computes from the numbers.
        value: the exact result.
        decimals: of the result; left out: four digits that count.
        exact: for each number whether it is written as it is (settings, raw cells).

    Returns:
        The calculation; its numbers have as few digits as the result allows.

    Example:
        >>> import math
        >>> settle("{} × {}", [0.12345, -2.0], math.prod, -0.2469).write()
        '0.12345 × (−2) = −0.2469'
        >>> settle("{} ÷ {}", [1, 3], lambda x: x[0] / x[1], 1 / 3, exact=[True, True]).write()
        '1 ÷ 3 = 0.3333'
    """
    digits = decimals_for([value]) if decimals is None else decimals
    right = round_to(value, digits)
    fixed = list(exact) + [False] * (len(numbers) - len(exact))
    shown, holds = [], False
    for significant in range(4, 17):
        shown = [
            _as_it_is(each) if keep else _rounded(each, significant)
            for each, keep in zip(numbers, fixed, strict=True)
        ]
        result = _safely(function, [float(each) for each in shown])
        holds = math.isfinite(result) and round_to(result, digits) == right
        if holds:
            break
    written = _write(right) if is_tiny(right) else write_fixed(right, digits)
    return Calculation(_fill(template, shown), written, holds)


def is_tiny(number: Decimal) -> bool:
    """Whether a number is so small that it is written as 2.5e−8."""
    return number.is_finite() and 0 < abs(number) < TINY


def _rounded(value: float, significant: int) -> Decimal:
    """A number with `significant` digits that count, without idle zeros at its end."""
    shown = round_to(value, decimals_for([value], significant))
    return _without_zeros(shown)


def _as_it_is(value: float) -> Decimal:
    """A number exactly as Python spells it, which reads back to the same number."""
    return _without_zeros(Decimal(repr(float(value))))


def _without_zeros(value: Decimal) -> Decimal:
    whole = value.to_integral_value()
    return whole if value == whole else value.normalize()


def _safely(function: Callable[[Sequence[float]], float], numbers: Sequence[float]) -> float:
    """The function's value, or NaN where rounded numbers have left its domain."""
    try:
        return function(numbers)
    except (ZeroDivisionError, ValueError, OverflowError):
        return math.nan


def _fill(template: str, numbers: Sequence[Decimal]) -> str:
    """Put numbers into a template; a negative one behind an operator stands in brackets."""
    text = ""
    for piece, number in zip(template.split("{}"), [*numbers, None], strict=True):
        text += piece
        if number is not None:
            written = _write(number)
            bare = (
                number.is_nan()
                or number >= 0
                or not text.rstrip()
                or text.endswith(("(", "^", ", "))
            )
            text += written if bare else f"({written})"
    return text


def _write(number: Decimal) -> str:
    """A number with the digits that it has; tiny ones as 2.5e−8."""
    _, digits, exponent = number.as_tuple()
    if is_tiny(number) and isinstance(exponent, int):
        sign = MINUS if number < 0 else ""
        rest = "".join(map(str, digits[1:])).rstrip("0")
        mantissa = f"{digits[0]}.{rest}" if rest else str(digits[0])
        return f"{sign}{mantissa}e{MINUS}{-exponent - len(digits) + 1}"
    return write_fixed(number, max(-exponent, 0) if isinstance(exponent, int) else 0)
