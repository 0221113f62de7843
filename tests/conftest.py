"""What many tests need: PyTorch as the oracle, and a reader that re-adds what was printed."""

import itertools
import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import settings

settings.register_profile("pellucid", derandomize=True, deadline=None)
settings.load_profile("pellucid")


def as_array(value: Any) -> np.ndarray[Any, Any]:
    return value.detach().numpy() if hasattr(value, "detach") else np.asarray(value)


class Oracle:
    """Asks PyTorch and pellucid the same question and compares what they say."""

    def __init__(self) -> None:
        import torch  # noqa: PLC0415 (slow, and only some tests need it)

        import pellucid  # noqa: PLC0415

        self.torch: Any = torch
        self.pellucid: Any = pellucid

    def values(self, ours: Any, theirs: Any, *, ulps: float = 8) -> None:
        """Same dtype, same shape, same numbers up to rounding."""
        if isinstance(theirs, tuple | list):
            assert len(ours) == len(theirs)
            for one, other in zip(ours, theirs, strict=True):
                self.values(one, other, ulps=ulps)
            return
        if not hasattr(theirs, "detach"):
            assert ours == theirs
            return
        mine, wanted = as_array(ours), as_array(theirs)
        assert mine.dtype == wanted.dtype
        assert mine.shape == wanted.shape
        if wanted.dtype.kind != "f":
            np.testing.assert_array_equal(mine, wanted)
            return
        step = np.finfo(wanted.dtype).eps
        finite = wanted[np.isfinite(wanted)]
        scale = float(np.abs(finite).max()) if finite.size else 1.0
        np.testing.assert_allclose(mine, wanted, rtol=ulps * step, atol=ulps * step * scale)

    def gradients(
        self, function: Callable[..., Any], *arrays: np.ndarray[Any, Any], ulps: float = 16
    ) -> None:
        """`function` of tensors gives the same values and the same gradients in both."""
        if {each.dtype.name for each in arrays} >= {"float32", "float64"}:
            ulps *= 2.0**29  # a part was computed in float32
        ours = [self.pellucid.tensor(each, requires_grad=each.dtype.kind == "f") for each in arrays]
        theirs = [self.torch.tensor(each, requires_grad=each.dtype.kind == "f") for each in arrays]
        mine, wanted = function(*ours), function(*theirs)
        self.values(mine, wanted, ulps=ulps)
        assert mine.requires_grad == wanted.requires_grad
        if not wanted.requires_grad:
            return
        weights = np.cos(np.arange(wanted.numel())).reshape(tuple(wanted.shape))
        weights = weights.astype(as_array(wanted).dtype)
        mine.backward(self.pellucid.tensor(weights))
        wanted.backward(self.torch.tensor(weights))
        for one, other in zip(ours, theirs, strict=True):
            assert (one.grad is None) == (other.grad is None)
            if other.grad is not None:
                self.values(one.grad, other.grad, ulps=ulps)

    def error(self, question: Callable[[Any], Any]) -> None:
        """Both refuse, with errors of one kind; ours begins with PyTorch's sentence."""
        with pytest.raises(Exception) as theirs:  # noqa: PT011 (whatever it is, ours is compared)
            question(self.torch)
        with pytest.raises(type(theirs.value)) as ours:
            question(self.pellucid)
        sentence = str(theirs.value).strip().rstrip(".")
        assert str(ours.value).startswith(sentence)

    def text(self, question: Callable[[Any], Any]) -> None:
        """Both show the same text, but for the name of the library."""
        ours, theirs = repr(question(self.pellucid)), repr(question(self.torch))
        if "dtype=" in theirs:  # our name is longer, so lines may break elsewhere
            ours = " ".join(ours.replace("dtype=pellucid.", "dtype=torch.").split())
            theirs = " ".join(theirs.split())
        assert ours == theirs


@pytest.fixture(scope="session")
def oracle() -> Oracle:
    return Oracle()


FUNCTIONS = {
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": math.tanh,
    "max": max,
    "ln": math.log,
    "sqrt": math.sqrt,
    "exp": math.exp,
}


class Equation(NamedTuple):
    """Something that was printed with an equals sign."""

    left: str
    right: str

    @property
    def holds(self) -> bool:
        """Whether the printed left side gives the printed right side, to its last digit."""
        shown = Decimal(self.right)
        if re.fullmatch(r"[\d.\s+-]+", self.left):
            signed = self.left.replace("- ", "-").replace("+ ", "+").split()
            return sum((Decimal(each) for each in signed), Decimal(0)) == shown
        value = eval(self.left, {"__builtins__": {}}, FUNCTIONS)  # noqa: S307 (our own output)
        exponent = shown.as_tuple().exponent
        half_a_digit = 0.5 * 10.0**exponent if isinstance(exponent, int) else 0.0
        return bool(abs(value - float(shown)) <= half_a_digit * (1 + 1e-9) + 1e-12)


class Reader:
    """Reads printed text as a person with a pocket calculator would."""

    def equations(self, text: str) -> list[Equation]:
        """Every calculation in the text."""
        text = re.sub(r"\n {6}(?=[=≈+−×÷→] )", " ", text)  # a long line goes on beneath
        return [each for line in text.splitlines() for each in self._line(line)]

    def columns(self, text: str) -> list[tuple[list[Decimal], Decimal]]:
        """Every column of terms over a rule, with its sum."""
        found, terms = [], []
        lines = text.splitlines()
        for line, below in zip(lines, [*lines[1:], ""], strict=True):
            number = re.search(r"([−\d][\d,.]*)(?:  → .*)?$", line)
            if "──" in line and line.strip("─ ") == "":
                total = re.search(r"([−\d][\d,.]*)(?:  → .*)?$", below)
                assert total is not None
                found.append((terms, self._decimal(total[1])))
                terms = []
            elif line.startswith("  ") and number is not None:
                terms.append(self._decimal(number[1]))
            else:
                terms = []
        return found

    def _line(self, line: str) -> list[Equation]:
        line = re.sub(r"([×÷=]) +", r"\1 ", line)
        line = re.sub(r" \([^()^]*[a-z]{2}[^()^]*\)", "", line)  # notes such as (12 more)
        pieces = line.split(" = ")
        found = []
        for before, after in itertools.pairwise(pieces):
            left = re.split(r"→|: |  +", before)[-1]
            right = re.match(r"−?\d[\d,]*(\.\d+)?(e−?\d+)?", after)
            if right and re.search(r"\d", left) and re.search(r"[×÷+−(^]", left):
                found.append(Equation(self._arithmetic(left), str(self._decimal(right[0]))))
        return found

    def _arithmetic(self, text: str) -> str:
        text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
        text = text.replace("−", "-").replace("×", "*").replace("÷", "/").replace("²", "**2")
        text = re.sub(r"√([\d.e-]+)", r"sqrt(\1)", text)
        text = re.sub(r"\be\^(-?[\d.]+)", r"exp(\1)", text)
        text = text.replace("^", "**")
        words = r"(?<![\w.])(?!(?:sigmoid|tanh|max|ln|sqrt|exp)\()[A-Za-z_][\w.=]*"
        return re.sub(words, "", text).strip()

    def _decimal(self, text: str) -> Decimal:
        return Decimal(text.replace(",", "").replace("−", "-"))


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader()
