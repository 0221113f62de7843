"""The native engine against a small reference in numpy, written from the formulas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pellucid.engine.eager import EagerEngine
from pellucid.engine.native import NativeEngine
from pellucid.engine.program import Optimizer
from pellucid.engine.state import State
from pellucid.random import Generator

ENGINE = NativeEngine()
LOSSES = ["mse", "bce", "bce_with_logits", "cross_entropy"]
WIDTHS = [(3, 4, 2), (20, 17, 23, 3), (5, 1), (33, 40, 1), (300, 2)]


# The reference: forward and backward by hand, in float64.


def reference_value(kind, x, weight=None, bias=None):
    if kind == "linear":
        return x @ weight.T + (0 if bias is None else bias)
    if kind == "relu":
        return np.maximum(x, 0)
    if kind == "sigmoid":
        return 1 / (1 + np.exp(-x))
    if kind == "tanh":
        return np.tanh(x)
    if kind == "softmax":
        e = np.exp(x - x.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)
    return x


def reference_row_losses(loss, prediction, target):
    if loss.kind == "cross_entropy":
        probabilities = reference_value("softmax", prediction)
        return -np.log(probabilities[np.arange(len(target)), target])
    if loss.kind == "mse":
        each = (prediction - target) ** 2
    else:
        p = prediction if loss.kind == "bce" else reference_value("sigmoid", prediction)
        each = -(target * np.log(p) + (1 - target) * np.log(1 - p))
    return each.mean(axis=1) if loss.reduction == "mean" else each.sum(axis=1)


def reference_slope(loss, prediction, target):
    outputs = prediction.shape[1]
    count = len(target) if loss.reduction == "mean" else 1
    if loss.kind == "cross_entropy":
        return (reference_value("softmax", prediction) - np.eye(outputs)[target]) / count
    if loss.reduction == "mean":
        count *= outputs
    if loss.kind == "mse":
        return 2 * (prediction - target) / count
    if loss.kind == "bce":
        return (prediction - target) / (prediction * (1 - prediction)) / count
    return (reference_value("sigmoid", prediction) - target) / count


def reference_delta(kind, a, delta, weight=None):
    if kind == "linear":
        return delta @ weight
    if kind == "relu":
        return delta * (a > 0)
    if kind == "sigmoid":
        return delta * a * (1 - a)
    if kind == "tanh":
        return delta * (1 - a**2)
    if kind == "softmax":
        return a * (delta - (a * delta).sum(axis=1, keepdims=True))
    return delta


def reference_step(program, parameters, inputs, target):
    """Values, deltas, gradients and row losses of one batch."""
    values = {"inputs": inputs}
    for each in program.operations:
        weights = [parameters[name] for name in each.parameters]
        values[each.output] = reference_value(each.kind, values[each.inputs[0]], *weights)
    prediction = values[program.loss.prediction]
    deltas = {program.loss.prediction: reference_slope(program.loss, prediction, target)}
    gradients = {}
    for each in reversed(program.operations):
        delta = deltas[each.output]
        weights = [parameters[name] for name in each.parameters[:1]]
        for name in each.parameters:
            is_bias = name.endswith("bias")
            gradients[name] = delta.sum(axis=0) if is_bias else delta.T @ values[each.inputs[0]]
        deltas[each.inputs[0]] = reference_delta(each.kind, values[each.output], delta, *weights)
    del deltas["inputs"]
    return values, deltas, gradients, reference_row_losses(program.loss, prediction, target)


def activations_for(loss, widths, hidden):
    last = {"bce": "sigmoid"}.get(loss)
    return (hidden,) * (len(widths) - 2) + (last,)


def close(found, wanted, tolerance=1e-11):
    assert set(found) == set(wanted)
    for name, array in wanted.items():
        np.testing.assert_allclose(found[name], array, rtol=tolerance, atol=tolerance, err_msg=name)


@pytest.fixture
def build(dense_program, examples, start):
    """A program, a state and examples for it."""

    def build(*arguments, count, **options):
        program = dense_program(*arguments, **options)
        return program, start(program), *examples(program, count)

    return build


@pytest.mark.parametrize("arithmetic", ["plain", None])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("widths", WIDTHS, ids=str)
def test_a_trace_holds_what_the_formulas_say(widths, loss, reduction, arithmetic, build):
    activations = activations_for(loss, widths, "tanh")
    program, state, inputs, targets = build(
        widths, activations, loss, reduction=reduction, count=50
    )
    trace = NativeEngine(arithmetic).trace(program, state, inputs, targets, batch_size=37)
    values, deltas, gradients, row_losses = reference_step(
        program, state.parameters, inputs[trace.rows], targets[trace.rows]
    )
    close(trace.values, values)
    close(trace.deltas, deltas)
    close(trace.gradients, gradients)
    np.testing.assert_allclose(trace.row_losses, row_losses, rtol=1e-11)
    total = row_losses.mean() if reduction == "mean" else row_losses.sum()
    np.testing.assert_allclose(trace.loss, total, rtol=1e-12)
    close(trace.updates(), {name: -0.01 * each for name, each in gradients.items()})


@pytest.mark.parametrize("hidden", ["relu", "sigmoid", "tanh", "identity", "softmax"])
@pytest.mark.parametrize("leading", [None, "relu", "tanh", "softmax"])
@pytest.mark.parametrize("bias", [True, False])
def test_every_activation_anywhere(hidden, leading, bias, build):
    program, state, inputs, targets = build(
        (6, 7, 18, 2), (hidden, hidden, None), bias=bias, leading=leading, count=20
    )
    trace = ENGINE.trace(program, state, inputs, targets, batch_size=20, shuffle=False)
    values, deltas, gradients, _ = reference_step(program, state.parameters, inputs, targets)
    close(trace.values, values)
    close(trace.deltas, deltas)
    close(trace.gradients, gradients)
    after = ENGINE.run(program, state, inputs, targets, steps=1, batch_size=20, shuffle=False)
    assert after.fingerprint() == trace.after.fingerprint()


def test_batches_of_several_blocks(dense_program, examples, start):
    program = dense_program((4, 70, 1), ("relu", None))
    inputs, targets = examples(program, 2500)
    state = start(program)
    trace = ENGINE.trace(program, state, inputs, targets, batch_size=2500)
    _, _, gradients, row_losses = reference_step(
        program, state.parameters, inputs[trace.rows], targets[trace.rows]
    )
    close(trace.gradients, gradients)
    np.testing.assert_allclose(trace.loss, row_losses.mean(), rtol=1e-12)


def test_float32_agrees_to_rounding(dense_program, examples, start):
    wide = dense_program((30, 40, 3), ("relu", None), "cross_entropy")
    narrow = replace(wide, dtype="float32")
    inputs, targets = examples(narrow, 64)
    trace = ENGINE.trace(narrow, start(narrow), inputs, targets, batch_size=64)
    _, _, gradients, _ = reference_step(
        wide,
        {name: each.astype(float) for name, each in trace.before.parameters.items()},
        inputs[trace.rows].astype(float),
        targets[trace.rows],
    )
    assert trace.gradients["0.weight"].dtype == np.float32
    close(trace.gradients, gradients, tolerance=2e-6)


# Epochs, losses and rows.


@pytest.mark.parametrize("engine", [ENGINE, EagerEngine()], ids=["native", "eager"])
def test_a_normal_number_that_waits_is_part_of_the_state(engine, dense_program, examples, start):
    program = dense_program((2, 1), (None,))
    source = Generator(5)
    source.normal()
    state = replace(start(program), generator=source.get_state())
    state = State.from_arrays(state.copy().to_arrays())
    after = engine.run(program, state, *examples(program, 10), steps=3, batch_size=5, shuffle=False)
    source.random_int64()
    source.random_int64()
    np.testing.assert_array_equal(after.generator, source.get_state())
    assert Generator(0).set_state(after.generator).normal() == source.normal()


def test_batches_come_in_the_order_of_the_generator(dense_program, examples, start):
    program = dense_program((2, 1), (None,))
    inputs, targets = examples(program, 10)
    state = start(program, seed=5)
    source = Generator(5)
    for _ in range(2):
        source.random_int64()
        seed = source.random_int64() & 0xFFFFFFFF
        order = Generator(seed).permutation(10)
        for first in (0, 4, 8):
            trace = ENGINE.trace(program, state, inputs, targets, batch_size=4)
            np.testing.assert_array_equal(trace.rows, order[first : first + 4])
            state = ENGINE.run(program, state, inputs, targets, steps=1, batch_size=4)
            if first < 8:
                assert (state.position, state.order_seed) == (first // 4 + 1, seed)
    assert (state.step, state.epoch, state.position, state.epoch_loss) == (6, 2, 0, 0.0)
    np.testing.assert_array_equal(state.generator, source.get_state())


def test_without_shuffling_an_epoch_draws_only_the_base_seed(dense_program, examples, start):
    program = dense_program((2, 1), (None,))
    inputs, targets = examples(program, 10)
    source = Generator(0)
    state = ENGINE.run(
        program, start(program), inputs, targets, steps=6, batch_size=4, shuffle=False
    )
    source.random_int64()
    source.random_int64()
    np.testing.assert_array_equal(state.generator, source.get_state())


def test_losses_and_their_sum_over_the_epoch(dense_program, examples, start):
    program = dense_program((3, 4, 1), ("relu", None))
    inputs, targets = examples(program, 25)
    losses = np.full(5, np.nan)
    state = ENGINE.run(
        program, start(program), inputs, targets, steps=5, batch_size=10, losses=losses
    )
    trace = ENGINE.trace(program, start(program), inputs, targets, batch_size=10)
    assert losses[0] == trace.loss
    np.testing.assert_allclose(state.epoch_loss, 10 * losses[3] + 10 * losses[4], rtol=1e-15)


def test_chosen_rows_are_the_same_as_a_smaller_table(dense_program, examples, start):
    program = dense_program((3, 4, 1), ("relu", None))
    inputs, targets = examples(program, 30)
    rows = np.array([29, 3, 4, 17, 0, 8, 11], dtype=np.int64)
    chosen = ENGINE.run(program, start(program), inputs, targets, steps=9, batch_size=3, rows=rows)
    smaller = ENGINE.run(
        program, start(program), inputs[rows], targets[rows], steps=9, batch_size=3
    )
    assert chosen.fingerprint() == smaller.fingerprint()
    trace = ENGINE.trace(program, start(program), inputs, targets, batch_size=3, rows=rows)
    assert set(trace.rows) <= set(rows)


def test_the_given_state_and_data_stay_untouched(dense_program, examples, start):
    program = dense_program((3, 4, 1), ("relu", None), optimizer=Optimizer("adam"))
    inputs, targets = examples(program, 30)
    inputs.flags.writeable = targets.flags.writeable = False
    state = start(program)
    before = state.fingerprint()
    after = ENGINE.run(program, state, inputs, targets, steps=4, batch_size=8)
    assert state.fingerprint() == before != after.fingerprint()
    assert (
        ENGINE.run(program, state, inputs, targets, steps=0, batch_size=8).fingerprint() == before
    )


# Without learning.


def test_forward_predict_and_evaluate(dense_program, examples, start):
    program = dense_program((6, 9, 3), ("tanh", None), "cross_entropy")
    inputs, targets = examples(program, 2100)
    parameters = start(program).parameters
    values, _, _, row_losses = reference_step(program, parameters, inputs, targets)
    found = ENGINE.forward(program, parameters, inputs)
    close(found, values)
    assert ENGINE.predict(program, parameters, inputs).tobytes() == found["2"].tobytes()
    loss, found_losses = ENGINE.evaluate(program, parameters, inputs, targets)
    np.testing.assert_allclose(found_losses, row_losses, rtol=1e-11)
    np.testing.assert_allclose(loss, row_losses.mean(), rtol=1e-12)


def test_evaluate_by_sum(dense_program, examples, start):
    program = dense_program((6, 3), (None,), "mse", reduction="sum")
    inputs, targets = examples(program, 40)
    loss, row_losses = ENGINE.evaluate(program, start(program).parameters, inputs, targets)
    np.testing.assert_allclose(loss, row_losses.sum(), rtol=1e-13)
