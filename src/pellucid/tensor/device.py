"""Where numbers are: always in the computer's own memory, "cpu".

PyTorch's words for it are understood, so that scripts that choose a device run as they are.
"""

from __future__ import annotations

from typing import Any, NoReturn

from pellucid.errors import InputError

ELSEWHERE = ("cuda", "mps", "xpu", "meta", "hip", "mtia")


class device(str):  # noqa: N801 (PyTorch's word, used like a function)
    """A place for numbers by name; "cpu" is the only one.

    Args:
        name: "cpu", "cpu:0", or another device.

    Raises:
        InputError: another place.

    Example:
        >>> device("cpu")
        device(type='cpu')
        >>> device("cpu") == "cpu"
        True
    """

    __slots__ = ()

    def __new__(cls, name: Any = "cpu") -> device:
        """Check the name."""
        check_device(name)
        return super().__new__(cls, "cpu")

    @property
    def type(self) -> str:
        """The name without a number."""
        return "cpu"

    def __repr__(self) -> str:
        return "device(type='cpu')"


class NoGraphicsCard:
    """What can be asked about graphics cards: whether there is one that pellucid uses.

    Example:
        >>> cuda.is_available()
        False
    """

    @staticmethod
    def is_available() -> bool:
        """Whether numbers can be there: never."""
        return False

    @staticmethod
    def device_count() -> int:
        """How many there are that pellucid uses: none."""
        return 0


cuda = NoGraphicsCard()


def is_device(name: object) -> bool:
    """Whether "cpu" is named, where everything is, and not a dtype.

    Raises:
        InputError: another device.
    """
    if not isinstance(name, str):
        return False
    if name.partition(":")[0] in ELSEWHERE:
        raise InputError(
            f"pellucid computes on the CPU. Got '{name}': write 'cpu' or leave it out."
        )
    return name in ("cpu", "cpu:0")


def refuse_cuda() -> NoReturn:
    """Raise what to write in the place of `.cuda()`.

    Raises:
        InputError: always.
    """
    raise InputError(
        "pellucid computes on the CPU. Got `.cuda()`: leave it out, or write `.to(device)` with "
        '`device = "cuda" if pellucid.cuda.is_available() else "cpu"`.'
    )


def check_device(name: object) -> None:
    """Raise if numbers are wanted anywhere but on the CPU; None stands for where they are."""
    if name is not None and not is_device(name):
        raise InputError(
            f"pellucid computes on the CPU. Got device={name!r}: write 'cpu' or leave it out."
        )
