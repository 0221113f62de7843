"""What schedules warn of and refuse, in PyTorch's sentences."""

from collections.abc import Callable
from typing import Any

import pytest

import pellucid
from pellucid import optim


def rule_of(lib: Any, name: str = "SGD") -> Any:
    """An optimizer of two groups with learning rates of their own."""
    first, second = (lib.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    groups = [{"params": [first]}, {"params": [second], "lr": 0.05}]
    return getattr(lib.optim, name)(groups, lr=0.4)


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
    "three numbers": lambda w, lib: w.MultiplicativeLR(rule_of(lib), [1, 2, 3]),
    "no function": lambda w, lib: w.MultiplicativeLR(rule_of(lib), 0.5),
    "mode of a cycle": lambda w, lib: w.CyclicLR(rule_of(lib), 0.1, 0.5, mode="square"),
    "no momentum to cycle": lambda w, lib: w.CyclicLR(rule_of(lib, "Adagrad"), 0.1, 0.5),
    "three tips": lambda w, lib: w.CyclicLR(rule_of(lib), 0.1, [0.5] * 3),
    "no chain": lambda w, _: w.ChainedScheduler([]),
    "chain of numbers": lambda w, lib: w.ChainedScheduler([3], rule_of(lib)),
    "steady rates": lambda _, lib: lib.optim.swa_utils.SWALR(rule_of(lib), [0.1] * 3),
    "steady strategy": lambda _, lib: lib.optim.swa_utils.SWALR(rule_of(lib), 0.1, 3, "sin"),
    "steady epochs": lambda _, lib: lib.optim.swa_utils.SWALR(rule_of(lib), 0.1, -1),
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


def chain_of_another(lib: Any) -> None:
    words, rule = lib.optim.lr_scheduler, rule_of(lib)
    words.ChainedScheduler([words.StepLR(rule, 2), words.StepLR(rule_of(lib), 2)])


def plateau_in_turn(lib: Any) -> None:
    words, rule = lib.optim.lr_scheduler, rule_of(lib)
    words.SequentialLR(rule, [words.ReduceLROnPlateau(rule)], [])


def plateau_in_a_chain(lib: Any) -> None:
    words, rule = lib.optim.lr_scheduler, rule_of(lib)
    words.ChainedScheduler([words.StepLR(rule, 2), words.ReduceLROnPlateau(rule)])


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


@pytest.mark.parametrize(
    "act", [plateau_in_turn, plateau_in_a_chain, milestones_missing, used_up, new_group]
)
def test_mistakes_with_schedules(oracle: Any, act: Callable[[Any], None]) -> None:
    oracle.error(act)


@pytest.mark.parametrize("act", [of_another, chain_of_another])
def test_schedules_of_two_optimizers_do_not_work_together(oracle: Any, act: Any) -> None:
    words = (
        "expects all schedulers to belong to the same optimizer, but got scheduler StepLR at ind"
    )
    for lib in (oracle.pellucid, oracle.torch):
        with pytest.raises(ValueError, match=words):
            act(lib)
