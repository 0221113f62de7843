"""PyTorch's own configurations of its optimizers (`optim_db`): same steps, same refusals."""

import warnings
from typing import Any

import numpy as np
import pytest
import torch

import pellucid

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_optimizers import optim_db

ALL = {each.optim_cls.__name__: each for each in optim_db}


@pytest.mark.parametrize(
    ("name", "count"), [("SGD", 8), ("Adam", 5), ("AdamW", 5), ("RMSprop", 8), ("Adagrad", 6)]
)
def test_pytorchs_configurations(name: str, count: int) -> None:
    done = 0
    for config in ALL[name].optim_inputs_func(device="cpu"):
        settings = {k: v for k, v in config.kwargs.items() if not isinstance(v, torch.Tensor)}
        if len(settings) < len(config.kwargs) or settings.get("capturable"):
            continue
        start = np.linspace(-1, 1, 6).reshape(2, 3)
        results = []
        for lib in (pellucid, torch):
            weight: Any = lib.tensor(start, requires_grad=True)
            optimizer = getattr(lib.optim, name)([weight], **settings)
            for _ in range(4):
                optimizer.zero_grad()
                ((weight * weight).sum() + weight.exp().sum()).backward()
                optimizer.step()
            results.append(np.asarray(weight.detach()))
        np.testing.assert_allclose(*results, rtol=1e-12)
        done += 1
    assert done == count


def to_ours(value: Any, made: dict[int, pellucid.Tensor]) -> Any:
    """PyTorch's parameters, however nested, as pellucid's; equal ones stay equal."""
    if isinstance(value, torch.Tensor):
        fresh = pellucid.tensor(value.detach().numpy(), requires_grad=True)
        return made.setdefault(id(value), fresh)
    if isinstance(value, dict):
        return {name: to_ours(each, made) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(to_ours(each, made) for each in value)
    return value


@pytest.mark.parametrize(
    ("name", "count"), [("SGD", 6), ("Adam", 7), ("AdamW", 7), ("RMSprop", 6), ("Adagrad", 6)]
)
def test_pytorchs_refusals(name: str, count: int) -> None:
    done = 0
    for error in ALL[name].optim_error_inputs_func("cpu", torch.float32):
        config = error.optimizer_error_input
        if "Tensor" in error.error_regex and "iterable" not in error.error_regex:
            continue  # settings that are tensors are not offered
        params = [torch.zeros(1)] if config.params is None else config.params
        ours = to_ours(params, {})
        make = getattr(pellucid.optim, name)
        if issubclass(error.error_type, Warning):
            with pytest.warns(error.error_type, match=error.error_regex):
                make(ours, **config.kwargs)
        else:
            with pytest.raises(error.error_type, match=error.error_regex):
                make(ours, **config.kwargs)
        done += 1
    assert done == count
