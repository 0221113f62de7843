"""Numbers that run away: both engines name the step, the layer, the neuron and the row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pellucid.engine.eager import EagerEngine
from pellucid.engine.native import NativeEngine
from pellucid.errors import TrainingError

ENGINES = [NativeEngine(), EagerEngine()]
pytestmark = [
    pytest.mark.parametrize("engine", ENGINES, ids=lambda each: each.name),
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),  # numpy's own, from the eager engine
]


@pytest.fixture
def training(dense_program, examples, start):
    program = dense_program((3, 4, 2), ("relu", None), dtype="float32")
    inputs, targets = examples(program, 12)
    return {
        "program": program,
        "state": start(program),
        "inputs": inputs,
        "targets": targets,
        "batch_size": 4,
        "shuffle": False,
    }


def failure(engine, training, steps: int = 6) -> str:
    before = training["state"].fingerprint()
    with pytest.raises(TrainingError) as caught:
        engine.run(**training, steps=steps)
    assert training["state"].fingerprint() == before
    return str(caught.value)


def test_an_input_by_row_and_column(engine, training):
    training["inputs"][9, 2] = np.inf
    said = failure(engine, training)
    assert said.startswith("Step 3: the inputs gave inf for row 9, column 2 (both counted from 0).")
    assert "Remove or fill the cells" in said


def test_an_input_in_the_first_batch_of_a_shuffled_epoch(engine, training):
    training.update(shuffle=True, batch_size=1)
    row = engine.trace(**training).rows[0]
    training["inputs"][row, 1] = np.nan
    assert f"Step 1: the inputs gave nan for row {row}, column 1" in failure(engine, training)


def test_a_layer_by_row_and_neuron(engine, training):
    training["state"].parameters["0.weight"][3, 1] = np.nan
    assert "Step 1: layer '0' gave nan for row 0, neuron 3 (both" in failure(engine, training)


def test_an_overflow_inside_the_network(engine, training):
    training["inputs"][6] = (0, 3e38, 0)
    training["state"].parameters["0.weight"][2] = (0, 10, 0)
    assert "Step 2: layer '0' gave inf for row 6, neuron 2" in failure(engine, training)


def test_a_loss_by_row(engine, training):
    training["targets"][5, 1] = 1e30
    assert "Step 2: the loss became inf because of row 5 (counted" in failure(engine, training)


def test_an_update_by_the_parameters_place(engine, training):
    """A learning rate beyond all numbers: the loss is finite, the next parameter is not."""
    training["state"].learning_rate = 1e300
    said = failure(engine, training, steps=1)
    assert said.startswith("Step 1: the update made 0.weight[")
    assert "use a smaller learning rate than 1e+300" in said


@pytest.mark.parametrize("rate", [1e10, 1e25])
def test_the_same_words_as_after_single_steps(engine, training, rate):
    """Wherever it breaks: a long call says what the call of the one step would have said."""
    training["state"].learning_rate = rate
    said = failure(engine, training, steps=300)
    state, told = training["state"], ""
    while not told:
        try:
            state = engine.run(**training | {"state": state}, steps=1)
        except TrainingError as error:
            told = str(error)
    assert told == said


@pytest.mark.parametrize("weighted", [False, True])
def test_a_mean_over_no_rows_is_no_matter_of_the_learning_rate(
    engine, weighted, dense_program, examples, start
):
    program = dense_program((3, 4, 2), ("relu", None), "cross_entropy")
    inputs, _ = examples(program, 12)
    weights = {"weights": (0.0, 1.0)} if weighted else {"settings": (("ignore_index", 0),)}
    program = replace(program, loss=replace(program.loss, **weights))
    targets = np.array([1, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0])
    data = {"inputs": inputs, "targets": targets, "batch_size": 4, "shuffle": False}
    told = failure(engine, {"program": program, "state": start(program), **data})
    assert told.startswith("Step 2: the loss became nan. No row of the batch counts")
    assert "learning rate" not in told
