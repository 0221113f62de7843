"""Native training epoch by epoch, for a schedule that follows each epoch's loss.

Trainings without such a schedule are one native call for all epochs; see `task`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pellucid.engine.job import Job
from pellucid.engine.schedule import rehearsed
from pellucid.engine.state import State
from pellucid.errors import TrainingError
from pellucid.optim.lr_scheduler.plateau import ReduceLROnPlateau
from pellucid.train.history import mean_by_epoch

if TYPE_CHECKING:
    from pellucid.train.task import Task


def train_by_epoch(task: Task, schedule: ReduceLROnPlateau) -> State:
    """Train until the epochs are done, patience is over or `stop` says so.

    A copy of the schedule runs along; `Task.keep` lets the schedule itself follow. Ctrl-C is raised
    after the module was given what it had learnt.

    Raises:
        TrainingError: numbers were no longer finite; module, optimizer and schedule are unchanged.
    """
    reached = [task.job.state]
    try:
        with rehearsed(schedule) as ahead:
            while is_on(task, reached[-1]):
                before = reached[-1]
                reached[:] = [run_epoch(task, before, reached)]
                if reached[0].epoch == before.epoch:
                    break
                task.figures.append(figure_of(task, len(task.figures)))
                ahead.step(task.figures[-1])
                rates = ahead.current()
                further = np.array(rates[1:], np.float64)
                reached[0] = replace(reached[0], learning_rate=rates[0], further_rates=further)
    except TrainingError:
        raise
    except BaseException:
        task.keep(reached[-1])
        raise
    return reached[0]


def is_on(task: Task, state: State) -> bool:
    """Whether there is another epoch to do."""
    plan, watch = task.plan, task.job.watch
    if len(task.figures) == plan.epochs or (watch is not None and watch.is_over(state)):
        return False
    return plan.stop is None or not plan.stop()


def run_epoch(task: Task, state: State, reached: list[State]) -> State:
    """One epoch; if it is interrupted, `reached` is what was reached by then."""
    return task.run(epoch_job(task, state), lambda moment: reached.__setitem__(0, moment))


def epoch_job(task: Task, state: State) -> Job:
    """The next epoch of a task; its losses are those of the whole training."""
    job, epoch = task.job, len(task.figures)
    steps = job.steps // task.plan.epochs
    losses = None if job.losses is None else job.losses[epoch * steps : (epoch + 1) * steps]
    watch = job.watch
    if watch is not None and watch.losses is not None:
        watch = replace(watch, losses=watch.losses[epoch : epoch + 1])
    return replace(job, state=state, steps=steps, losses=losses, watch=watch)


def figure_of(task: Task, epoch: int) -> float:
    """What a schedule is told of an epoch: its validation loss, or the mean loss of its steps."""
    job = task.job
    if job.watch is not None and job.watch.losses is not None:
        return float(job.watch.losses[epoch])
    steps = job.steps // task.plan.epochs
    losses = np.asarray(job.losses)[epoch * steps : (epoch + 1) * steps]
    return float(mean_by_epoch(losses, len(job.inputs), job.batch_size)[0])
