"""Schedules give PyTorch's learning rates, bit for bit, and keep its memory under its names."""

import copy
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import pellucid
from pellucid import nn, optim

Maker = Callable[[Any, Any], Any]


class Fall:
    """A factor with a memory of its own."""

    def __init__(self, power: float) -> None:
        self.power = power

    def __call__(self, epoch: int) -> float:
        return (1 + epoch) ** -self.power


def simple(name: str, *args: Any, **settings: Any) -> tuple[str, Maker]:
    label = ",".join([name, *map(str, args), *(f"{k}={v}" for k, v in settings.items())])
    return label, lambda words, rule: getattr(words, name)(rule, *args, **settings)


def warm_up(words: Any, rule: Any) -> Any:
    rise, fall = words.LinearLR(rule, 0.1, total_iters=5), words.CosineAnnealingLR(rule, 20)
    return words.SequentialLR(rule, [rise, fall], [5])


def three_turns(words: Any, rule: Any) -> Any:
    parts = [words.ConstantLR(rule, 0.1, 3), words.ExponentialLR(rule, 0.9), words.StepLR(rule, 4)]
    return words.SequentialLR(rule, parts, [10, 30])


def with_restarts(words: Any, rule: Any) -> Any:
    parts = [words.CosineAnnealingWarmRestarts(rule, 4), words.MultiStepLR(rule, [3, 9])]
    return words.SequentialLR(
        rule, [*parts, words.CosineAnnealingWarmRestarts(rule, 3, 2)], [9, 21]
    )


def nested(words: Any, rule: Any) -> Any:
    inner = words.SequentialLR(
        rule, [words.LinearLR(rule), words.LambdaLR(rule, lambda t: 0.9**t)], [8]
    )
    with warnings.catch_warnings():  # the inner one steps again when the outer one is made
        warnings.filterwarnings("ignore", "Detected call of")
        return words.SequentialLR(rule, [inner, words.ExponentialLR(rule, 0.8)], [20])


def chained(words: Any, rule: Any) -> Any:
    parts = [words.ConstantLR(rule, 0.1, 4), words.ExponentialLR(rule, 0.9), words.StepLR(rule, 9)]
    return words.ChainedScheduler(parts, rule)


def chained_in_turn(words: Any, rule: Any) -> Any:
    inner = words.SequentialLR(rule, [words.LinearLR(rule), words.ConstantLR(rule, 0.5, 9)], [8])
    return words.ChainedScheduler([inner, words.ExponentialLR(rule, 0.97)])


def cycle_of(words: Any, rule: Any, scale: Any) -> Any:
    return words.CyclicLR(rule, 0.1, 0.5, 4, scale_fn=scale, scale_mode="iterations")


def own_cycle(words: Any, rule: Any) -> Any:
    return cycle_of(words, rule, lambda t: 1 / (1 + t / 10))


def swa(words: Any) -> Any:
    """The schedule for averages, which PyTorch keeps in another place."""
    return words.SWALR if hasattr(words, "SWALR") else torch.optim.swa_utils.SWALR


