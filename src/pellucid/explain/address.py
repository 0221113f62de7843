"""Addresses: the name of one number, `[@STEP] [row:ROW] PLACE[.QUANTITY]`.

Everything with a name counts from 1. Here addresses are read, and PyTorch's spelling of a
parameter is given beside ours; what stands at an address is found in `prediction` and `step`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pellucid.errors import AddressError

_PLAIN = re.compile(r"(?!(?:loss|truth|output|hidden\d+)\Z)[A-Za-z0-9_=]+\Z")
_ROW = re.compile(r"row:(\d+)\Z", re.IGNORECASE)
_STEP = re.compile(r"@(\d+)\Z")


@dataclass(frozen=True, slots=True)
class Address:
    """What an address names: a row of the table or a step of the training.

    Args:
        step: counts from 1; None means the model.
        row: counts from 1; None means no single row.
    """

    step: int | None = None
    row: int | None = None


def looks_like_address(word: str) -> bool:
    """Whether a word is meant as an address and not as the name of a run.

    Example:
        >>> looks_like_address("row:17"), looks_like_address("@120"), looks_like_address("students")
        (True, True, False)
    """
    return word.startswith("@") or word.lower().startswith(("row:", "row ", "hidden", "output."))


def read_address(words: Sequence[str]) -> Address:
    """Read an address from the words of a command line.

    Args:
        words: "row:17" or "@120".

    Raises:
        AddressError: the words are no such address.

    Example:
        >>> read_address(["row:17"]), read_address(["@120"])
        (Address(step=None, row=17), Address(step=120, row=None))
    """
    text = " ".join(words)
    row, step = _ROW.match(text), _STEP.match(text)
    if row and int(row[1]) > 0:
        return Address(row=int(row[1]))
    if step and int(step[1]) > 0:
        return Address(step=int(step[1]))
    raise AddressError(
        f"'{text}' is no address. Rows and steps count from 1:"
        " row:17 opens the prediction of row 17, @120 tells the 120th step."
    )


def quote_name(name: str) -> str:
    """A column's name as it stands in an address; the words of addresses themselves are quoted too.

    Example:
        >>> quote_name("age"), quote_name("unit price"), quote_name("loss")
        ('age', '"unit price"', '"loss"')
    """
    return name if _PLAIN.match(name) else f'"{name}"'


def pytorch_name(parameter: str, *index: int) -> str:
    """PyTorch's spelling of one parameter, which counts from 0.

    Example:
        >>> pytorch_name("0.weight", 2, 0)
        'model[0].weight[2, 0]'
    """
    path, _, leaf = parameter.rpartition(".")
    inside = "".join(
        f"[{each}]" if each.isdigit() else f".{each}" for each in path.split(".") if each
    )
    return f"model{inside}.{leaf}[{', '.join(map(str, index))}]"
