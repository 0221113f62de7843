"""PyTorch's own samples of its modules (`module_db`): the same values and gradients from ours."""

import warnings
from typing import Any

import numpy as np
import pytest
import torch

import pellucid
from pellucid import nn

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_modules import module_db

ALL = {each.name.removeprefix("nn."): each for each in module_db}
# How many of PyTorch's samples use only what pellucid offers, at least.
EXPECTED = {
    "Linear": 3,
    "ReLU": 2,
    "Sigmoid": 2,
    "Tanh": 2,
    "LeakyReLU": 5,
    "ELU": 4,
    "SELU": 3,
    "GELU": 3,
    "SiLU": 3,
    "Mish": 3,
    "Softplus": 5,
    "Softmax": 3,
    "LogSoftmax": 4,
    "BatchNorm1d": 8,
    "LayerNorm": 3,
    "MSELoss": 8,
    "BCELoss": 6,
    "BCEWithLogitsLoss": 6,
    "CrossEntropyLoss": 105,
    "NLLLoss": 28,
    "L1Loss": 5,
    "HuberLoss": 4,
    "SmoothL1Loss": 8,
    "PoissonNLLLoss": 7,
    "Embedding": 2,
}
# How many of the wrong inputs that PyTorch lists ours must refuse with the same words.
REFUSED = {"BatchNorm1d": 1, "CrossEntropyLoss": 7, "HuberLoss": 1, "Embedding": 3}


def to_ours(value: Any) -> Any:
    if not isinstance(value, torch.Tensor):
        return value
    return pellucid.tensor(value.detach().numpy(), requires_grad=value.requires_grad)


def check(name: str, sample: Any) -> bool:
    """Compare one sample; False if it asks for something that pellucid does not offer."""
    made, given = sample.constructor_input, sample.forward_input
    try:
        settings = {key: to_ours(value) for key, value in made.kwargs.items()}
        ours = getattr(nn, name)(*map(to_ours, made.args), **settings)
    except TypeError:
        return False
    theirs = getattr(torch.nn, name)(*made.args, **made.kwargs).double()
    ours.double()
    ours.load_state_dict(theirs.state_dict())
    arguments = (*given.args, *given.kwargs.values())
    inputs = [to_ours(each) for each in arguments]
    found = ours(*inputs)
    wanted = theirs(*arguments)
    np.testing.assert_allclose(np.asarray(found), wanted.detach().numpy(), rtol=1e-10, atol=1e-12)
    assert found.requires_grad == wanted.requires_grad
    if wanted.requires_grad:
        found.sum().backward()
        wanted.sum().backward()
        for mine, other in zip(inputs, arguments, strict=True):
            if isinstance(other, torch.Tensor) and other.grad is not None:
                np.testing.assert_allclose(
                    np.asarray(mine.grad), other.grad.numpy(), rtol=1e-9, atol=1e-12
                )
    return True


@pytest.mark.parametrize("name", EXPECTED)
def test_pytorchs_samples(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        samples = ALL[name].module_inputs_func(
            ALL[name], device="cpu", dtype=torch.float64, requires_grad=True, training=True
        )
        done = sum(check(name, sample) for sample in samples)
    assert done >= EXPECTED[name], f"{done} of {len(samples)}"


@pytest.mark.parametrize("name", REFUSED)
def test_pytorchs_refusals(name: str) -> None:
    errors = ALL[name].module_error_inputs_func(
        ALL[name], device="cpu", dtype=torch.float64, requires_grad=False, training=True
    )
    done = 0
    for each in errors:
        made = each.module_error_input.constructor_input
        given = each.module_error_input.forward_input
        settings = {key: to_ours(value) for key, value in made.kwargs.items()}
        if "device" in settings or "max_norm" in settings:
            continue

        def act(made: Any = made, settings: Any = settings, given: Any = given) -> None:
            module = getattr(nn, name)(*map(to_ours, made.args), **settings)
            if given is not None:
                module.double()(*map(to_ours, (*given.args, *given.kwargs.values())))

        with pytest.raises(each.error_type, match=each.error_regex):
            act()
        done += 1
    assert done >= REFUSED[name], f"{done} of {len(errors)}"
