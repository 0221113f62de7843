"""Every loss of the native engine against PyTorch: values, row by row, and derivatives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import mean_pinball_loss

import pellucid
from pellucid import nn
from pellucid.engine.losses import LOSSES, lower_loss, of_chances
from pellucid.engine.native import NativeEngine

ROWS, OUTPUTS = 37, 3
random = np.random.default_rng(0)
SCORES = random.normal(size=(ROWS, OUTPUTS)) * 3
NUMBERS = random.normal(size=(ROWS, OUTPUTS)) * 3
NUMBERS[::5] = SCORES[::5]  # no distance at all
NUMBERS[1::5] = SCORES[1::5] + 1  # exactly at a bend
CHANCES = random.uniform(size=(ROWS, OUTPUTS))
CHANCES[0] = [0, 1, 0.5]
ANSWERS = (random.uniform(size=(ROWS, OUTPUTS)) < 0.5).astype(float)
COUNTS = random.poisson(2, size=(ROWS, OUTPUTS)).astype(float)
CLASSES = random.integers(0, OUTPUTS, ROWS)
SHARES = CHANCES / CHANCES.sum(1, keepdims=True)
LEFT_OUT = np.where(np.arange(ROWS) % 4 == 0, -100, CLASSES)
WEIGHTS = [0.5, 2.0, 0.0]
LOGS = np.log(CHANCES + 0.1)

# name, settings, the prediction and the target
CASES: list[tuple[str, dict[str, Any], Any, Any]] = [
    ("MSELoss", {}, SCORES, NUMBERS),
    ("L1Loss", {}, SCORES, NUMBERS),
    ("HuberLoss", {}, SCORES, NUMBERS),
    ("HuberLoss", {"delta": 0.3}, SCORES, NUMBERS),
    ("SmoothL1Loss", {}, SCORES, NUMBERS),
    ("SmoothL1Loss", {"beta": 2.5}, SCORES, NUMBERS),
    ("SmoothL1Loss", {"beta": 0.0}, SCORES, NUMBERS),
    ("PoissonNLLLoss", {}, SCORES, COUNTS),
    ("PoissonNLLLoss", {"full": True}, SCORES, COUNTS),
    ("PoissonNLLLoss", {"log_input": False, "eps": 1e-4}, CHANCES, COUNTS),
    ("PoissonNLLLoss", {"log_input": False, "full": True}, CHANCES, COUNTS),
    ("BCELoss", {}, CHANCES, ANSWERS),
    ("BCEWithLogitsLoss", {}, SCORES * 20, ANSWERS),
    ("BCEWithLogitsLoss", {"pos_weight": [3.0, 0.2, 1.0]}, SCORES * 20, CHANCES),
    ("BCEWithLogitsLoss", {"pos_weight": 4.0}, SCORES, ANSWERS),
    ("CrossEntropyLoss", {}, SCORES, CLASSES),
    ("CrossEntropyLoss", {"weight": WEIGHTS}, SCORES, CLASSES),
    ("CrossEntropyLoss", {"ignore_index": 1}, SCORES, CLASSES),
    ("CrossEntropyLoss", {}, SCORES * 100, LEFT_OUT),
    ("CrossEntropyLoss", {"label_smoothing": 0.2}, SCORES, CLASSES),
    ("CrossEntropyLoss", {"label_smoothing": 1.0, "weight": WEIGHTS}, SCORES, LEFT_OUT),
    ("BCELoss", {"weight": [0.5, 2.0, 0.0]}, CHANCES, ANSWERS),
    ("BCEWithLogitsLoss", {"weight": 3.0}, SCORES, ANSWERS),
    ("BCEWithLogitsLoss", {"weight": [0.5, 2.0, 0.3], "pos_weight": 4.0}, SCORES, CHANCES),
    ("CrossEntropyLoss", {}, SCORES * 30, SHARES),
    ("CrossEntropyLoss", {"weight": WEIGHTS}, SCORES, SHARES),
    ("CrossEntropyLoss", {"weight": WEIGHTS, "label_smoothing": 0.3}, SCORES, SHARES),
    ("NLLLoss", {}, LOGS, CLASSES),
    ("NLLLoss", {"weight": WEIGHTS, "ignore_index": 0}, LOGS, CLASSES),
    ("NLLLoss", {}, LOGS, LEFT_OUT),
]


def made(lib: Any, name: str, settings: dict[str, Any], reduction: str, dtype: str) -> Any:
    tensors = {k: v for k, v in settings.items() if k in ("weight", "pos_weight")}
    make = {k: tensor_of(lib, v, dtype) for k, v in tensors.items()}
    return getattr(lib.nn, name)(reduction=reduction, **settings | make)


def tensor_of(lib: Any, values: Any, dtype: str) -> Any:
    return lib.tensor(values, dtype=getattr(lib, dtype))


def lowered(loss: Any, buffer: str, target: Any) -> Any:
    found = lower_loss(loss, buffer, OUTPUTS)
    return of_chances(found) if found.has_classes and target.ndim == 2 else found


def judged(loss: Any, prediction: Any, target: Any, dense_program: Any, start: Any, **options: Any):
    """A trace of a network that does nothing: the prediction is what goes in."""
    outputs = prediction.shape[1]
    program = dense_program(
        (outputs,), (), leading="identity", dtype=str(prediction.dtype), **options
    )
    program = replace(program, loss=lowered(loss, "0", target))
    engine = NativeEngine()
    data = (np.ascontiguousarray(prediction), np.ascontiguousarray(target))
    trace = engine.trace(program, start(program), *data, batch_size=len(target), shuffle=False)
    loss_of_all, row_losses = engine.evaluate(program, {}, *data)
    assert loss_of_all == trace.loss
    np.testing.assert_array_equal(row_losses, trace.row_losses)
    return trace


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1]}")
def test_values_and_derivatives_are_pytorchs(case, reduction, dtype, dense_program, start):
    name, settings, prediction, target = case
    prediction = prediction.astype(dtype)
    target = target.astype(dtype) if target.ndim == 2 else target
    loss = made(pellucid, name, settings, reduction, dtype)
    trace = judged(loss, prediction, target, dense_program, start)
    wanted = made(torch, name, settings, reduction, dtype)
    tensor = torch.tensor(prediction, requires_grad=True)
    value = wanted(tensor, torch.tensor(target))
    value.backward()
    rtol = 1e-12 if dtype == "float64" else 2e-5
    np.testing.assert_allclose(trace.loss, value.item(), rtol=rtol)
    np.testing.assert_allclose(trace.deltas["0"], tensor.grad.numpy(), rtol=rtol, atol=rtol / 100)
    each = made(torch, name, settings, "none", dtype)(tensor, torch.tensor(target))
    if each.ndim == 2:
        each = each.mean(1) if reduction == "mean" else each.sum(1)
    np.testing.assert_allclose(trace.row_losses, each.detach().numpy(), rtol=rtol, atol=rtol / 100)


def test_quantiles_are_scikit_learns(dense_program, start):
    quantiles = [0.1, 0.5, 0.97]
    target = np.repeat(NUMBERS[:, :1], 3, axis=1)
    trace = judged(nn.QuantileLoss(quantiles), SCORES, target, dense_program, start)
    wanted = [
        mean_pinball_loss(target[:, 0], SCORES[:, i], alpha=quantile)
        for i, quantile in enumerate(quantiles)
    ]
    np.testing.assert_allclose(trace.loss, np.mean(wanted), rtol=1e-12)
    miss = SCORES - target
    slopes = np.where(
        miss < 0, -np.array(quantiles), np.where(miss > 0, 1 - np.array(quantiles), 0)
    )
    np.testing.assert_allclose(trace.deltas["0"], slopes / miss.size, rtol=1e-12)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1]}")
def test_a_weight_of_two_is_the_row_twice(case, dense_program, start):
    """Weights of rows, beside those of classes; a row of weight 0 is as if it were not there."""
    name, settings, prediction, target = case
    loss = made(pellucid, name, settings, "mean", "float64")
    program = dense_program((OUTPUTS, OUTPUTS), (None,))
    program = replace(program, loss=lowered(loss, "0", target))
    times = np.arange(ROWS) % 3
    weights = {"0.weight": np.eye(OUTPUTS), "0.bias": np.zeros(OUTPUTS)}
    state = replace(start(program), parameters=weights)
    engine = NativeEngine()
    twice = (np.repeat(prediction, times, axis=0), np.repeat(target, times, axis=0))
    wanted = engine.trace(program, state, *twice, batch_size=99)
    found = engine.trace(
        program, state, prediction, target, batch_size=99, row_weights=times.astype(float)
    )
    assert len(found.rows) == np.count_nonzero(times)
    np.testing.assert_allclose(found.loss, wanted.loss, rtol=1e-12)
    for key, array in wanted.gradients.items():
        np.testing.assert_allclose(found.gradients[key], array, rtol=1e-10, atol=1e-14)


def test_every_loss_is_held_against_an_oracle():
    known = {each.__name__ for each in LOSSES}
    assert known == {name for name, *_ in CASES} | {"QuantileLoss"}
