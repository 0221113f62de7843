"""Many networks of one kind in JAX: the epoch of one network, vectorised by `vmap`."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax

from benchmarks.peers.peer import Peer
from benchmarks.peers.with_jax import epoch_of, first_carry
from benchmarks.task import Task


def prepare(task: Task, threads: int) -> Peer:  # noqa: ARG001 set by the worker's cores
    """Every network has its own weights and its own order of the rows."""
    epoch = jax.jit(jax.vmap(epoch_of(task)), donate_argnums=0)
    keys = jax.random.split(jax.random.key(0), task.copies)
    state: list[Any] = [jax.vmap(partial(first_carry, task))(keys), keys]

    def train(epochs: int) -> None:
        carry, keys = state
        for _ in range(epochs):
            both = jax.vmap(jax.random.split)(keys)
            keys, chosen = both[:, 0], both[:, 1]
            carry, losses = epoch(carry, chosen)
        jax.block_until_ready((carry, losses))
        state[:] = [carry, keys]

    return Peer(train)
