"""JAX, with a whole epoch in one jitted `lax.scan`: the fastest way to train there on a CPU."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.peers.peer import Peer
from benchmarks.task import DEAD_BIAS, STEPS_TO_SUBNORMAL, Task

Parameters = list[tuple[jax.Array, jax.Array]]


def initial(task: Task, key: jax.Array) -> Parameters:
    """Weights and biases, drawn as PyTorch draws them."""
    parameters = []
    for before, after in itertools.pairwise(task.layers):
        key, one, two = jax.random.split(key, 3)
        bound = before**-0.5
        weight = jax.random.uniform(one, (before, after), minval=-bound, maxval=bound)
        parameters.append((weight, jax.random.uniform(two, (after,), minval=-bound, maxval=bound)))
    return parameters


def loss_of(task: Task, parameters: Parameters, rows: jax.Array, targets: jax.Array) -> jax.Array:
    """The mean loss of a batch."""
    is_nielsen = task.recipe == "nielsen"
    squash = jax.nn.sigmoid if is_nielsen else jax.nn.relu
    values = rows
    for weight, bias in parameters[:-1]:
        values = squash(values @ weight + bias)
    weight, bias = parameters[-1]
    logits = values @ weight + bias
    if is_nielsen:
        return jnp.mean((squash(logits) - targets) ** 2)
    if task.is_binary:
        return jnp.mean(jax.nn.softplus(logits) - logits * targets)
    picked = jnp.take_along_axis(jax.nn.log_softmax(logits), targets[:, None], axis=1)
    return -jnp.mean(picked)


def sgd(lr: float, parameters: Any, memory: Any, gradients: Any) -> tuple[Any, Any]:
    """Plain stochastic gradient descent."""
    return jax.tree.map(lambda p, g: p - lr * g, parameters, gradients), memory


def adam(lr: float, parameters: Any, memory: Any, gradients: Any) -> tuple[Any, Any]:
    """Adam with PyTorch's defaults."""
    step, first, second = memory
    step = step + 1
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradients)
    size = lr / (1 - 0.9**step)
    scale = jnp.sqrt(1 - 0.999**step)
    parameters = jax.tree.map(
        lambda p, m, v: p - size * m / (jnp.sqrt(v) / scale + 1e-8), parameters, first, second
    )
    return parameters, (step, first, second)


def first_carry(task: Task, key: jax.Array) -> tuple[Parameters, Any]:
    """Parameters and the optimizer's memory before the first step."""
    parameters = initial(task, key)
    first, second = (jax.tree.map(jnp.zeros_like, parameters) for _ in range(2))
    return parameters, (jnp.float32(0), first, second)


def epoch_of(task: Task) -> Callable[[Any, jax.Array], tuple[Any, jax.Array]]:
    """An epoch as one function, not yet compiled: shuffle, then scan over the batches."""
    values, classes = task.data()
    inputs, targets = jnp.asarray(values), jnp.asarray(task.targets(classes))
    gradient = jax.value_and_grad(partial(loss_of, task))
    update = sgd if task.recipe == "nielsen" else adam

    def step(carry: Any, rows: jax.Array) -> tuple[Any, jax.Array]:
        parameters, memory = carry
        loss, gradients = gradient(parameters, inputs[rows], targets[rows])
        return update(task.lr, parameters, memory, gradients), loss

    def epoch(carry: Any, key: jax.Array) -> tuple[Any, jax.Array]:
        order = jax.random.permutation(key, task.rows)
        return jax.lax.scan(step, carry, order.reshape(-1, task.batch_size))

    return epoch


def prepare(task: Task, threads: int) -> Peer:  # noqa: ARG001 set by the worker's cores
    """Compile an epoch, and call it once an epoch."""
    epoch = jax.jit(epoch_of(task), donate_argnums=0)
    key = jax.random.key(0)
    state: list[Any] = [first_carry(task, key), key]

    def train(epochs: int) -> None:
        carry, key = state
        for _ in range(epochs):
            key, chosen = jax.random.split(key)
            carry, losses = epoch(carry, chosen)
        jax.block_until_ready((carry, losses))
        state[:] = [carry, key]

    if task.has_dead_units:
        train(1)
        (parameters, memory), key = state
        weight, bias = parameters[0]
        parameters[0] = (weight, bias.at[: task.layers[1] // 2].set(DEAD_BIAS))
        state[:] = [(parameters, memory), key]
        train(-(-STEPS_TO_SUBNORMAL // task.steps_per_epoch))
    return Peer(train)
