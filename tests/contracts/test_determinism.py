"""The determinism contract: bits depend on the arithmetic, the data and the seed, on nothing else.

Not on threads, on how steps are cut into calls, on tracing, on a row's place in a batch, on networks
alongside, on the width of the processor's registers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid import _native
from pellucid.engine.job import Job
from pellucid.engine.native import NativeEngine
from pellucid.engine.program import LOSS_SETTINGS, Group, Loss, Operation, Optimizer, Program
from pellucid.engine.state import State, initial_state
from pellucid.engine.watch import Watch, unwatched
from pellucid.random import Generator

ENGINES = [NativeEngine(kernels=name) for name, _ in _native.machines()]
FUSED = [engine for engine in ENGINES if engine.arithmetic == "fma"]
OPTIMIZERS = [
    Optimizer("sgd"),
    Optimizer("sgd", (("momentum", 0.9), ("nesterov", True))),
    Optimizer("adam"),
    Optimizer("adam", (("weight_decay", 0.01),)),
    Optimizer("adam", (("amsgrad", True),), clip_norm=0.1),
    Optimizer("adamw", (("weight_decay", 0.1),), clip_value=0.01),
    Optimizer("rmsprop"),
    Optimizer("rmsprop", (("centered", True), ("momentum", 0.5), ("eps", 1e-3)), clip_norm=1.0),
    Optimizer("adagrad", (("lr_decay", 0.1),)),
]
LOSSES = [*LOSS_SETTINGS]
CLASSES = ("cross_entropy", "nll", "soft_cross_entropy")
examined = settings(max_examples=40, deadline=None, derandomize=True)


def dense(
    widths: Any,
    activations: Any,
    loss: str = "mse",
    *,
    reduction: str = "mean",
    optimizer: Optimizer = OPTIMIZERS[0],
    dtype: str = "float32",
    bias: bool = True,
) -> Program:
    operations: list[Operation] = []
    parameters: list[tuple[str, tuple[int, ...]]] = []
    previous = "inputs"
    for fan_in, fan_out, activation in zip(widths, widths[1:], activations, strict=False):
        name = str(len(operations))
        names = (f"{name}.weight", f"{name}.bias")[: 1 + bias]
        parameters += list(zip(names, ((fan_out, fan_in), (fan_out,)), strict=False))
        operations.append(Operation("linear", (previous,), name, fan_out, names))
        previous = str(len(operations))
        operations.append(Operation(activation, (name,), previous, fan_out))
    return Program(
        inputs=(("inputs", widths[0]),),
        operations=tuple(operations),
        loss=Loss(loss, reduction, previous),
        optimizer=optimizer,
        parameters=tuple(parameters),
        dtype=dtype,
    )


@st.composite
def trainings(draw: Any) -> dict[str, Any]:
    """A network of any shape, with examples and a state to start from."""
    width = st.integers(1, 40)
    widths = draw(st.lists(width, min_size=2, max_size=4))
    loss = draw(st.sampled_from(LOSSES))
    hidden = st.sampled_from(["relu", "sigmoid", "tanh", "identity", "softmax"])
    activations = [draw(hidden) for _ in widths[2:]]
    activations.append("sigmoid" if loss == "bce" else "identity")
    program = dense(
        widths,
        activations,
        loss,
        reduction=draw(st.sampled_from(["mean", "sum"])),
        optimizer=draw(st.sampled_from(OPTIMIZERS)),
        dtype=draw(st.sampled_from(["float32", "float64"])),
        bias=draw(st.booleans()),
    )
    program = replace(program, loss=weighted(program.loss, widths[-1], draw(st.booleans())))
    parts = draw(st.sampled_from(["one", "two", "some"]))
    program = replace(program, optimizer=parted(program, parts))
    count = draw(st.integers(1, 90))
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    inputs = random.normal(size=(count, widths[0])).astype(program.dtype)
    targets = random.integers(0, widths[-1], count)
    if not program.loss.has_classes:
        targets = random.random((count, widths[-1])).astype(program.dtype)
    parameters = {
        name: random.uniform(-1, 1, shape) / np.sqrt(shape[-1])
        for name, shape in program.parameters
    }
    state = initial_state(program, parameters, 1e-3, Generator(1).get_state())
    return {
        "program": program,
        "state": replace(state, further_rates=np.full(len(program.optimizer.groups[1:]), 2e-3)),
        "inputs": inputs,
        "targets": targets,
        "batch_size": draw(st.integers(1, 100)),
        "shuffle": draw(st.booleans()),
        "row_weights": random.uniform(0.5, 2, count) if draw(st.booleans()) else None,
    }


def weighted(loss: Loss, outputs: int, is_wanted: bool) -> Loss:
    """The loss with weights of its outputs, if it can have some."""
    if loss.kind == "quantile":
        return replace(loss, weights=tuple(np.linspace(0.1, 0.9, outputs)))
    weights = tuple(np.linspace(0.5, 2, outputs))
    if is_wanted and loss.kind in ("bce", "bce_with_logits"):
        loss = replace(loss, element_weights=weights)
    if not is_wanted or loss.kind not in (*CLASSES, "bce_with_logits"):
        return loss
    return replace(loss, weights=weights)


def parted(program: Program, parts: str) -> Optimizer:
    """The optimizer with every other parameter in a group of its own, or learning only those."""
    names = [name for name, _ in program.parameters]
    rule = program.optimizer
    if parts == "one" or len(names) < 2:
        return rule
    settings = dict(rule.settings)
    other = tuple((settings | {"weight_decay": 0.05}).items())
    if parts == "some":
        return replace(rule, groups=(Group(tuple(names[1::2]), rule.settings),))
    groups = Group(tuple(names[::2]), rule.settings), Group(tuple(names[1::2]), other)
    return replace(rule, groups=groups)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda each: each.kernels)
@examined
@given(training=trainings(), threads=st.sampled_from([2, 3, 5]))
def test_threads_change_no_bit(engine: NativeEngine, training: Any, threads: int) -> None:
    alone = engine.run(**training, steps=7, threads=1)
    assert engine.run(**training, steps=7, threads=threads).fingerprint() == alone.fingerprint()


@pytest.mark.parametrize("engine", ENGINES, ids=lambda each: each.kernels)
@examined
@given(training=trainings(), first=st.integers(0, 9), threads=st.sampled_from([1, 2]))
def test_cuts_change_no_bit(engine: NativeEngine, training: Any, first: int, threads: int) -> None:
    losses, parts = np.zeros(9), np.zeros(9)
    whole = engine.run(**training, steps=9, losses=losses)
    training["state"] = engine.run(**training, steps=first, losses=parts[:first], threads=threads)
    cut = engine.run(**training, steps=9 - first, losses=parts[first:])
    assert cut.fingerprint() == whole.fingerprint()
    assert parts.tobytes() == losses.tobytes()


@pytest.mark.parametrize("engine", ENGINES, ids=lambda each: each.kernels)
@examined
@given(training=trainings(), first=st.integers(0, 9), patience=st.none() | st.integers(1, 3))
def test_judging_epochs_changes_no_bit_and_neither_do_its_threads_and_cuts(
    engine: NativeEngine, training: Any, first: int, patience: int | None
) -> None:
    rows = slice(0, 1 + len(training["inputs"]) // 2)
    watch = Watch(training["inputs"][rows], training["targets"][rows], patience)
    whole = engine.run(**training, steps=12, watch=watch, threads=1)
    alone = engine.run(**training, steps=whole.step)
    assert unwatched(whole).fingerprint() == alone.fingerprint()
    training["state"] = engine.run(**training, steps=first, watch=watch, threads=3)
    cut = engine.run(**training, steps=12 - first, watch=watch, threads=2)
    assert cut.fingerprint() == whole.fingerprint()


@pytest.mark.parametrize("engine", ENGINES, ids=lambda each: each.kernels)
@examined
@given(several=st.lists(trainings(), min_size=1, max_size=5), threads=st.integers(1, 4))
def test_networks_alongside_change_no_bit(
    engine: NativeEngine, several: list[Any], threads: int
) -> None:
    together = engine.run_many([Job(**each, steps=7) for each in several], threads=threads)
    for training, state in zip(several, together, strict=True):
        assert isinstance(state, State)
        assert state.fingerprint() == engine.run(**training, steps=7, threads=1).fingerprint()


@pytest.mark.parametrize("engine", ENGINES, ids=lambda each: each.kernels)
@examined
@given(training=trainings(), threads=st.integers(2, 5))
def test_threads_change_no_bit_of_a_prediction(
    engine: NativeEngine, training: Any, threads: int
) -> None:
    program, parameters = training["program"], training["state"].parameters
    data = (program, parameters, training["inputs"])
    alone = engine.predict(*data, threads=1)
    assert engine.predict(*data, threads=threads).tobytes() == alone.tobytes()
    loss, losses = engine.evaluate(*data, training["targets"], threads=1)
    other, others = engine.evaluate(*data, training["targets"], threads=threads)
    assert (other, others.tobytes()) == (loss, losses.tobytes())


def test_cuts_change_no_bit_where_adam_stops_counting() -> None:
    """PyTorch counts the steps in float32, which ends at 2^24; slow betas are still felt there."""
    betas = (("beta1", 1 - 1e-7), ("beta2", 1 - 1e-8))
    program = dense((3, 2), ("identity",), optimizer=Optimizer("adam", betas), dtype="float64")
    random = np.random.default_rng(0)
    parameters = {name: random.normal(size=shape) for name, shape in program.parameters}
    state = initial_state(program, parameters, 1e-3, Generator(0).get_state())
    for name in parameters:
        state.memory[f"{name}.step"] = np.array(2**24 - 2, dtype=np.float32)
    data = {"inputs": random.normal(size=(8, 3)), "targets": random.normal(size=(8, 2))}
    engine = NativeEngine()
    whole = engine.run(program, state, **data, steps=8, batch_size=8)
    for _ in range(8):
        state = engine.run(program, state, **data, steps=1, batch_size=8)
    assert state.fingerprint() == whole.fingerprint()


@pytest.mark.parametrize("engine", ENGINES, ids=lambda each: each.kernels)
@examined
@given(training=trainings(), earlier=st.integers(0, 5))
def test_tracing_changes_no_bit(engine: NativeEngine, training: Any, earlier: int) -> None:
    training["state"] = engine.run(**training, steps=earlier)
    loss = np.zeros(1)
    after = engine.run(**training, steps=1, losses=loss)
    trace = engine.trace(**training)
    assert trace.after.fingerprint() == after.fingerprint()
    assert trace.before.fingerprint() == training["state"].fingerprint()
    assert trace.loss == loss[0]
    assert trace.values["inputs"].tobytes() == training["inputs"][trace.rows].tobytes()


@pytest.mark.parametrize("engine", ENGINES, ids=lambda each: each.kernels)
@examined
@given(training=trainings(), seed=st.integers(0, 99))
def test_a_rows_place_changes_no_bit(engine: NativeEngine, training: Any, seed: int) -> None:
    program, inputs = training["program"], training["inputs"]
    parameters = training["state"].parameters
    together = engine.predict(program, parameters, inputs)
    order = np.random.default_rng(seed).permutation(len(inputs))
    shuffled = engine.predict(program, parameters, inputs[order])
    assert shuffled.tobytes() == together[order].tobytes()
    row = order[0]
    alone = engine.predict(program, parameters, inputs[row : row + 1])
    assert alone.tobytes() == together[row : row + 1].tobytes()
    traced = engine.trace(**training)
    last = program.operations[-1].output
    assert traced.values[last].tobytes() == together[traced.rows].tobytes()
    _, row_losses = engine.evaluate(program, parameters, inputs, training["targets"])
    assert traced.row_losses.tobytes() == row_losses[traced.rows].tobytes()


@pytest.mark.skipif(
    len(FUSED) < 2, reason="this processor has one kind of fma kernels; nothing to compare"
)
@examined
@given(training=trainings())
def test_wider_registers_change_no_bit(training: Any) -> None:
    prints = {engine.run(**training, steps=7).fingerprint() for engine in FUSED}
    assert len(prints) == 1


@pytest.mark.skipif(not FUSED, reason="this processor has no fused multiply-add")
def test_the_arithmetic_does_change_bits() -> None:
    program = dense((9, 9, 1), ("tanh", "identity"))
    random = np.random.default_rng(0)
    parameters = {name: random.normal(size=shape) for name, shape in program.parameters}
    state = initial_state(program, parameters, 0.01, Generator(0).get_state())
    inputs = random.normal(size=(50, 9)).astype("float32")
    targets = random.normal(size=(50, 1)).astype("float32")
    prints = [
        engine.run(program, state, inputs, targets, steps=50, batch_size=10).fingerprint()
        for engine in (NativeEngine("plain"), NativeEngine("fma"))
    ]
    assert prints[0] != prints[1]


@pytest.mark.parametrize("engine", ENGINES, ids=lambda each: each.kernels)
@pytest.mark.parametrize("widths", [(3, 5, 1), (40, 50, 2)], ids=str)
def test_several_blocks_of_rows(engine: NativeEngine, widths: tuple[int, ...]) -> None:
    program = dense(widths, ("relu", "identity"), optimizer=Optimizer("adam"))
    random = np.random.default_rng(0)
    parameters = {name: random.normal(size=shape) for name, shape in program.parameters}
    training: dict[str, Any] = {
        "program": program,
        "state": initial_state(program, parameters, 0.01, Generator(0).get_state()),
        "inputs": random.normal(size=(5000, widths[0])).astype("float32"),
        "targets": random.normal(size=(5000, widths[-1])).astype("float32"),
        "batch_size": 3000,
    }
    prints = {engine.run(**training, steps=4, threads=n).fingerprint() for n in (1, 2, 3)}
    assert len(prints) == 1


def test_the_bits_are_those_of_the_specification() -> None:
    """A product is one chain from the bias; a sum is 16 parts and a tree: written out by hand."""
    engine = NativeEngine("plain")
    random = np.random.default_rng(0)
    program = dense((7, 2), ("identity",))
    parameters = {
        name: random.normal(size=shape).astype("float32") for name, shape in program.parameters
    }
    state = initial_state(program, parameters, 0.1, Generator(0).get_state())
    inputs = random.normal(size=(50, 7)).astype("float32")
    targets = random.normal(size=(50, 2)).astype("float32")
    trace = engine.trace(program, state, inputs, targets, batch_size=50, shuffle=False)
    weight, bias = parameters["0.weight"], parameters["0.bias"]
    z = np.tile(bias, (50, 1))
    for k in range(7):
        z += weight[:, k] * inputs[:, k : k + 1]
    assert trace.values["0"].tobytes() == z.tobytes()
    delta = (z - targets) * np.float32(2) * (np.float32(1) / np.float32(100))
    assert trace.deltas["0"].tobytes() == delta.tobytes()
    assert trace.gradients["0.bias"].tobytes() == sixteen_parts(delta).tobytes()
    shares = delta[:, :, None] * inputs[:, None, :]
    assert trace.gradients["0.weight"].tobytes() == sixteen_parts(shares).tobytes()


def test_adams_bits_are_those_of_its_specification() -> None:
    """The formulas in numpy, one rounding an operation; a corrected fraction is divided once."""
    engine = NativeEngine("plain")
    random = np.random.default_rng(0)
    program = dense((9, 9, 2), ("tanh", "identity"), optimizer=Optimizer("adam"))
    parameters = {name: random.normal(size=shape) for name, shape in program.parameters}
    state = initial_state(program, parameters, 0.01, Generator(0).get_state())
    inputs = random.normal(size=(20, 9)).astype("float32")
    targets = random.normal(size=(20, 2)).astype("float32")
    number = np.float32
    for step in range(1, 6):
        trace = engine.trace(program, state, inputs, targets, batch_size=20)
        for name, g in trace.gradients.items():
            p, m, v = (
                state.parameters[name],
                state.memory[f"{name}.exp_avg"],
                state.memory[f"{name}.exp_avg_sq"],
            )
            m = m + (g - m) * number(1 - 0.9)
            v = v * number(0.999) + g * number(1 - 0.999) * g
            root = (1 - 0.999**step) ** 0.5
            spread = np.sqrt(v) + number(1e-8 * root)
            p = p - number(0.01 * root / (1 - 0.9**step)) * m / spread
            assert trace.after.memory[f"{name}.exp_avg"].tobytes() == m.tobytes()
            assert trace.after.memory[f"{name}.exp_avg_sq"].tobytes() == v.tobytes()
            assert trace.after.parameters[name].tobytes() == p.tobytes()
        state = trace.after


def sixteen_parts(terms: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    parts = np.zeros((16, *terms.shape[1:]), terms.dtype)
    for i, term in enumerate(terms):
        parts[i % 16] += term
    while len(parts) > 1:
        half = len(parts) // 2
        parts = parts[:half] + parts[half:]
    return parts[0]
