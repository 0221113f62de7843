"""How numbers are written for people: thousands separators, a true minus, sensible digits.

Here is only the writing of single numbers; sums that must add up on the screen are in `equation`.
"""

from __future__ import annotations

import math
from decimal import Decimal

MINUS = "−"


def write_fixed(value: float | Decimal, decimals: int, *, sign: bool = False) -> str:
    """Write a number with a fixed number of decimals, "−1,234.50"; never "−0".

    Args:
        value: the number.
        decimals: digits after the point, from 0.
        sign: whether a positive number carries a plus.

    Example:
        >>> write_fixed(-1234.5, 2), write_fixed(-0.0001, 2), write_fixed(3, 1, sign=True)
        ('−1,234.50', '0.00', '+3.0')
    """
    if not math.isfinite(value):
        return write_endless(value)
    text = f"{value:,.{decimals}f}"
    if text.startswith("-"):
        body = text[1:]
        return f"{MINUS}{body}" if any(each in "123456789" for each in body) else body
    return f"+{text}" if sign and any(each in "123456789" for each in text) else text


def write_endless(value: float | Decimal) -> str:
    """What is no finite number, as it is: "NaN", "∞" or "−∞".

    Example:
        >>> write_endless(math.nan), write_endless(-math.inf)
        ('NaN', '−∞')
    """
    if math.isnan(value):
        return "NaN"
    return "∞" if value > 0 else f"{MINUS}∞"


def write_number(value: float, digits: int = 4) -> str:
    """Write a number as a person would: whole numbers whole, others to `digits` digits that count.

    Args:
        value: the number.
        digits: significant digits of numbers that are not whole.

    Example:
        >>> [write_number(each) for each in (10.0, 0.03, 1250, -72.123456, 451234.56, 0.00001234)]
        ['10', '0.03', '1,250', '−72.12', '451,235', '0.00001234']
        >>> write_number(float("nan"))
        'missing'
    """
    if math.isnan(value):
        return "missing"
    if math.isinf(value):
        return write_endless(value)
    if value == round(value) and abs(value) < 1e15:
        return write_fixed(value, 0)
    if abs(value) < 1e-7 or abs(value) >= 1e15:
        return write_science(value, digits)
    text = write_fixed(value, decimals_for([value], digits))
    return text.rstrip("0").rstrip(".") if "." in text else text


def write_science(value: float | Decimal, digits: int | None = None) -> str:
    """Write a number with a power of ten, "4.72e31"; idle zeros are left out.

    Args:
        value: the number.
        digits: significant digits; left out: as many as a decimal number has.

    Example:
        >>> write_science(-4.7214e31, 3), write_science(2.5e-8, 4), write_science(0.0, 3)
        ('−4.72e31', '2.5e−8', '0')
    """
    text = f"{Decimal(value):e}" if digits is None else f"{value:.{digits - 1}e}"
    mantissa, _, power = text.partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    if not any(each in "123456789" for each in mantissa):
        return "0"
    return f"{mantissa}e{int(power)}".replace("-", MINUS)


def decimals_for(values: list[float], digits: int = 4) -> int:
    """How many decimals show the largest of `values` with `digits` digits that count.

    Args:
        values: the numbers that will stand together.
        digits: significant digits of the largest one.

    Example:
        >>> decimals_for([2.18, -0.3]), decimals_for([0.0123]), decimals_for([98765.4])
        (3, 5, 0)
    """
    largest = max((abs(each) for each in values if math.isfinite(each)), default=0.0)
    if largest == 0.0:
        return digits - 1
    return max(digits - 1 - math.floor(math.log10(largest)), 0)


def write_percent(share: float) -> str:
    """Write a share from 0 to 1 in whole per cent; what is not certain is never called so.

    Example:
        >>> [write_percent(each) for each in (0.755, 0.998, 0.002, 1.0, 0.0)]
        ['76 %', 'over 99 %', 'under 1 %', '100 %', '0 %']
    """
    if math.isnan(share):
        return "NaN"
    if 0.995 <= share < 1.0:
        return "over 99 %"
    if 0.0 < share < 0.005:
        return "under 1 %"
    return f"{100 * share:.0f} %"


def write_chance(chance: float) -> str:
    """Write a probability that a network gives; it is never quite certain.

    Example:
        >>> write_chance(0.755), write_chance(1.0), write_chance(0.0)
        ('76 %', 'over 99 %', 'under 1 %')
    """
    return write_percent(min(max(chance, 1e-9), 1.0 - 1e-9))


def write_shares(shares: list[float]) -> list[str]:
    """Write shares of one whole in whole per cent that add up to what they add up to.

    What rounding leaves over goes to the shares that lost most by it.

    Args:
        shares: each from 0 to 1; together at most 1.

    Example:
        >>> write_shares([1 / 3, 1 / 3, 1 / 3])
        ['34 %', '33 %', '33 %']
    """
    floors = [math.floor(100 * share) for share in shares]
    spare = round(100 * math.fsum(shares)) - sum(floors)
    by_loss = sorted(range(len(shares)), key=lambda each: floors[each] - 100 * shares[each])
    for each in by_loss[: max(spare, 0)]:
        floors[each] += 1
    return [f"{each} %" for each in floors]


def write_count(count: int, noun: str, plural: str | None = None) -> str:
    """Write a count with its noun, "1 row" or "1,250 rows".

    Example:
        >>> write_count(1, "row"), write_count(1250, "row"), write_count(2, "box", "boxes")
        ('1 row', '1,250 rows', '2 boxes')
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def write_value(value: float, unit: str = "", digits: int = 4) -> str:
    """Write a number with its unit, "10 h" or "75".

    Example:
        >>> write_value(10.0, "h"), write_value(75.0)
        ('10 h', '75')
    """
    return f"{write_number(value, digits)} {unit}".rstrip()
