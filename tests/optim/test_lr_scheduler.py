"""Schedules give PyTorch's learning rates, bit for bit, and keep its memory under its names."""

import copy
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid import nn, optim

STEPS = 60
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
        simple("OneCycleLR", 0.5, total_steps=STEPS),
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
    ]
)


def rule_of(lib: Any, name: str = "SGD", **settings: Any) -> Any:
    """An optimizer of two groups with learning rates of their own."""
    first, second = (lib.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    groups = [{"params": [first]}, {"params": [second], "lr": 0.05}]
    return getattr(lib.optim, name)(groups, lr=0.4, **settings)


def moment(rule: Any, schedule: Any) -> Any:
    """All that a schedule shows and writes."""
    kept = ("lr", "momentum", "betas", "initial_lr")
    groups = [{k: group[k] for k in kept if k in group} for group in rule.param_groups]
    return schedule.get_last_lr(), schedule.last_epoch, groups


def plain(state: Any) -> Any:
    """A state with lists for tuples."""
    if isinstance(state, dict):
        return {name: plain(each) for name, each in state.items()}
    if isinstance(state, list | tuple):
        return [plain(each) for each in state]
    return state


def course(lib: Any, make: Maker, steps: int = STEPS, name: str = "SGD") -> tuple[Any, Any, Any]:
    rule = rule_of(lib, name)
    schedule = make(lib.optim.lr_scheduler, rule)
    shown = [moment(rule, schedule)]
    for _ in range(steps - 1):
        rule.step()
        schedule.step()
        shown.append(moment(rule, schedule))
    return shown, rule, schedule


@pytest.mark.parametrize("label", SCHEDULES)
def test_learning_rates(oracle: Any, label: str) -> None:
    ours, _, schedule = course(oracle.pellucid, SCHEDULES[label])
    theirs, _, wanted = course(oracle.torch, SCHEDULES[label])
    assert ours == theirs
    assert plain(schedule.state_dict()) == plain(wanted.state_dict())


def test_one_cycle_turns_the_first_beta(oracle: Any) -> None:
    for name in ("Adam", "AdamW"):
        _, make = simple("OneCycleLR", 0.1, total_steps=60)
        ours, theirs = (course(lib, make, name=name)[0] for lib in (oracle.pellucid, oracle.torch))
        assert ours == theirs
        assert len({moment[2][0]["betas"] for moment in ours}) > 50


@pytest.mark.parametrize("label", SCHEDULES)
@pytest.mark.parametrize("giver", ["torch", "pellucid"])
def test_a_state_goes_on_in_the_other_library(oracle: Any, label: str, giver: str) -> None:
    make = SCHEDULES[label]
    wanted, *_ = course(oracle.torch, make)
    lib = getattr(oracle, giver)
    _, rule, schedule = course(lib, make, steps=25)
    saved = copy.deepcopy((schedule.state_dict(), rule.state_dict()["param_groups"]))
    for receiver in (oracle.pellucid, oracle.torch):
        other = rule_of(receiver)
        later = make(receiver.optim.lr_scheduler, other)
        later.load_state_dict(copy.deepcopy(saved[0]))
        for group, values in zip(other.param_groups, saved[1], strict=True):
            group.update({k: v for k, v in values.items() if k != "params"})
        shown = [moment(other, later)]
        for _ in range(25, STEPS):
            other.step()
            later.step()
            shown.append(moment(other, later))
        assert shown == wanted[24:]


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
]


@pytest.mark.parametrize(("label", "make"), RESUMED)
def test_going_on_after_an_epoch(oracle: Any, label: str, make: Maker) -> None:
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        rule = rule_of(lib)
        for group in rule.param_groups:
            more = {"initial_lr": 0.7, "max_lr": 0.9, "min_lr": 1e-4}
            group.update(more | {"max_momentum": 0.9, "base_momentum": 0.8})
        settings = {"last_epoch": 8}
        schedule = make(_Resuming(lib.optim.lr_scheduler, settings), rule)
        shown = [moment(rule, schedule)]
        for _ in range(20):
            rule.step()
            schedule.step()
            shown.append(moment(rule, schedule))
        results.append(shown)
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
def test_plateaus(oracle: Any, settings: Any) -> None:
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        rule = rule_of(lib)
        schedule = lib.optim.lr_scheduler.ReduceLROnPlateau(rule, **settings)
        shown = [moment(rule, schedule)]
        for step, figure in enumerate(FIGURES):
            if step == 30:  # a fresh schedule goes on from the old one's state
                state = schedule.state_dict()
                schedule = lib.optim.lr_scheduler.ReduceLROnPlateau(rule)
                schedule.load_state_dict(state)
            schedule.step(lib.tensor(figure) if step % 2 else figure)
            shown.append((*moment(rule, schedule), schedule.best, schedule.in_cooldown))
        results.append((shown, schedule.state_dict()))
    np.testing.assert_equal(results[0], results[1])
    if settings:
        assert results[0][0][-1][0] != results[0][0][0][0]


