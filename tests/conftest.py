"""What many tests need: PyTorch as the oracle, asked the same question as pellucid."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


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
