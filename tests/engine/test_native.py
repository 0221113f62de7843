"""The native engine against a small reference in numpy, written from the formulas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pellucid import _native
from pellucid.engine.native import NativeEngine
from pellucid.engine.program import Optimizer
from pellucid.engine.state import initial_state
from pellucid.errors import InputError, ShapeError, TrainingError
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


# What is refused, in which words.


@pytest.fixture
def small(dense_program, examples, start):
    program = dense_program((3, 4, 2), ("relu", None))
    return program, start(program), *examples(program, 12)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda x, y: (x[:, :2], y), ShapeError, r"\(rows, inputs\) = \(any, 3\). Got \(12, 2\)"),
        (lambda x, y: (x, y[:, :1]), ShapeError, r"\(rows, outputs\) = \(12, 2\). Got \(12, 1\)"),
        (lambda x, y: (x.astype("float32"), y), InputError, "`inputs` must be of dtype float64"),
        (lambda x, y: (x, y.astype("float32")), InputError, "`targets` must be of dtype float64"),
        (lambda x, y: (x[:0], y[:0]), InputError, "at least one row"),
    ],
)
def test_data_that_does_not_fit(small, change, error, words):
    program, state, inputs, targets = small
    inputs, targets = change(inputs, targets)
    with pytest.raises(error, match=words):
        ENGINE.run(program, state, inputs, targets, steps=1, batch_size=4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"steps": 1, "batch_size": 0}, "`batch_size` must be 1 or more. Got 0"),
        ({"steps": -1, "batch_size": 1}, "`steps` must be 0 or more. Got -1"),
        ({"steps": 1, "batch_size": 1, "rows": np.array([12])}, "between 0 and 11"),
        ({"steps": 1, "batch_size": 1, "threads": 0}, "`threads` must be 1 or more"),
        ({"steps": 2, "batch_size": 1, "losses": np.empty(1)}, r"float64 of shape \(2,\)"),
    ],
)
def test_arguments_that_do_not_fit(small, arguments, words):
    program, state, inputs, targets = small
    with pytest.raises(InputError, match=words):
        ENGINE.run(program, state, inputs, targets, **arguments)


def test_a_state_from_larger_epochs(small):
    program, state, inputs, targets = small
    state = ENGINE.run(program, state, inputs, targets, steps=5, batch_size=2)
    with pytest.raises(
        InputError, match=r"batch_size=4 an epoch has 3 batches\. The state has done 5"
    ):
        ENGINE.run(program, state, inputs, targets, steps=1, batch_size=4)
    with pytest.raises(InputError, match="an epoch has 3 batches"):
        ENGINE.trace(program, state, inputs, targets, batch_size=4)


def test_unknown_classes(dense_program, examples, start):
    program = dense_program((3, 2), (None,), "cross_entropy")
    inputs, targets = examples(program, 5)
    with pytest.raises(InputError, match=r"from 0 to 1, as there are 2 outputs\. Got 7"):
        ENGINE.run(program, start(program), inputs, targets * 0 + 7, steps=1, batch_size=5)


def test_unknown_kernels_arithmetic_and_settings(dense_program, examples, start):
    with pytest.raises(InputError, match="plain"):
        NativeEngine(kernels="plane")
    with pytest.raises(InputError, match="arithmetic='exact'"):
        NativeEngine("exact")
    program = dense_program((3, 2), (None,), optimizer=Optimizer("sgd", (("momentun", 0.9),)))
    inputs, targets = examples(program, 5)
    with pytest.raises(InputError, match="Did you mean 'momentum'"):
        ENGINE.run(program, start(program), inputs, targets, steps=1, batch_size=5)
    program = replace(program, optimizer=Optimizer("rmsprop"))
    with pytest.raises(InputError, match="rmsprop"):
        ENGINE.predict(program, start(program).parameters, inputs)


def test_programs_that_mean_nothing(dense_program, examples, start):
    program = dense_program((3, 3, 3), ("relu", None))
    inputs, targets = examples(program, 5)
    first, second, third = program.operations
    joins = replace(program, operations=(first, replace(second, inputs=("inputs", "0")), third))
    unreduced = replace(program, loss=replace(program.loss, reduction="none"))
    for refused, words in [
        (joins, "one input for '1' .relu., or two"),
        (unreduced, "'mean' or 'sum' instead of 'none'"),
    ]:
        with pytest.raises(InputError, match=f"cannot execute this program; it needs .*{words}"):
            ENGINE.run(refused, start(refused), inputs, targets, steps=1, batch_size=2)


def test_forwards_a_buffer_may_have_several_readers(dense_program, examples, start):
    program = dense_program((3, 3, 3), ("relu", None))
    inputs, _ = examples(program, 5)
    first, second, third = program.operations
    forks = replace(program, operations=(first, second, replace(third, inputs=("0",))))
    values = ENGINE.forward(forks, start(forks).parameters, inputs)
    plain = replace(program, operations=(first, replace(third, inputs=("0",))))
    np.testing.assert_array_equal(
        values[third.output], ENGINE.predict(plain, start(forks).parameters, inputs)
    )


def test_programs_whose_parts_do_not_fit(dense_program, examples, start):
    program = dense_program((3, 4, 2), ("relu", None))
    inputs, targets = examples(program, 5)
    first, relu, last = program.operations
    state = start(program)
    for operations, words in [
        ((replace(first, width=5), relu, last), r"shapes \(5, 3\) and \(5,\) for '0'.* \(4, 3\)"),
        ((first, replace(relu, parameters=("0.bias",)), last), "shapes none for '1'"),
        ((first, relu, replace(last, parameters=())), "instead of none"),
        ((first, relu, replace(last, parameters=("9.weight",))), "a parameter '9.weight'"),
        ((first, replace(relu, width=5), last), "shapes"),
        ((first, replace(relu, width=-1), last), "1 to 2,147,483,647 units in '1' instead of -1"),
        ((first, replace(relu, inputs=("x",)), last), "an operation that writes 'x'"),
        ((first, replace(relu, inputs=()), last), "one input for '1'"),
    ]:
        refused = replace(program, operations=operations)
        with pytest.raises(InputError, match=f"cannot execute this program; it needs .*{words}"):
            ENGINE.predict(refused, state.parameters, inputs)
    for prediction, words in [("inputs", "judges what an operation writes"), ("9", "writes '9'")]:
        refused = replace(program, loss=replace(program.loss, prediction=prediction))
        with pytest.raises(InputError, match=words):
            ENGINE.evaluate(refused, state.parameters, inputs, targets)


def test_a_parameter_used_twice_is_not_trained(dense_program, examples, start):
    program = dense_program((3, 3, 3), (None, None))
    inputs, targets = examples(program, 5)
    first, second = program.operations
    tied = replace(program, operations=(first, replace(second, parameters=first.parameters)))
    ENGINE.predict(tied, start(tied).parameters, inputs)
    with pytest.raises(InputError, match="parameters used once to train"):
        ENGINE.run(tied, start(tied), inputs, targets, steps=1, batch_size=5)


def node(kind, reads, parameters, settings=None, statistics=()):
    """The words of a node that writes buffer 1."""
    return kind, [reads], 1, parameters, settings or {}, list(statistics)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"widths": [2**31, 2**33], "parameters": 8}, "units"),
        ({"widths": [2**16, 2**16 + 1], "parameters": 2**16}, "weights among"),
        ({"nodes": [node("linear", 0, [2**62])]}, "weights among"),
        ({"nodes": [node("linear", 0, [])]}, "weights among"),
        ({"nodes": [node("linear", 0, [0, 5])]}, "biases among"),
        ({"nodes": [("linear", [0], 2, [0], {}, [])]}, "known buffers"),
        ({"nodes": [node("linear", 1, [0])]}, "written once, then read"),
        ({"nodes": [("add", [0, 1], 1, [], {}, [])]}, "written, then read"),
        ({"nodes": [("add", [0], 1, [], {}, [])]}, "two for an addition"),
        ({"nodes": []}, "an operation for every buffer"),
        ({"nodes": [node("relu", 0, [0])]}, "parameters where"),
        ({"nodes": [node("relu", 0, [], {"p": 1.0, "q": 0.5})]}, "setting instead of 'q'"),
        ({"nodes": [node("fold", 0, [])]}, "kind instead of 'fold'"),
        ({"nodes": [node("layer_norm", 0, [5])]}, "weights among"),
        ({"nodes": [node("batch_norm", 0, [0], {}, [0, 0])]}, "means and variances among"),
        (
            {"nodes": [node("batch_norm", 0, [0], {}, [0, 1])], "statistics": 4, "counters": 1},
            "a counter",
        ),
        ({"nodes": [node("relu", 0, [], {}, [0, 0])], "statistics": 4}, "of batch normalization"),
        ({"prediction": 0}, "judges what an operation writes"),
        ({"prediction": 2}, "judges a buffer"),
        ({"loss": ("quantile", True, 0.0, False, -100, [])}, "a weight of the loss for each"),
        ({"loss": ("nll", True, 0.0, False, -100, [1.0])}, "a weight of the loss for each"),
    ],
)
def test_the_compiled_module_keeps_its_indices_inside(change, words):
    arguments = {
        "widths": [2, 2],
        "nodes": [node("linear", 0, [0, 4])],
        "prediction": 1,
        "loss": ("mse", True, 0.0, False, -100, []),
        "rule": "sgd",
        "settings": {},
        "parameters": 6,
        "statistics": 0,
        "counters": 0,
    }
    assert isinstance(_native.Program(**arguments), _native.Program)
    with pytest.raises(ValueError, match=words):
        _native.Program(**arguments | change)


def test_the_compiled_module_looks_at_rows_and_classes_itself(
    dense_program, examples, start, monkeypatch
):
    monkeypatch.setattr("pellucid.engine.work.check_rows", lambda rows, _: rows)
    for module in ("work", "native"):
        monkeypatch.setattr(
            f"pellucid.engine.{module}.check_targets", lambda _, targets, __: targets
        )
    program = dense_program((3, 2), (None,), "cross_entropy")
    state = start(program)
    inputs, targets = examples(program, 5)
    run = {"steps": 1, "batch_size": 5}
    for rows in ([5], [-1]):
        with pytest.raises(ValueError, match="rows among the examples"):
            ENGINE.run(program, state, inputs, targets, rows=np.array(rows), **run)
    for wrong in (2, -1):
        with pytest.raises(ValueError, match="classes with an output"):
            ENGINE.run(program, state, inputs, np.full(5, wrong), **run)
        with pytest.raises(ValueError, match="classes with an output"):
            ENGINE.evaluate(program, state.parameters, inputs, np.full(5, wrong))


def test_more_memory_than_there_is(dense_program):
    program = dense_program((1, 2**22), (None,), bias=False, dtype="float32")
    parameters = {"0.weight": np.zeros((2**22, 1), "float32")}
    with pytest.raises(InputError, match=r"not enough memory for 33,554,432 rows at once.*4,194,3"):
        ENGINE.predict(program, parameters, np.zeros((2**25, 1), "float32"))


def test_a_batch_larger_than_any_table_is_the_whole_table(small):
    program, state, inputs, targets = small
    wanted = ENGINE.run(program, state, inputs, targets, steps=3, batch_size=12).fingerprint()
    for batch_size in (10**9, 2**64 - 1, 2**64):
        run = {"steps": 3, "batch_size": batch_size}
        assert ENGINE.run(program, state, inputs, targets, **run).fingerprint() == wanted


def test_a_generator_of_another_size(small):
    program, state, inputs, targets = small
    state.generator = state.generator[:10]
    with pytest.raises(ShapeError, match=r"shape \(625,\). Got \(10,\)"):
        ENGINE.run(program, state, inputs, targets, steps=1, batch_size=4)


def test_a_missing_parameter(small):
    program, state, inputs, _ = small
    parameters = {name: each for name, each in state.parameters.items() if name != "0.bias"}
    with pytest.raises(InputError, match=r"'0\.bias'"):
        ENGINE.predict(program, parameters, inputs)
    with pytest.raises(ShapeError, match=r"\(4, 3\)"):
        initial_state(program, {"0.weight": np.zeros((3, 4))}, 0.1, state.generator)


# Numbers that run away.


def test_a_cell_that_is_no_number(small):
    program, state, inputs, targets = small
    inputs[7, 1] = np.nan
    with pytest.raises(TrainingError, match=r"Step \d+: the inputs gave nan for row 7. Remove"):
        ENGINE.run(program, state, inputs, targets, steps=12, batch_size=1)


def test_too_large_a_learning_rate_names_the_step_and_the_cure(small):
    program, state, inputs, targets = small
    state.learning_rate = 1e30
    with pytest.raises(
        TrainingError, match=r"Step \d+: .*(layer|loss|update).*smaller learning"
    ) as e:
        ENGINE.run(program, state, inputs, targets, steps=100, batch_size=6)
    assert "1e+30" in str(e.value)


def test_an_infinite_loss_is_found_at_its_first_step(small):
    program, state, inputs, targets = small
    targets[:] = 1e200
    with pytest.raises(TrainingError, match="Step 1: the loss became inf"):
        ENGINE.run(program, state, inputs, targets, steps=5, batch_size=6)


def test_parameters_are_checked_at_the_end_of_a_call(small):
    program, state, inputs, targets = small
    state.learning_rate = 1e308
    inputs[:] *= 1e3
    with pytest.raises(TrainingError, match="Step 1: the update made"):
        ENGINE.run(program, state, inputs, targets * 1e3, steps=1, batch_size=12)
    with pytest.raises(TrainingError, match="scale the inputs"):
        ENGINE.run(program, state, inputs, targets * 1e3, steps=1, batch_size=12)
