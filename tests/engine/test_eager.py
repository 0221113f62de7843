"""The eager engine alone: what it refuses and how it behaves as an engine."""

from typing import Any

import numpy as np
import pytest

from pellucid.engine.eager import ROWS_AT_ONCE, EagerEngine
from pellucid.engine.engine import Engine
from pellucid.errors import InputError, ShapeError, TrainingError


def test_it_says_what_it_is() -> None:
    engine: Engine = EagerEngine()
    assert (engine.name, engine.exact, engine.arithmetic) == ("eager", False, "numpy")


def test_the_given_state_and_data_stay_untouched(
    dense_program: Any, examples: Any, start: Any
) -> None:
    program = dense_program((3, 4, 2), ("relu", None))
    inputs, targets = examples(program, 20)
    state = start(program)
    before, data = state.fingerprint(), (inputs.copy(), targets.copy())
    EagerEngine().run(program, state, inputs, targets, steps=5, batch_size=6)
    EagerEngine().trace(program, state, inputs, targets, batch_size=6)
    assert state.fingerprint() == before
    np.testing.assert_array_equal(inputs, data[0])
    np.testing.assert_array_equal(targets, data[1])


def test_a_trace_is_the_step_that_is_run(dense_program: Any, examples: Any, start: Any) -> None:
    program = dense_program((3, 4, 2), ("relu", None))
    inputs, targets = examples(program, 20)
    engine = EagerEngine()
    state = engine.run(program, start(program), inputs, targets, steps=2, batch_size=6)
    losses = np.empty(1)
    after = engine.run(program, state, inputs, targets, steps=1, batch_size=6, losses=losses)
    trace = engine.trace(program, state, inputs, targets, batch_size=6)
    assert trace.after.fingerprint() == after.fingerprint()
    assert trace.before.fingerprint() == state.fingerprint()
    assert trace.loss == losses[0]
    assert trace.row_losses.mean() == pytest.approx(trace.loss)


def test_predicting_in_parts_is_predicting(dense_program: Any, examples: Any, start: Any) -> None:
    program = dense_program((3, 4, 2), ("relu", None))
    inputs, _ = examples(program, ROWS_AT_ONCE + 5)
    parameters = start(program).parameters
    whole = EagerEngine().forward(program, parameters, inputs)[program.loss.prediction]
    np.testing.assert_allclose(EagerEngine().predict(program, parameters, inputs), whole)


def test_numbers_that_run_away_name_the_step(dense_program: Any, examples: Any, start: Any) -> None:
    program = dense_program((3, 4, 2), ("relu", None))
    inputs, targets = examples(program, 20)
    state = start(program)
    state.learning_rate = 1e200
    with pytest.raises(TrainingError, match=r"Step \d+: .*smaller learning rate"):
        EagerEngine().run(program, state, inputs, targets, steps=9, batch_size=6)


def test_data_that_does_not_fit(dense_program: Any, examples: Any, start: Any) -> None:
    program = dense_program((3, 4, 2), ("relu", None))
    inputs, targets = examples(program, 20)
    state, engine = start(program), EagerEngine()
    with pytest.raises(ShapeError, match="`inputs` must have shape"):
        engine.run(program, state, inputs[:, :2], targets, steps=1, batch_size=6)
    with pytest.raises(ShapeError, match="`targets` must have shape"):
        engine.trace(program, state, inputs, targets[:5], batch_size=6)
    with pytest.raises(InputError, match="`batch_size` must be 1 or more"):
        engine.run(program, state, inputs, targets, steps=1, batch_size=0)
