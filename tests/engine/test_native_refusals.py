"""What the native engine refuses, in which words, and how it tells of numbers that run away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pellucid import _native
from pellucid.engine.native import NativeEngine
from pellucid.engine.program import Optimizer
from pellucid.engine.state import initial_state
from pellucid.errors import InputError, ShapeError, TrainingError

ENGINE = NativeEngine()


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
    program = replace(program, optimizer=Optimizer("lion"))
    with pytest.raises(InputError, match="lion"):
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
        ({"nodes": [("add", [0, 1], 1, [], {}, [])]}, "written once, then read"),
        ({"nodes": [("add", [0], 1, [], {}, [])]}, "two for an addition"),
        ({"nodes": [("cat", [], 1, [], {}, [])]}, "two for an addition"),
        ({"nodes": [("cat", [0, 1], 1, [], {}, [])]}, "written once, then read"),
        ({"nodes": [("cat", [0, 7], 1, [], {}, [])]}, "written once, then read"),
        ({"nodes": [("cat", [0, 0], 1, [], {}, [])]}, "keep the width"),
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
        ({"loss": ("quantile", True, 0.0, False, -100, [], [])}, "a weight of the loss for each"),
        ({"loss": ("mse", True, 0.0, False, -100, [], [1.0, 1.0])}, "loss of yes and no"),
        ({"loss": ("bce", True, 0.0, False, -100, [], [1.0])}, "a weight of each output's loss"),
        ({"optimizer": ("sgd", [], [], 0.0, 0.0)}, "a group of parameters"),
        ({"optimizer": ("sgd", [{}, {}], [], 0.0, 0.0)}, "parameters in the groups"),
        ({"optimizer": ("sgd", [{}, {}], [(0, 7, 1)], 0.0, 0.0)}, "segments of the parameters"),
        ({"optimizer": ("sgd", [{}], [(0, 6, 1)], 0.0, 0.0)}, "segments of the parameters"),
        ({"loss": ("nll", True, 0.0, False, -100, [1.0], [])}, "a weight of the loss for each"),
    ],
)
def test_the_compiled_module_keeps_its_indices_inside(change, words):
    arguments = {
        "widths": [2, 2],
        "nodes": [node("linear", 0, [0, 4])],
        "prediction": 1,
        "loss": ("mse", True, 0.0, False, -100, [], []),
        "optimizer": ("sgd", [{}], [], 0.0, 0.0),
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
    with pytest.raises(ShapeError, match=r"shape \(625,\), or \(627,\).*Got \(10,\)"):
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
    with pytest.raises(
        TrainingError,
        match=r"Step \d+: the inputs gave nan for row 7, column \d \(both .*\)\. Remove",
    ):
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
