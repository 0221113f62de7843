"""What the tests of schedules share: an optimizer of two groups, and the course of a schedule."""

from collections.abc import Callable
from typing import Any

import pytest

Maker = Callable[[Any, Any], Any]


class Schedules:
    """Makes an optimizer, follows a schedule, and says all that both show."""

    steps = 60

    def rule(self, lib: Any, name: str = "SGD", **settings: Any) -> Any:
        """An optimizer of two groups with learning rates of their own."""
        first, second = (lib.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
        groups = [{"params": [first]}, {"params": [second], "lr": 0.05}]
        return getattr(lib.optim, name)(groups, lr=0.4, **settings)

    def moment(self, rule: Any, schedule: Any) -> Any:
        """All that a schedule shows and writes."""
        kept = ("lr", "momentum", "betas", "initial_lr", "swa_lr")
        groups = [{k: group[k] for k in kept if k in group} for group in rule.param_groups]
        return schedule.get_last_lr(), getattr(schedule, "last_epoch", None), groups

    def plain(self, state: Any) -> Any:
        """A state with lists for tuples, without what only one of the libraries keeps."""
        if isinstance(state, dict):
            unlike = {"_scale_fn_ref", "anneal_func"}
            return {name: self.plain(each) for name, each in state.items() if name not in unlike}
        if isinstance(state, list | tuple):
            return [self.plain(each) for each in state]
        return state

    def go_on(self, rule: Any, schedule: Any, steps: int) -> list[Any]:
        """What it shows now and after each of some more steps."""
        shown = [self.moment(rule, schedule)]
        for _ in range(steps):
            rule.step()
            schedule.step()
            shown.append(self.moment(rule, schedule))
        return shown

    def course(
        self, lib: Any, make: Maker, steps: int = 60, name: str = "SGD"
    ) -> tuple[Any, Any, Any]:
        """A whole course: what it showed, the optimizer and the schedule."""
        rule = self.rule(lib, name)
        schedule = make(lib.optim.lr_scheduler, rule)
        return self.go_on(rule, schedule, steps - 1), rule, schedule


@pytest.fixture(scope="session")
def schedules() -> Schedules:
    return Schedules()
