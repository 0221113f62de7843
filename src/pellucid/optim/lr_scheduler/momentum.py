"""`MomentumCycle`: what schedules share in which momentum moves against the learning rate."""

from __future__ import annotations

from pellucid.optim.lr_scheduler.scheduler import LRScheduler
from pellucid.optim.optimizer import Group, Optimizer


class MomentumCycle(LRScheduler):
    """Writes `SGD`'s momentum or `Adam`'s β₁. Abstract.

    Attributes:
        use_beta1: whether it is β₁.
    """

    use_beta1: bool

    def begin_momentum(
        self, low: float | list[float], high: float | list[float], *, is_new: bool
    ) -> tuple[list[float], list[float]]:
        """Find out which setting is the momentum, and write its first and its extreme values.

        Args:
            low: the lowest momentum; or a list, one for each group.
            high: the highest.
            is_new: whether the schedule begins, and does not go on.

        Returns:
            The lowest and the highest of each group.

        Raises:
            ValueError: the optimizer has no momentum, or there are more or fewer than groups.
        """
        settings = self.optimizer.defaults
        if "momentum" not in settings and "betas" not in settings:
            raise ValueError(
                "optimizer must support momentum or beta1 with `cycle_momentum` option enabled"
            )
        self.use_beta1 = "betas" in settings
        highs = by_group("max_momentum", self.optimizer, high)
        lows = by_group("base_momentum", self.optimizer, low)
        if is_new:
            for group, most, least in zip(self.optimizer.param_groups, highs, lows, strict=True):
                self.write_momentum(group, most)
                group["max_momentum"] = most
                group["base_momentum"] = least
        return lows, highs

    def write_momentum(self, group: Group, momentum: float) -> None:
        """Set a group's momentum or its β₁."""
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum


def by_group(name: str, optimizer: Optimizer, value: float | list[float]) -> list[float]:
    """A setting for each group: one for all, or as many as there are groups."""
    count = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        return [value] * count
    if len(value) != count:
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups. {name} has {len(value)} "
            f"values, param_groups has {count}."
        )
    return list(value)
