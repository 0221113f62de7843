"""What happened in a run: found by walking along it, told in order, each with what shows it.

Weights, neurons, rows and gradients are watched in `sightings`; here the losses are judged and
everything is brought together. What is wrong with a run is said in `diagnosis`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pellucid.explain.diagnosis import Diagnosis, Facts, diagnose
from pellucid.explain.digits import write_number
from pellucid.explain.history import History
from pellucid.explain.sightings import Gradients, Neurons, Rows, Signs
from pellucid.explain.walk import Walk
from pellucid.runs.journal import Event
from pellucid.runs.run import Run
from pellucid.train.replay import engine_of

Array = np.ndarray[Any, Any]

JUMPED = 1.5  # times what the network knew before the first step
RISEN = 1.02  # times the lowest validation loss
SMOOTH = 100  # rows over which losses of steps are averaged


@dataclass(frozen=True)
class Course:
    """What happened in a run.

    Args:
        run: the run.
        events: in order.
        facts: what a diagnosis rests on.
    """

    run: Run
    events: tuple[Event, ...]
    facts: Facts

    @cached_property
    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """What is wrong, the likeliest cause first; empty if nothing is seen."""
        return tuple(diagnose(self.facts))


def read_course(run: Run) -> Course:
    """Find what happened in a run.

    Args:
        run: the run; it may be unfinished.
    """
    scene = History(run).model_scene
    walk = Walk(run)
    signs, neurons = Signs(walk), Neurons(walk, scene)
    rows, gradients = Rows(walk), Gradients(scene)
    before = walk.steps[0]
    for look in walk.looks():
        signs.look(look, before)
        neurons.look(look)
        rows.look(look)
        gradients.look(look)
        before = look.step
    first, last = (_whole_loss(run, name) for name in ("first", "last"))
    guess = guess_loss(run.recipe.program.loss.kind, run.data["targets"])
    jumps = _jumps(run, max(first, guess or 0.0))
    found = [*run.incidents, *jumps, *_risen(run), *gradients.events(), *neurons.events()]
    found += [*signs.events(scene), *rows.events()]
    facts = Facts(
        run=run,
        layers=scene.subject.layers,
        guess=guess,
        last=last,
        stuck=neurons.stuck(),
        events=tuple(found),
        row=walk.table_row(0),
        neuron_name=scene.neuron_name,
    )
    return Course(run, tuple(sorted(found, key=lambda each: each.step)), facts)


def guess_loss(kind: str, targets: Array) -> float | None:
    """The loss of whoever always gives the same answer, the best one; None where nobody says.

    Example:
        >>> round(guess_loss("bce_with_logits", np.array([0.0, 1.0, 1.0, 1.0])), 4)
        0.5623
    """
    if kind == "mse":
        return float(np.mean(np.square(targets - targets.mean(axis=0))))
    if kind in ("cross_entropy", "nll"):
        shares = np.bincount(targets.astype(np.int64)) / len(targets)
    elif kind in ("bce", "bce_with_logits"):
        shares = np.array([1.0 - targets.mean(), targets.mean()])
    else:
        return None
    shares = shares[shares > 0]
    return float(-np.sum(shares * np.log(shares)))


def _whole_loss(run: Run, name: str) -> float:
    """The loss over all training rows at the first or the last state."""
    values = run.states[name].values()
    program, data = run.recipe.program, run.data
    return engine_of(run).evaluate(program, values, data["inputs"], data["targets"])[0]


def _jumps(run: Run, known: float) -> list[Event]:
    """The first step whose loss lies far above what was known before any step, and the worst."""
    losses = run.losses[run.first_step - 1 :]
    width = max(1, min(len(losses), -(-SMOOTH // run.recipe.batch_size)))
    if not len(losses) or run.recipe.program.loss.reduction != "mean":
        return []
    means = np.convolve(losses, np.ones(width) / width, "valid")
    high = np.flatnonzero(means > JUMPED * known)
    if not len(high):
        return []
    start = run.first_step + width - 1
    found = []
    for place in dict.fromkeys((int(high[0]), int(means.argmax()))):
        step = start + place
        text = (
            f"The loss jumped to {write_number(float(losses[step - run.first_step]))} at step"
            f" {step:,}; before the first step it was {write_number(known)}."
        )
        ends = (f"@{run.first_step} loss", f"@{step} loss")
        found.append(Event(step=step, kind="jumped", text=text, addresses=ends))
    return found


def _risen(run: Run) -> list[Event]:
    """The epoch after which the validation loss never came so low again."""
    curve = run.validation_losses
    if len(curve) < 2:
        return []
    best = int(np.nanargmin(curve)) if np.isfinite(curve).any() else 0
    if best + 1 >= len(curve) or not curve[-1] > RISEN * curve[best]:
        return []
    each = -(-len(run.data["inputs"]) // run.recipe.batch_size)
    step = max(run.first_step - 1, min(best * each, run.steps))
    text = (
        f"The validation loss was lowest after epoch {best:,}, {write_number(float(curve[best]))};"
        f" then it began to rise, to {write_number(float(curve[-1]))}."
    )
    if run.is_finished and best == run.outcome.best_epoch:
        text += " The model has the weights of that epoch."
    place = "loss" if step < run.steps else "@last loss"
    ends = (f"@{step + 1} {place}" if step < run.steps else place, "@last loss")
    return [Event(step=step, kind="rising", text=text, addresses=ends)]
