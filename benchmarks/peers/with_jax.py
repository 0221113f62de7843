"""JAX, with a whole epoch in one jitted `lax.scan`: the fastest way to train there on a CPU."""

from __future__ import annotations

import time
from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.task import Task
from benchmarks.timing import Trainer


def _initial(task: Task, key: jax.Array) -> list[tuple[jax.Array, jax.Array]]:
    parameters = []
    for before, after in zip(task.layers, task.layers[1:], strict=False):
        key, one, two = jax.random.split(key, 3)
        bound = before**-0.5
        weight = jax.random.uniform(one, (before, after), minval=-bound, maxval=bound)
        parameters.append((weight, jax.random.uniform(two, (after,), minval=-bound, maxval=bound)))
    return parameters


def _loss(parameters: Any, inputs: jax.Array, classes: jax.Array) -> jax.Array:
    values = inputs
    for weight, bias in parameters[:-1]:
        values = jax.nn.relu(values @ weight + bias)
    weight, bias = parameters[-1]
    logits = values @ weight + bias
    if logits.shape[1] == 1:
        return jnp.mean(jax.nn.softplus(logits[:, 0]) - logits[:, 0] * classes)
    picked = jnp.take_along_axis(jax.nn.log_softmax(logits), classes[:, None], axis=1)
    return -jnp.mean(picked)


def _adam(parameters: Any, memory: Any, gradients: Any) -> tuple[Any, Any]:
    step, first, second = memory
    step = step + 1
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradients)
    size = 1e-3 / (1 - 0.9**step)
    scale = jnp.sqrt(1 - 0.999**step)
    parameters = jax.tree.map(
        lambda p, m, v: p - size * m / (jnp.sqrt(v) / scale + 1e-8), parameters, first, second
    )
    return parameters, (step, first, second)


def trainer(task: Task) -> tuple[Trainer, float]:
    """The trainer, and the seconds that compiling the epoch took."""
    inputs, classes = (jnp.asarray(array) for array in task.data())

    @jax.jit
    def epoch(carry: Any, key: jax.Array) -> tuple[Any, jax.Array]:
        order = jax.random.permutation(key, task.rows)
        batches = order.reshape(task.steps_per_epoch, task.batch_size)

        def step(carry: Any, rows: jax.Array) -> tuple[Any, jax.Array]:
            parameters, memory = carry
            loss, gradients = jax.value_and_grad(_loss)(parameters, inputs[rows], classes[rows])
            return _adam(parameters, memory, gradients), loss

        return jax.lax.scan(step, carry, batches)

    key = jax.random.key(0)
    parameters = _initial(task, key)
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state: list[Any] = [(parameters, (jnp.float32(0), zeros, zeros)), key]

    def train(epochs: int) -> None:
        carry, key = state
        for _ in range(epochs):
            key, chosen = jax.random.split(key)
            carry, losses = epoch(carry, chosen)
        jax.block_until_ready((carry, losses))
        state[:] = [carry, key]

    start = time.perf_counter()
    train(1)
    return train, time.perf_counter() - start
