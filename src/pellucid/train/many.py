"""`fit_many`: independent networks trained side by side, on all cores, in one native call.

For folds, seeds and sweeps. What one network's training is, is said in `trainer` and `task`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from pellucid.engine.native import NativeEngine
from pellucid.engine.obstacle import CannotLower
from pellucid.engine.state import State
from pellucid.errors import InputError, TrainingError
from pellucid.random import Generator, default_generator
from pellucid.train.examples import Examples
from pellucid.train.history import History
from pellucid.train.row_weights import weigh
from pellucid.train.settings import check_learned
from pellucid.train.task import Plan, Preparation, Task, prepare_task
from pellucid.train.trainer import Trainer, check_smallest_batch


def fit_many(
    trainers: Iterable[Trainer],
    inputs: Any,
    targets: Any,
    batch_size: int = 32,
    epochs: int = 1,
    *,
    shuffle: bool = True,
    seeds: Sequence[int] | None = None,
    validation: tuple[Any, Any] | Sequence[tuple[Any, Any]] | None = None,
    patience: int | None = None,
    restore_best: bool = True,
    threads: int | None = None,
    stop: Callable[[], object] | None = None,
    sample_weight: Any = None,
    class_weight: Any = None,
) -> list[History]:
    """Train many networks at once, each with exactly the numbers that it would have alone.

    Network k ends as it would after `manual_seed(seeds[k])` and `trainers[k].fit(…)`, bit for bit.

    Args:
        trainers: one for each network; no two may share a parameter.
        inputs: rows for all of them, or a list with the rows of each.
        targets: likewise.
        batch_size: as for `Trainer.fit`, and so are the next two.
        epochs: 0 or more.
        shuffle: a new random order every epoch.
        seeds: of each network's order of rows; None: drawn from the default generator.
        validation: inputs and targets to judge all networks by, or a list of such pairs.
        patience: as for `Trainer.fit`, for each network alone; and so is the next one.
        restore_best: whether each ends as it was at the end of its best epoch.
        threads: at most so many networks at a time; None: as many as there are processors.
        stop: asked now and then; ends all trainings once it gives something true.
        sample_weight: how much each row counts, as for `Trainer.fit`: an array for all networks, or
            a list with that of each.
        class_weight: as for `Trainer.fit`, for all networks.

    Returns:
        What each training leaves. A network whose numbers ran away is left as it was; its
        `failure` says what happened, a warning gives its number, and the others are not disturbed.

    Raises:
        InputError: a setting cannot be meant, or a network cannot be trained natively.

    Example:
        >>> import numpy as np
        >>> from pellucid import Trainer, fit_many, manual_seed, nn, optim
        >>> _ = manual_seed(0)
        >>> models = [nn.Sequential(nn.Linear(1, 1)) for _ in range(3)]
        >>> trainers = [
        ...     Trainer(each, nn.MSELoss(), optim.SGD(each.parameters(), lr=rate))
        ...     for each, rate in zip(models, (0.1, 0.2, 0.3))
        ... ]
        >>> x = np.linspace(-1, 1, 20).reshape(-1, 1)
        >>> histories = fit_many(trainers, x, 2 * x + 1, batch_size=5, epochs=100)
        >>> [round(each[0].weight.item(), 3) for each in models]
        [2.0, 2.0, 2.0]
    """
    trainers = list(trainers)
    check_apart(trainers)
    own = shares(inputs, targets, validation, sample_weight, len(trainers))
    words = draw_seeds(seeds, len(trainers))

    def plan_of(trainer: Trainer, judged: Any) -> Plan:
        settings = batch_size, epochs, shuffle, judged, patience
        return trainer.plan(*settings, restore_best=restore_best)

    tasks = prepare_all(trainers, own, words, plan_of, class_weight)
    reached = NativeEngine().run_many(
        [each.job for each in tasks],
        threads=threads,
        stop=stop,
        interrupted=lambda states: keep_all(tasks, states),
    )
    return finish_all(tasks, reached)


def prepare_all(
    trainers: Sequence[Trainer],
    own: Sequence[tuple[Any, ...]],
    seeds: Sequence[int],
    plan_of: Callable[[Trainer, Any], Plan],
    class_weight: Any,
) -> list[Task]:
    """The networks' tasks; rows that several share are read and checked once.

    Raises:
        InputError: a network cannot be trained natively.
    """
    datasets: dict[tuple[int, ...], tuple[Examples, Plan]] = {}
    preparation = Preparation()
    tasks = []
    for number, (trainer, data, seed) in enumerate(zip(trainers, own, seeds, strict=True), 1):
        key = (*map(id, data), *kind_of(trainer))
        if key not in datasets:
            plan = plan_of(trainer, data[2])
            dataset = trainer.read(data[0], data[1])
            dataset = weigh(dataset, trainer.loss_function, data[3], class_weight)
            datasets[key] = (dataset, plan)
        dataset, plan = datasets[key]
        if plan.epochs > 0:
            check_smallest_batch(trainer.model, dataset.inputs[0], plan.batch_size)
        try:
            check_learned(trainer)
            task = prepare_task(trainer, dataset, plan, Generator(seed), preparation)
        except CannotLower as obstacle:
            raise refusal(number, obstacle) from obstacle
        except InputError as error:
            raise InputError(f"Network {number}: {error}") from error
        tasks.append(task)
    return tasks


def check_apart(trainers: Sequence[Trainer]) -> None:
    """See that no parameter belongs to two networks, which could then not be trained side by side.

    Raises:
        InputError: one does.
    """
    owners: dict[int, int] = {}
    for number, trainer in enumerate(trainers, 1):
        for name, parameter in trainer.model.named_parameters():
            owner = owners.setdefault(id(parameter), number)
            if owner != number:
                raise InputError(
                    f"Networks trained side by side must share no parameter. '{name}' of network "
                    f"{number} is one of network {owner}. Build a module of its own for each."
                )


def shares(
    inputs: Any, targets: Any, validation: Any, sample_weight: Any, count: int
) -> list[tuple[Any, ...]]:
    """Inputs, targets, validation rows and weights of rows of each network.

    Raises:
        InputError: there are lists, but not of one entry for each network.
    """
    columns = []
    named = {
        "inputs": inputs,
        "targets": targets,
        "validation": validation,
        "sample_weight": sample_weight,
    }
    for name, given in named.items():
        if not isinstance(given, list):
            columns.append([given] * count)
            continue
        if len(given) != count:
            raise InputError(
                f"`{name}` is a list, so it must have one entry for each of the {count} networks. "
                f"Got {len(given)}. Rows for all of them are given as one array."
            )
        columns.append(given)
    return list(zip(*columns, strict=True))


def draw_seeds(seeds: Sequence[int] | None, count: int) -> Sequence[int]:
    """A seed for each network.

    Raises:
        InputError: there is not one for each.
    """
    if seeds is None:
        return [default_generator.random_int64() for _ in range(count)]
    if len(seeds) != count:
        raise InputError(
            f"`seeds` must have one for each of the {count} networks. Got {len(seeds)}."
        )
    return seeds


def kind_of(trainer: Trainer) -> tuple[int, ...]:
    """What decides how rows are read: the parameters' dtype and the kind of loss."""
    first = next(trainer.model.parameters(), None)
    return id(type(trainer.loss_function)), 0 if first is None else hash(first.dtype)