def test_a_group_that_comes_later_has_the_same_lowest_rate(oracle: Any) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        rule = rule_of(lib)
        schedule = lib.optim.lr_scheduler.ReduceLROnPlateau(rule, patience=0, min_lr=0.2)
        rule.add_param_group({"params": lib.tensor([1.0], requires_grad=True), "lr": 1.0})
        schedule.step(1.0)
        schedule.step(1.0)
        assert schedule.get_last_lr() == [0.2, 0.05, 0.2]


@pytest.mark.parametrize("epoch", [0, 2.25, 3, 9.5, 40])
@pytest.mark.parametrize("settings", [(4,), (3, 2), (5, 1, 0.01)])
def test_restarts_between_epochs(oracle: Any, settings: Any, epoch: float) -> None:
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        rule = rule_of(lib)
        schedule = lib.optim.lr_scheduler.CosineAnnealingWarmRestarts(rule, *settings)
        schedule.step(epoch)
        shown = [moment(rule, schedule)]
        schedule.step()
        results.append([*shown, moment(rule, schedule)])
    assert results[0] == results[1]


@pytest.mark.parametrize("label", [label for label, _ in RESUMED])
def test_jumps(oracle: Any, label: str) -> None:
    make = dict(RESUMED)[label]
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        rule = rule_of(lib)
        schedule = make(lib.optim.lr_scheduler, rule)
        rule.step()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            schedule.step(13)
        said = [str(each.message)[:60] for each in caught]
        results.append((moment(rule, schedule), said))
    assert results[0] == results[1]


def early(lib: Any) -> None:
    schedule = lib.optim.lr_scheduler.StepLR(rule_of(lib), 2)
    schedule.step()


def early_although_it_stepped_before(lib: Any) -> None:
    rule = rule_of(lib)
    rule.step()
    lib.optim.lr_scheduler.StepLR(rule, 2).step()


def overridden(lib: Any) -> None:
    rule = rule_of(lib)
    schedule = lib.optim.lr_scheduler.StepLR(rule, 2)
    rule.step = lambda: None
    rule.step()
    schedule.step()


def looked_up(lib: Any) -> None:
    lib.optim.lr_scheduler.StepLR(rule_of(lib), 2).get_lr()


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (early, r"Detected call of `lr_scheduler\.step\(\)` before `optimizer\.step\(\)`\. "),
        (early_although_it_stepped_before, "Detected call of"),
        (overridden, r"Seems like `optimizer\.step\(\)` has been overridden after learning"),
        (looked_up, r"please use `get_last_lr\(\)`\."),
    ],
)
def test_warnings(oracle: Any, act: Callable[[Any], None], words: str) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        with pytest.warns(UserWarning, match=words) as caught:
            act(lib)
        assert lib is oracle.torch or caught[0].filename == __file__


def test_no_warning_where_the_order_is_right_or_unknown() -> None:
    class OwnSGD(optim.SGD):
        def step(self, closure: Any = None) -> Any:
            return closure

    rule = rule_of(pellucid)
    first = optim.lr_scheduler.StepLR(rule, 2)
    rule.step()
    second = optim.lr_scheduler.ExponentialLR(rule, 0.9)
    first.step()
    second.step()
    own = OwnSGD([pellucid.ones(1, requires_grad=True)])
    optim.lr_scheduler.StepLR(own, 2).step()


def test_a_schedule_of_ones_own() -> None:
    class Half(optim.lr_scheduler.LRScheduler):
        def get_lr(self) -> list[float]:
            return [0.5**self.last_epoch for _ in self.base_lrs]

    rule = rule_of(pellucid)
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


