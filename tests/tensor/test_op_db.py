"""PyTorch's own samples of its operations (`op_db`): the same values and gradients from ours."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import pellucid
from pellucid import nn
from pellucid.errors import InputError
from pellucid.nn import functional
from pellucid.tensor import words

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_methods_invocations import op_db

ALL = {each.name: each for each in reversed(op_db) if not each.variant_test_name}

# What pellucid calls each of PyTorch's operations; arguments that it does not take are skipped.
OURS: dict[str, Callable[..., Any]] = {
    **{name: getattr(pellucid, name) for name in words.__all__ if name in ALL},
    "true_divide": lambda x, y: x / y,
    "__radd__": lambda x, y: y + x,
    "__rsub__": lambda x, y: y - x,
    "__rmul__": lambda x, y: y * x,
    "__rdiv__": lambda x, y: y / x,
    "__rpow__": lambda x, y: y**x,
    "__rmatmul__": lambda x, y: y @ x,
    "__rmod__": lambda x, y: y % x,
    "floor_divide": lambda x, y: x // y,
    "remainder": lambda x, y: x % y,
    "nn.functional.relu": lambda x: x.relu(),
    "nn.functional.leaky_relu": lambda x, **named: nn.LeakyReLU(**named)(x),
    "nn.functional.elu": lambda x, **named: nn.ELU(**named)(x),
    "nn.functional.selu": lambda x, **named: nn.SELU(**named)(x),
    "nn.functional.gelu": lambda x, **named: nn.GELU(**named)(x),
    "nn.functional.silu": lambda x, **named: nn.SiLU(**named)(x),
    "nn.functional.mish": lambda x, **named: nn.Mish(**named)(x),
    "nn.functional.softplus": lambda x, **named: nn.Softplus(**named)(x),
    "stack": pellucid.stack,
    "cat": pellucid.cat,
    "where": lambda x, condition, y: pellucid.where(condition, x, y),
    "__getitem__": lambda x, index: x[index],
    "T": lambda x: x.T,
    "zeros_like": lambda x, **named: pellucid.zeros_like(x, **ours(named)),
    "ones_like": lambda x, **named: pellucid.ones_like(x, **ours(named)),
    **{
        name: getattr(pellucid.Tensor, name)
        for name in (
            *("expand", "expand_as", "repeat", "view", "view_as", "reshape_as", "clone", "item"),
            *("float", "double", "long", "int", "bool", "contiguous"),
        )
    },
    "nn.functional.embedding": lambda weight, x, **named: functional.embedding(x, weight, **named),
    "nn.functional.layer_norm": functional.layer_norm,
    "nn.functional.mse_loss": functional.mse_loss,
    "nn.functional.l1_loss": functional.l1_loss,
    "nn.functional.huber_loss": functional.huber_loss,
    "nn.functional.smooth_l1_loss": functional.smooth_l1_loss,
    "nn.functional.binary_cross_entropy": functional.binary_cross_entropy,
    "nn.functional.binary_cross_entropy_with_logits": functional.binary_cross_entropy_with_logits,
    "nn.functional.cross_entropy": functional.cross_entropy,
    "nn.functional.nll_loss": functional.nll_loss,
    "nn.functional.poisson_nll_loss": functional.poisson_nll_loss,
}

# The words that can put their result in the place of the numbers that they were given.
IN_PLACE = [name for name in words.__all__ if hasattr(pellucid.Tensor, f"{name}_") and name in OURS]

# Operations whose wrong inputs PyTorch lists; the first number of those that ours must refuse alike.
REFUSALS = {
    "cat": 4,
    "reshape": 8,
    "view": 8,
    "mean": 1,
    "view_as": 2,
    "reshape_as": 2,
    **dict.fromkeys(("eq", "ne", "lt", "le", "gt", "ge"), 2),
    "amax": 4,
    "amin": 4,
    "dot": 2,
    "gather": 4,
    "isclose": 5,
    "item": 4,
    "neg": 1,
    "masked_fill": 1,
    "roll": 4,
    "t": 1,
    "tril": 1,
    "triu": 1,
    "unbind": 2,
    "nn.functional.embedding": 2,
    "nn.functional.huber_loss": 1,
}


def ours(named: dict[str, Any]) -> dict[str, Any]:
    """PyTorch's dtypes and devices in keywords as pellucid's."""
    known = {k: v for k, v in named.items() if k in ("dtype", "device", "requires_grad")}
    if len(known) < len(named):
        raise NotImplementedError
    return {k: str(v).removeprefix("torch.") if v is not None else None for k, v in known.items()}


def convert(value: Any, tensors: dict[int, pellucid.Tensor]) -> Any:
    """PyTorch's arguments as pellucid's."""
    if isinstance(value, torch.Tensor):
        if value.is_complex() or not value.is_contiguous():
            raise NotImplementedError
        ours = pellucid.tensor(value.detach().numpy(), requires_grad=value.requires_grad)
        return tensors.setdefault(id(value), ours)
    if isinstance(value, tuple | list) and any(isinstance(each, torch.Tensor) for each in value):
        return type(value)(convert(each, tensors) for each in value)
    if isinstance(value, torch.dtype) and not value.is_complex:
        return str(value).removeprefix("torch.")
    if isinstance(value, complex):
        raise NotImplementedError
    return value


def tensors_of(sample: Any) -> list[torch.Tensor]:
    found: list[torch.Tensor] = []
    for value in (sample.input, *sample.args):
        found += [value] if isinstance(value, torch.Tensor) else []
        found += (
            [each for each in value if isinstance(each, torch.Tensor)]
            if isinstance(value, tuple | list)
            else []
        )
    return found


def check(mine: Callable[..., Any], theirs: Callable[..., Any], sample: Any) -> bool:
    """Compare one sample; False if it asks for something that pellucid does not offer."""
    tensors: dict[int, pellucid.Tensor] = {}
    try:
        first, *others = (convert(each, tensors) for each in (sample.input, *sample.args))
        named = {key: convert(each, tensors) for key, each in sample.kwargs.items()}
        found = mine(first, *others, **named)
    except (NotImplementedError, TypeError, InputError):
        return False
    wanted = theirs(sample.input, *sample.args, **sample.kwargs)
    if not isinstance(wanted, torch.Tensor):
        compare_parts(found, wanted)
        return True
    close(found, wanted)
    assert found.requires_grad == wanted.requires_grad
    if wanted.requires_grad and wanted.numel():
        seed = np.cos(np.arange(wanted.numel())).reshape(tuple(wanted.shape))
        for each in tensors_of(sample):
            each.grad = None
        wanted.backward(torch.tensor(seed))
        found.backward(pellucid.tensor(seed))
        for each in tensors_of(sample):
            if each.grad is not None and each.numel():
                ours = tensors[id(each)].grad
                assert ours is not None
                close(ours, each.grad)
    return True


def compare_parts(found: Any, wanted: Any) -> None:
    """A tuple of tensors, or a number."""
    if not isinstance(wanted, tuple | list):
        assert found == wanted
        return
    assert len(found) == len(wanted)
    for mine, other in zip(found, wanted, strict=True):
        close(mine, other)


def close(ours: pellucid.Tensor, theirs: torch.Tensor) -> None:
    wanted = theirs.detach().numpy()
    assert ours.shape == wanted.shape
    assert ours.dtype == wanted.dtype
    np.testing.assert_allclose(np.asarray(ours), wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", OURS)
def test_pytorchs_samples(name: str) -> None:
    samples = samples_of(name)
    done = sum(check(OURS[name], ALL[name].op, sample) for sample in samples)
    assert done >= max(1, len(samples) // 4)


def samples_of(name: str) -> list[Any]:
    has_gradient = ALL[name].supports_autograd
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(ALL[name].sample_inputs("cpu", torch.float64, requires_grad=has_gradient))


@pytest.mark.parametrize("name", IN_PLACE)
def test_pytorchs_samples_in_place(name: str) -> None:
    """`x.word_()` changes x as PyTorch's does, and gradients go through the change."""

    def change(x: Any, *others: Any, **named: Any) -> Any:
        own = x.clone()
        shown = own.reshape(-1)[:3]  # sees the change, and hands its gradient on
        result = getattr(own, f"{name}_")(*others, **named)
        assert result is own
        return own + shown.sum()

    def fits(sample: Any) -> bool:
        try:
            change(sample.input, *sample.args, **sample.kwargs)
        except RuntimeError:  # a larger shape, or fractions among whole numbers
            return False
        return True

    samples = [sample for sample in samples_of(name) if fits(sample)]
    done = sum(check(change, change, sample) for sample in samples)
    assert done >= max(1, len(samples) // 4)


@pytest.mark.parametrize("name", REFUSALS)
def test_pytorchs_refusals(name: str) -> None:
    done = 0
    for error in ALL[name].error_inputs("cpu"):
        sample, tensors = error.sample_input, {}
        try:
            given = [convert(each, tensors) for each in (sample.input, *sample.args)]
            named = {key: convert(each, tensors) for key, each in sample.kwargs.items()}
        except (NotImplementedError, TypeError, ValueError):  # numpy has at most 64 axes
            continue
        if any("out" in key or "dtype" in key for key in named):
            continue
        with pytest.raises(error.error_type, match=error.error_regex or None):
            OURS[name](*given, **named)
        done += 1
    assert done >= REFUSALS[name]
