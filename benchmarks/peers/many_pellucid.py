"""Many networks of one kind in pellucid: side by side in one call of the native engine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import pellucid
from benchmarks.peers.peer import Peer
from benchmarks.peers.with_pellucid import loss_of, network, optimizer_of
from benchmarks.task import Task
from pellucid.engine.exchange import read_state
from pellucid.engine.job import Job
from pellucid.engine.lowering import lower
from pellucid.engine.native import NativeEngine
from pellucid.errors import TrainingError
from pellucid.random import Generator


def first_jobs(task: Task) -> list[Job]:
    """Every network has its own weights and its own order of the rows; the data are shared."""
    inputs, classes = task.data()
    targets = task.targets(classes)
    pellucid.manual_seed(0)
    jobs = []
    for seed in range(task.copies):
        model = network(task)
        optimizer = optimizer_of(task, model)
        program = lower(model, loss_of(task), optimizer, input_width=task.layers[0])
        state = read_state(model, optimizer, Generator(seed))
        jobs.append(Job(program, state, inputs, targets, 0, task.batch_size))
    return jobs


def prepare(task: Task, threads: int) -> Peer:
    """Train all of them with `run_many`, the loss of every step included."""
    engine, jobs = NativeEngine(), first_jobs(task)

    def train(epochs: int) -> None:
        steps = epochs * (task.rows // task.batch_size)
        asked = [replace(job, steps=steps, losses=np.empty(steps)) for job in jobs]
        reached = engine.run_many(asked, threads=threads)
        for number, (job, state) in enumerate(zip(asked, reached, strict=True)):
            if isinstance(state, TrainingError):
                raise state
            jobs[number] = replace(job, state=state)

    return Peer(train)