def refusal(number: int, obstacle: CannotLower) -> InputError:
    """Why a network cannot be trained natively, in words that tell which one it is."""
    return InputError(
        f"Network {number} cannot be trained beside others, because {obstacle.reason}. "
        "Its `Trainer.fit` trains it by the loop in Python."
    )


def failure(reason: str) -> History:
    """What a network leaves whose numbers ran away."""
    nothing = np.empty(0)
    return History(nothing, nothing, "native", ending="failed", failure=reason)


def keep_all(tasks: Sequence[Task], reached: Sequence[State | TrainingError]) -> None:
    """Give each module what it has learnt when Ctrl-C came."""
    for task, state in zip(tasks, reached, strict=True):
        if isinstance(state, State):
            task.keep(state)


def finish_all(tasks: Sequence[Task], reached: Sequence[State | TrainingError]) -> list[History]:
    """Give each module what it has learnt, and warn of those that failed."""
    histories = []
    failed = []
    for number, (task, state) in enumerate(zip(tasks, reached, strict=True), 1):
        if isinstance(state, State):
            histories.append(task.finish(state))
        else:
            failed.append(f"network {number}: {state}")
            histories.append(failure(str(state)))
    if failed:
        more = f" And {len(failed) - 3} more." if len(failed) > 3 else ""
        warnings.warn(
            f"{len(failed)} of {len(tasks)} networks failed and were left as they were; "
            f"{' '.join(failed[:3])}{more}",
            stacklevel=3,
        )
    return histories