REFUSED = {
    "no optimizer": lambda w, _: w.StepLR(3, 2),
    "no optimizer for a plateau": lambda w, _: w.ReduceLROnPlateau(3),
    "no optimizer for a cycle": lambda w, _: w.OneCycleLR(3, 0.1, 10),
    "nothing to go on from": lambda w, lib: w.StepLR(rule_of(lib), 2, last_epoch=3),
    "two functions": lambda w, lib: w.LambdaLR(rule_of(lib), [abs, abs, abs]),
    "constant": lambda w, lib: w.ConstantLR(rule_of(lib), 1.5),
    "linear from 0": lambda w, lib: w.LinearLR(rule_of(lib), 0.0),
    "linear up to 2": lambda w, lib: w.LinearLR(rule_of(lib), end_factor=2.0),
    "T_0": lambda w, lib: w.CosineAnnealingWarmRestarts(rule_of(lib), 0),
    "half a T_0": lambda w, lib: w.CosineAnnealingWarmRestarts(rule_of(lib), 1.5),
    "T_mult": lambda w, lib: w.CosineAnnealingWarmRestarts(rule_of(lib), 1, 0),
    "eta_min": lambda w, lib: w.CosineAnnealingWarmRestarts(rule_of(lib), 1, 1, "0"),
    "back": lambda w, lib: w.CosineAnnealingWarmRestarts(rule_of(lib), 1).step(-1),
    "no steps": lambda w, lib: w.OneCycleLR(rule_of(lib), 0.1),
    "0 steps": lambda w, lib: w.OneCycleLR(rule_of(lib), 0.1, 0),
    "epochs": lambda w, lib: w.OneCycleLR(rule_of(lib), 0.1, epochs=0, steps_per_epoch=3),
    "batches": lambda w, lib: w.OneCycleLR(rule_of(lib), 0.1, epochs=3, steps_per_epoch=0.5),
    "share": lambda w, lib: w.OneCycleLR(rule_of(lib), 0.1, 10, pct_start=2.0),
    "whole share": lambda w, lib: w.OneCycleLR(rule_of(lib), 0.1, 10, pct_start=1),
    "strategy": lambda w, lib: w.OneCycleLR(rule_of(lib), 0.1, 10, anneal_strategy="sin"),
    "three rates": lambda w, lib: w.OneCycleLR(rule_of(lib), [0.1] * 3, 10),
    "three momenta": lambda w, lib: w.OneCycleLR(rule_of(lib), 1.0, 10, max_momentum=[0.9] * 3),
    "no momentum": lambda w, lib: w.OneCycleLR(rule_of(lib, "Adagrad"), 0.1, 10),
    "factor": lambda w, lib: w.ReduceLROnPlateau(rule_of(lib), factor=1.0),
    "mode": lambda w, lib: w.ReduceLROnPlateau(rule_of(lib), mode="median"),
    "threshold mode": lambda w, lib: w.ReduceLROnPlateau(rule_of(lib), threshold_mode="log"),
    "three lowest": lambda w, lib: w.ReduceLROnPlateau(rule_of(lib), min_lr=[0.1] * 3),
    "no schedules": lambda w, lib: w.SequentialLR(rule_of(lib), [], []),
    "no schedule": lambda w, lib: w.SequentialLR(rule_of(lib), [3], []),
}


@pytest.mark.parametrize("name", REFUSED)
def test_mistakes_get_the_familiar_sentence(oracle: Any, name: str) -> None:
    if name == "nothing to go on from":  # PyTorch goes on to guess at causes
        for lib in (oracle.pellucid, oracle.torch):
            with pytest.raises(
                KeyError, match=r"'initial_lr' is not specified in param_groups\[0\]"
            ):
                REFUSED[name](lib.optim.lr_scheduler, lib)
        return
    oracle.error(lambda lib: REFUSED[name](lib.optim.lr_scheduler, lib))


def of_another(lib: Any) -> None:
    words, rule = lib.optim.lr_scheduler, rule_of(lib)
    parts = [words.StepLR(rule, 2), words.StepLR(rule_of(lib), 2)]
    words.SequentialLR(rule, parts, [3])


def plateau_in_turn(lib: Any) -> None:
    words, rule = lib.optim.lr_scheduler, rule_of(lib)
    words.SequentialLR(rule, [words.ReduceLROnPlateau(rule)], [])


def milestones_missing(lib: Any) -> None:
    words, rule = lib.optim.lr_scheduler, rule_of(lib)
    words.SequentialLR(rule, [words.StepLR(rule, 2), words.StepLR(rule, 3)], [])


def used_up(lib: Any) -> None:
    rule = rule_of(lib)
    schedule = lib.optim.lr_scheduler.OneCycleLR(rule, 0.1, 4)
    for _ in range(5):
        rule.step()
        schedule.step()


def new_group(lib: Any) -> None:
    rule = rule_of(lib)
    schedule = lib.optim.lr_scheduler.ReduceLROnPlateau(rule, patience=0, min_lr=[0.1, 0.1])
    rule.add_param_group({"params": lib.tensor([1.0], requires_grad=True)})
    schedule.step(1.0)
    schedule.step(1.0)


@pytest.mark.parametrize("act", [plateau_in_turn, milestones_missing, used_up, new_group])
def test_mistakes_with_schedules(oracle: Any, act: Callable[[Any], None]) -> None:
    oracle.error(act)


def test_schedules_of_two_optimizers_cannot_take_turns(oracle: Any) -> None:
    words = (
        "expects all schedulers to belong to the same optimizer, but got scheduler StepLR at ind"
    )
    for lib in (oracle.pellucid, oracle.torch):
        with pytest.raises(ValueError, match=words):
            of_another(lib)