SCHEDULES: dict[str, Maker] = dict(
    [
        simple("StepLR", 7),
        simple("StepLR", 1, gamma=0.9),
        simple("StepLR", step_size=3, gamma=1.1),
        simple("MultiStepLR", [4, 10, 10, 35]),
        simple("MultiStepLR", (30, 2), gamma=0.5),
        simple("MultiStepLR", [], gamma=0.5),
        simple("ExponentialLR", 0.9),
        simple("ExponentialLR", gamma=1.02),
        simple("CosineAnnealingLR", 10),
        simple("CosineAnnealingLR", 60, eta_min=0.01),
        simple("CosineAnnealingLR", 1),
        simple("CosineAnnealingLR", 7, 0.3),
        simple("CosineAnnealingWarmRestarts", 10),
        simple("CosineAnnealingWarmRestarts", 3, T_mult=2, eta_min=0.001),
        simple("CosineAnnealingWarmRestarts", 1, 3),
        simple("LinearLR"),
        simple("LinearLR", start_factor=0.5, end_factor=0.1, total_iters=40),
        simple("LinearLR", 1.0, 0.0, 20),
        simple("LinearLR", total_iters=1),
        simple("ConstantLR"),
        simple("ConstantLR", factor=0.5, total_iters=20),
        simple("ConstantLR", 1.0, 0),
        ("LambdaLR", lambda words, rule: words.LambdaLR(rule, lambda epoch: 0.95**epoch)),
        ("two LambdaLR", lambda words, rule: words.LambdaLR(rule, [lambda t: t // 10, Fall(0.5)])),
        simple("OneCycleLR", 0.5, total_steps=60),
        simple("OneCycleLR", 0.5, epochs=6, steps_per_epoch=10, anneal_strategy="linear"),
        simple("OneCycleLR", [0.5, 0.1], total_steps=70, three_phase=True, pct_start=0.4),
        simple("OneCycleLR", 1, 61, div_factor=10, final_div_factor=10, cycle_momentum=False),
        simple("OneCycleLR", 1.0, 60, base_momentum=[0.5, 0.6], max_momentum=[0.7, 0.9]),
        simple("OneCycleLR", 1.0, 60, pct_start=0.0, anneal_strategy="linear"),
        simple("OneCycleLR", 1.0, 60, pct_start=1.0),
        ("warm-up", warm_up),
        ("three turns", three_turns),
        ("with restarts", with_restarts),
        ("nested", nested),
        ("chained", chained),
        ("chained in turn", chained_in_turn),
        ("MultiplicativeLR", lambda words, rule: words.MultiplicativeLR(rule, lambda _: 0.95)),
        (
            "two MultiplicativeLR",
            lambda words, rule: words.MultiplicativeLR(rule, [lambda t: 0.9 + t / 100, Fall(0.1)]),
        ),
        simple("PolynomialLR"),
        simple("PolynomialLR", total_iters=40, power=2.0),
        simple("PolynomialLR", 7, 0.5),
        simple("CyclicLR", 0.1, 0.5, step_size_up=7),
        simple("CyclicLR", [0.1, 0.2], [0.5, 1.0], 3, 9, mode="triangular2"),
        simple("CyclicLR", 0.1, 0.5, 10, mode="exp_range", gamma=0.98),
        simple("CyclicLR", 0.1, 0.5, 5, cycle_momentum=False),
        simple("CyclicLR", 0.1, 0.5, 5, base_momentum=[0.5, 0.6], max_momentum=0.95),
        ("CyclicLR of one's own", own_cycle),
        ("CyclicLR with a memory", lambda words, rule: cycle_of(words, rule, Fall(0.5))),
        ("SWALR", lambda words, rule: swa(words)(rule, 0.1)),
        ("SWALR, linear", lambda words, rule: swa(words)(rule, [0.1, 0.3], 7, "linear")),
        ("SWALR, at once", lambda words, rule: swa(words)(rule, 0.1, anneal_epochs=0)),
    ]
)


@pytest.mark.parametrize("label", SCHEDULES)
def test_learning_rates(oracle: Any, schedules: Any, label: str) -> None:
    ours, _, schedule = schedules.course(oracle.pellucid, SCHEDULES[label])
    theirs, _, wanted = schedules.course(oracle.torch, SCHEDULES[label])
    assert ours == theirs
    assert schedules.plain(schedule.state_dict()) == schedules.plain(wanted.state_dict())


def test_one_cycle_turns_the_first_beta(oracle: Any, schedules: Any) -> None:
    for name in ("Adam", "AdamW"):
        _, make = simple("OneCycleLR", 0.1, total_steps=60)
        ours, theirs = (
            schedules.course(lib, make, name=name)[0] for lib in (oracle.pellucid, oracle.torch)
        )
        assert ours == theirs
        assert len({moment[2][0]["betas"] for moment in ours}) > 50


def kept(state: dict[str, Any]) -> dict[str, Any]:
    """What a file could keep: no methods."""
    return {name: each for name, each in state.items() if name != "anneal_func"}


@pytest.mark.parametrize("label", SCHEDULES)
@pytest.mark.parametrize("giver", ["torch", "pellucid"])
def test_a_state_goes_on_in_the_other_library(
    oracle: Any, schedules: Any, label: str, giver: str
) -> None:
    make = SCHEDULES[label]
    wanted, *_ = schedules.course(oracle.torch, make)
    lib = getattr(oracle, giver)
    _, rule, schedule = schedules.course(lib, make, steps=25)
    saved = copy.deepcopy((kept(schedule.state_dict()), rule.state_dict()["param_groups"]))
    for receiver in (oracle.pellucid, oracle.torch):
        other = schedules.rule(receiver)
        later = make(receiver.optim.lr_scheduler, other)
        later.load_state_dict(copy.deepcopy(saved[0]))
        for group, values in zip(other.param_groups, saved[1], strict=True):
            group.update({k: v for k, v in values.items() if k != "params"})
        assert schedules.go_on(other, later, schedules.steps - 25) == wanted[24:]


def test_a_schedule_of_ones_own(schedules: Any) -> None:
    class Half(optim.lr_scheduler.LRScheduler):
        def get_lr(self) -> list[float]:
            return [0.5**self.last_epoch for _ in self.base_lrs]

    rule = schedules.rule(pellucid)
    schedule = Half(rule)
    rule.step()
    schedule.step()
    assert schedule.get_last_lr() == [0.5, 0.5]
    assert rule.param_groups[1]["lr"] == 0.5


@pytest.mark.parametrize("name", ["Adam", "RMSprop"])
def test_between_the_epochs_of_a_trainer(name: str) -> None:
    """Natively or not, a fit counts as steps, and a new learning rate is used."""
    pellucid.manual_seed(0)
    model = nn.Linear(2, 1)
    rule = getattr(optim, name)(model.parameters(), lr=0.1)
    schedule = optim.lr_scheduler.ExponentialLR(rule, 0.5)
    trainer = pellucid.Trainer(model, nn.MSELoss(), rule)
    inputs = np.linspace(-1, 1, 20).reshape(10, 2)
    for _ in range(3):
        trainer.fit(inputs, inputs[:, :1], batch_size=5)
        schedule.step()
    before = model.weight.tolist()
    rule.param_groups[0]["lr"] = 0.0
    trainer.fit(inputs, inputs[:, :1], batch_size=5)
    assert model.weight.tolist() == before
    assert schedule.get_last_lr() == [0.1 * 0.5**3]
