"""Schedules that go on after an epoch, jump, start again, or follow a loss: as in PyTorch."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

STEPS = 60
Maker = Callable[[Any, Any], Any]


def simple(name: str, *args: Any, **settings: Any) -> tuple[str, Maker]:
    label = ",".join([name, *map(str, args), *(f"{k}={v}" for k, v in settings.items())])
    return label, lambda words, rule: getattr(words, name)(rule, *args, **settings)


RESUMED = [
    simple("StepLR", 7),
    simple("MultiStepLR", [4, 10]),
    simple("ExponentialLR", 0.9),
    simple("CosineAnnealingLR", 10),
    simple("CosineAnnealingWarmRestarts", 6, 2),
    simple("LinearLR", total_iters=20),
    simple("ConstantLR", total_iters=20),
    ("LambdaLR", lambda words, rule: words.LambdaLR(rule, lambda epoch: 0.95**epoch)),
    simple("OneCycleLR", 0.5, total_steps=STEPS),
    simple("PolynomialLR", 20, 2.0),
    simple("CyclicLR", 0.1, 0.5, 5),
    ("MultiplicativeLR", lambda words, rule: words.MultiplicativeLR(rule, lambda _: 0.95)),
]


@pytest.mark.parametrize(("label", "make"), RESUMED)
def test_going_on_after_an_epoch(oracle: Any, schedules: Any, label: str, make: Maker) -> None:
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        rule = schedules.rule(lib)
        for group in rule.param_groups:
            more = {"initial_lr": 0.7, "max_lr": 0.9, "min_lr": 1e-4}
            group.update(more | {"max_momentum": 0.9, "base_momentum": 0.8})
        settings = {"last_epoch": 8}
        schedule = make(_Resuming(lib.optim.lr_scheduler, settings), rule)
        results.append(schedules.go_on(rule, schedule, 20))
    assert results[0] == results[1]


class _Resuming:
    """The schedules of a library, made to go on after an epoch."""

    def __init__(self, words: Any, settings: Any) -> None:
        self.words, self.settings = words, settings

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **more: getattr(self.words, name)(*args, **more, **self.settings)


PLATEAUS: list[dict[str, Any]] = [
    {},
    {"patience": 2, "factor": 0.5},
    {"patience": 0, "cooldown": 3},
    {"patience": 1, "threshold": 0.1, "threshold_mode": "abs", "factor": 0.7},
    {"mode": "max", "patience": 3, "factor": 0.5},
    {"mode": "max", "patience": 3, "threshold": 0.05, "threshold_mode": "abs"},
    {"patience": 1, "min_lr": 0.01, "factor": 0.5},
    {"patience": 1, "min_lr": [0.1, 0.001], "factor": 0.5, "eps": 0.01},
]
FIGURES = 2 + np.cos(np.arange(STEPS) / 4) * np.exp(-np.arange(STEPS) / 20)
FIGURES[40] = np.nan


@pytest.mark.parametrize("settings", PLATEAUS)
def test_plateaus(oracle: Any, schedules: Any, settings: Any) -> None:
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        rule = schedules.rule(lib)
        schedule = lib.optim.lr_scheduler.ReduceLROnPlateau(rule, **settings)
        shown = [schedules.moment(rule, schedule)]
        for step, figure in enumerate(FIGURES):
            if step == 30:  # a fresh schedule goes on from the old one's state
                state = schedule.state_dict()
                schedule = lib.optim.lr_scheduler.ReduceLROnPlateau(rule)
                schedule.load_state_dict(state)
            schedule.step(lib.tensor(figure) if step % 2 else figure)
            shown.append((*schedules.moment(rule, schedule), schedule.best, schedule.in_cooldown))
        results.append((shown, schedule.state_dict()))
    np.testing.assert_equal(results[0], results[1])
    if settings:
        assert results[0][0][-1][0] != results[0][0][0][0]


def test_a_group_that_comes_later_has_the_same_lowest_rate(oracle: Any, schedules: Any) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        rule = schedules.rule(lib)
        schedule = lib.optim.lr_scheduler.ReduceLROnPlateau(rule, patience=0, min_lr=0.2)
        rule.add_param_group({"params": lib.tensor([1.0], requires_grad=True), "lr": 1.0})
        schedule.step(1.0)
        schedule.step(1.0)
        assert schedule.get_last_lr() == [0.2, 0.05, 0.2]


@pytest.mark.parametrize("epoch", [0, 2.25, 3, 9.5, 40])
@pytest.mark.parametrize("settings", [(4,), (3, 2), (5, 1, 0.01)])
def test_restarts_between_epochs(oracle: Any, schedules: Any, settings: Any, epoch: float) -> None:
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        rule = schedules.rule(lib)
        schedule = lib.optim.lr_scheduler.CosineAnnealingWarmRestarts(rule, *settings)
        schedule.step(epoch)
        shown = [schedules.moment(rule, schedule)]
        schedule.step()
        results.append([*shown, schedules.moment(rule, schedule)])
    assert results[0] == results[1]


@pytest.mark.parametrize("label", [label for label, _ in RESUMED])
def test_jumps(oracle: Any, schedules: Any, label: str) -> None:
    make = dict(RESUMED)[label]
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        rule = schedules.rule(lib)
        schedule = make(lib.optim.lr_scheduler, rule)
        rule.step()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            schedule.step(13)
        said = [str(each.message)[:60] for each in caught]
        results.append((schedules.moment(rule, schedule), said))
    assert results[0] == results[1]
