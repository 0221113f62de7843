"""`Trainer.fit` with validation rows: the same words natively and in Python."""

from __future__ import annotations

import signal
import threading
from typing import Any

import numpy as np
import pytest

from pellucid import Trainer, manual_seed, nn, no_grad, optim, tensor
from pellucid.errors import InputError, TrainingError

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(12, 2))
Y = X[:, :1] + RANDOM.normal(size=(12, 1))
OTHERS = (RANDOM.normal(size=(40, 2)), RANDOM.normal(size=(40, 1)))


def build(native: bool) -> Trainer:
    manual_seed(0)
    model: Any = nn.Sequential(nn.Linear(2, 30), nn.Tanh(), nn.Linear(30, 1)).double()
    if not native:
        model = Wrapped(model)
    return Trainer(model, nn.MSELoss(), optim.Adam(model.parameters(), lr=0.03))


class Wrapped(nn.Module):
    """A module that the native engine does not know."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Any) -> Any:
        return self.inner(x) * 1.0  # what the walk with symbols does not take


def judge(trainer: Trainer) -> float:
    with no_grad():
        return trainer.loss_function(trainer.model(tensor(OTHERS[0])), tensor(OTHERS[1])).item()


@pytest.mark.parametrize("native", [True, False])
def test_patience_stops_and_the_best_epoch_comes_back(native):
    trainer = build(native)
    history = trainer.fit(X, Y, 5, 200, validation=OTHERS, patience=4)
    assert history.engine == ("native" if native else "eager")
    assert history.ending == "patience"
    assert history.epochs == len(history.validation_losses) == history.best_epoch + 4 < 200
    assert history.best_epoch == 1 + int(np.argmin(history.validation_losses))
    assert judge(trainer) == pytest.approx(history.validation_losses.min(), rel=1e-12)


@pytest.mark.parametrize("native", [True, False])
def test_the_last_epoch_stays_on_request(native):
    trainer = build(native)
    history = trainer.fit(X, Y, 5, 40, validation=OTHERS, restore_best=False)
    assert history.ending == "epochs"
    assert judge(trainer) == pytest.approx(history.validation_losses[-1], rel=1e-12)
    assert history.validation_losses[-1] > history.validation_losses.min()


def test_both_ways_agree():
    a, b = (build(native) for native in (True, False))
    histories = []
    for each in (a, b):
        manual_seed(5)
        histories.append(each.fit(X, Y, 5, 60, validation=OTHERS, patience=6))
    first, second = histories
    np.testing.assert_allclose(first.validation_losses, second.validation_losses, rtol=1e-9)
    assert (first.best_epoch, first.ending) == (second.best_epoch, second.ending)
    for one, other in zip(a.model.parameters(), b.model.parameters(), strict=True):
        np.testing.assert_allclose(one.array, other.array, rtol=1e-8)


@pytest.mark.parametrize("native", [True, False])
def test_a_stop_flag_ends_between_two_steps(native):
    flag = threading.Event()
    timer = threading.Timer(0.05, flag.set)
    timer.daemon = True
    timer.start()
    history = build(native).fit(X, Y, 5, 1_000_000, stop=flag.is_set)
    assert history.ending == "stopped"
    assert 0 < history.steps < 3_000_000
    assert history.epochs == history.steps // 3


def test_ctrl_c_leaves_the_module_where_it_was_between_two_steps():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    trainer = build(native=True)
    timer = threading.Timer(0.05, signal.raise_signal, [signal.SIGINT])
    timer.daemon = True
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            trainer.fit(X, Y, 12, 3_000_000)
    finally:
        signal.signal(signal.SIGINT, before)
    steps = int(next(iter(trainer.optimizer.state.values()))["step"].item())
    assert steps > 0
    again = build(native=True)
    again.fit(X, Y, 12, steps)
    for one, other in zip(trainer.model.parameters(), again.model.parameters(), strict=True):
        np.testing.assert_array_equal(one.array, other.array)


def test_patience_without_rows_to_judge_by_is_refused():
    with pytest.raises(InputError, match=r"validation=\(inputs, targets\)"):
        build(native=True).fit(X, Y, patience=3)
    with pytest.raises(InputError, match="`patience` must be a whole number from 1"):
        build(native=True).fit(X, Y, patience=0, validation=OTHERS)


@pytest.mark.parametrize("validation", [None, OTHERS])
def test_losses_that_fit_in_no_memory_are_refused(validation):
    with pytest.raises(
        InputError, match=r"losses of \d[\d,]+ (steps|epochs), .* call `fit` in a loop"
    ):
        build(native=True).fit(X, Y, 5, 10**13, validation=validation)


def test_a_stop_flag_is_asked_between_short_trainings_of_long_epochs():
    """Few steps, but much to judge after each: no count of steps may keep the flag waiting."""
    many = np.repeat(OTHERS[0], 40_000, axis=0), np.repeat(OTHERS[1], 40_000, axis=0)
    asked = []
    trainer = build(native=True)
    history = trainer.fit(X, Y, len(X), 40, validation=many, stop=lambda: not asked.append(0))
    assert history.ending == "stopped"
    assert history.epochs < 40
    assert len(asked) == 1


@pytest.mark.parametrize("native", [True, False])
def test_targets_that_are_all_left_out_are_told_as_such(native):
    model: Any = nn.Sequential(nn.Linear(2, 3)).double()
    model = model if native else Wrapped(model)
    loss = nn.CrossEntropyLoss(ignore_index=0)
    trainer = Trainer(model, loss, optim.SGD(model.parameters(), lr=0.1))
    with pytest.raises(TrainingError, match="No row of the batch counts") as caught:
        trainer.fit(X, np.zeros(12, np.int64))
    assert "learning rate" not in str(caught.value)
