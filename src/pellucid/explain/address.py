"""Addresses: the name of one number, `[@STEP] [row:ROW] PLACE[.QUANTITY]`.

Everything with a name counts from 1. Here addresses are read and names are spelt, PyTorch's
spelling of a parameter too; what stands at an address is found in `places`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pellucid.errors import AddressError

_RESERVED = r"loss|truth|rows|output|hidden\d+"
_PLAIN = re.compile(rf"(?!(?:{_RESERVED})\Z)[A-Za-z0-9_=]+\Z")
_BARE = re.compile(rf"(?!(?:{_RESERVED})(?:\.|\Z))")
_ROW = re.compile(r"row:(\S+)\Z", re.IGNORECASE)
_STEP = re.compile(r"@(\S*)\Z")
MOST_NAMED, MOST_KNOWN = 3, 8


@dataclass(frozen=True, slots=True)
class Address:
    """What an address names.

    Args:
        step: counts from 1; None means the model, or the end of the training.
        row: counts from 1; None means no single row.
        place: what stands behind step and row: "hidden1.3.z"; "" for a whole row or step.
        is_last: whether the moment after the last step is meant, "@last".
    """

    step: int | None = None
    row: int | None = None
    place: str = ""
    is_last: bool = False

    @property
    def owner(self) -> str:
        """What addresses of the same moment begin with: "@120 ", "@last " or ""."""
        if self.is_last:
            return "@last "
        return "" if self.step is None else f"@{self.step} "

    def write(self) -> str:
        """The address as one types it.

        Example:
            >>> read_address("row:17 @120 hidden1.3.z").write()
            '@120 row:17 hidden1.3.z'
        """
        row = "" if self.row is None else f"row:{self.row} "
        return f"{self.owner}{row}{self.place}".strip()


def looks_like_address(word: str) -> bool:
    """Whether a word is meant as an address and not as the name of a run.

    Example:
        >>> looks_like_address("row:17"), looks_like_address("@120"), looks_like_address("students")
        (True, True, False)
    """
    return word.startswith("@") or word.lower().startswith(("row:", "row ", "hidden", "output."))


def read_address(words: str | Sequence[str]) -> Address:
    """Read an address.

    Args:
        words: the whole address, or the words of a command line.

    Raises:
        AddressError: a step or a row is no number from 1.

    Example:
        >>> read_address(["row:17"])
        Address(step=None, row=17, place='', is_last=False)
        >>> read_address("@120 row:17 hidden1.3.z")
        Address(step=120, row=17, place='hidden1.3.z', is_last=False)
    """
    text = words if isinstance(words, str) else " ".join(words)
    rest, step, row, is_last = text.strip(), None, None, False
    while rest:
        word, _, after = rest.partition(" ")
        found = _STEP.match(word) or _ROW.match(word)
        if not found:
            break
        if (step is not None or is_last) if word.startswith("@") else row is not None:
            raise AddressError(f"'{text}' names two moments or two rows. Name one of each at most.")
        if word.startswith("@") and found[1].lower() == "last":
            is_last = True
        elif word.startswith("@"):
            step = _count(found[1], text)
        else:
            row = _count(found[1], text)
        rest = after.strip()
    return Address(step, row, rest, is_last)


def _count(digits: str, text: str) -> int:
    number = digits.replace(",", "")
    if number.isascii() and number.isdigit() and int(number) > 0:
        return int(number)
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


def spellings(names: Iterable[str]) -> dict[str, str]:
    """How names may be typed, each with its spelling in addresses; a shell takes quotes away.

    Example:
        >>> spellings(["age", "unit price"])
        {'age': 'age', '"unit price"': '"unit price"', 'unit price': '"unit price"', '"age"': 'age'}
    """
    names = list(names)
    typed = {quote_name(each): quote_name(each) for each in names}
    bare = {each: quote_name(each) for each in names if _BARE.match(each)}
    quoted = {f'"{each}"': quote_name(each) for each in names}
    return typed | {word: spelt for word, spelt in (bare | quoted).items() if word not in typed}


def take_name(text: str, known: Mapping[str, str]) -> tuple[str, str] | None:
    """The longest known name that a text begins with, and what comes behind it and a point.

    Args:
        text: such as "age.raw".
        known: the names as they may be typed, each with its spelling.

    Example:
        >>> take_name("age.raw", {"age": "age", "ag": "ag"})
        ('age', 'raw')
        >>> take_name("ages", {"age": "age"}) is None
        True
    """
    fitting = [each for each in known if text == each or text.startswith(f"{each}.")]
    if not fitting:
        return None
    longest = max(fitting, key=len)
    return known[longest], text[len(longest) + 1 :]


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """The known names that are most like a word, at most three, the nearest first.

    Example:
        >>> nearest("hours", ["hours_studied", "sleep_hours", "age"])
        ['hours_studied', 'sleep_hours']
    """
    names = list(dict.fromkeys(known))
    begins = [each for each in names if word and each.casefold().startswith(word.casefold())]
    near = difflib.get_close_matches(word, names, n=MOST_NAMED, cutoff=0.5)
    return list(dict.fromkeys([*begins, *near]))[:MOST_NAMED]


def unknown(before: str, came: str, known: Sequence[str], what: str = "number") -> AddressError:
    """The error for an address that names nothing, with the nearest ones.

    Args:
        before: the part of the address that was understood, such as "row:17 hidden1.3.".
        came: what was not understood.
        known: what could stand there.
        what: is looked for.
    """
    known = list(dict.fromkeys(known))
    near = nearest(came, known)
    said = f"There is no {what} '{before}{came}'."
    if near:
        named = " or ".join(f"'{before}{each}'" for each in near)
        return AddressError(f"{said} Did you mean {named}?")
    some = ", ".join(f"'{before}{each}'" for each in known[:MOST_KNOWN])
    more = ", …" if len(known) > MOST_KNOWN else ""
    return AddressError(f"{said} There are {some}{more}." if some else said)


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
