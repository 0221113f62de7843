"""What a model says about one row: the value, how sure it is, and the same as text."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says about one row.

    Attributes:
        value: a label, or a number in the target's unit.
        text: "76 % yes", "93 % Adelie" or "412,300 $".
        probability: of the label, 0 to 1; None for a number.
        probabilities: of every label; empty for a number.
        warnings: what to know about the row, such as a level that no training row had.
    """

    value: str | float
    text: str
    probability: float | None = None
    probabilities: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text


def say_share(share: float) -> str:
    """Write a probability in whole percents; certainty is said only where it is exact.

    Example:
        >>> say_share(0.755), say_share(0.999), say_share(0.0001)
        ('76 %', 'over 99 %', 'under 1 %')
    """
    if 0.995 <= share < 1:
        return "over 99 %"
    if 0 < share < 0.005:
        return "under 1 %"
    return f"{100 * share:.0f} %"
