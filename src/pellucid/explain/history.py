"""A run as explanations see it: its moments, its model, and any number by its address.

It brings run, model and table together and keeps the moments that were visited last.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import cached_property

from pellucid.explain.address import Address, read_address
from pellucid.explain.explanation import Explanation
from pellucid.explain.moment import Moment, model_scene, weights_of
from pellucid.explain.nudging import nudgeable
from pellucid.explain.places import find
from pellucid.explain.scene import Scene
from pellucid.model.model import Model
from pellucid.model.of_run import model_of
from pellucid.runs.run import Run

KEPT = 16  # moments visited last, whose neighbours are asked for next


class History:
    """All moments of a run.

    Args:
        run: the run.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._moments: OrderedDict[int | None, Moment] = OrderedDict()

    @cached_property
    def model(self) -> Model:
        """The trained model."""
        return model_of(self.run)

    @cached_property
    def model_scene(self) -> Scene:
        """The trained model as explanations read it."""
        rows = self.run.data["rows.training"] + 1
        return model_scene(self.model, self.run.table, rows, weights_of(self.run))

    def at(self, step: int | None) -> Moment:
        """The moment before a step, from 1; None for the one after the last step.

        Raises:
            AddressError: the run has no such step.
        """
        if step not in self._moments:
            self._moments[step] = Moment(self.run, lambda: self.model, step)
            if len(self._moments) > KEPT:
                self._moments.popitem(last=False)
        self._moments.move_to_end(step)
        return self._moments[step]

    def explain(self, address: str | Address) -> Explanation:
        """Open the number that an address names.

        Args:
            address: such as "@120 row:17 hidden1.3.z"; without a step the trained model is meant.

        Raises:
            AddressError: it names nothing; the nearest addresses are named.
        """
        read = read_address(address) if isinstance(address, str) else address
        if read.step is None and not read.is_last:
            return nudgeable(find(self.model_scene, read), self.model_scene)
        scene = self.at(read.step).scene
        return nudgeable(find(scene, read), scene)
