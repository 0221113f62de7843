"""The determinism contract for every kind of layer: networks of random layers, built by name.

The contract itself, and the sums of dense networks, are in `test_determinism`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import pellucid
from pellucid import _native, nn, optim
from pellucid.engine.exchange import read_state
from pellucid.engine.lowering import lower
from pellucid.engine.native import NativeEngine
from pellucid.random import Generator, manual_seed

ENGINES = [NativeEngine(kernels=name) for name, _ in _native.machines()]
FUSED = [engine for engine in ENGINES if engine.arithmetic == "fma"]
examined = settings(max_examples=25, deadline=None, derandomize=True)
on_all_machines = pytest.mark.parametrize("engine", ENGINES, ids=lambda each: each.kernels)


class Branches(nn.Module):
    """A forward of its own: two ways that meet, one of them past all layers."""

    def __init__(self, width: int, dtype: str) -> None:
        super().__init__()
        self.narrow = nn.Linear(width, 3, dtype=dtype)
        self.wide = nn.Linear(width, 20, dtype=dtype)
        self.back = nn.Linear(width + 23, width, dtype=dtype)
        self.bend = nn.Tanh()

    def forward(self, x: Any) -> Any:
        both = pellucid.cat([self.bend(self.wide(x)), x, self.narrow(x)], dim=1)
        return self.bend(self.back(nn.functional.gelu(both))) + x


LAYERS: dict[str, Callable[[int, str], nn.Module]] = {
    "leaky_relu": lambda *_: nn.LeakyReLU(0.1),
    "elu": lambda *_: nn.ELU(),
    "selu": lambda *_: nn.SELU(),
    "gelu": lambda *_: nn.GELU(),
    "gelu_tanh": lambda *_: nn.GELU(approximate="tanh"),
    "silu": lambda *_: nn.SiLU(),
    "mish": lambda *_: nn.Mish(),
    "softplus": lambda *_: nn.Softplus(),
    "relu": lambda *_: nn.ReLU(),
    "softmax": lambda *_: nn.Softmax(dim=1),
    "log_softmax": lambda *_: nn.LogSoftmax(dim=1),
    "flatten": lambda *_: nn.Flatten(),
    "dropout": lambda *_: nn.Dropout(0.3),
    "layer_norm": lambda width, dtype: nn.LayerNorm(width, dtype=dtype),
    "batch_norm": lambda width, dtype: nn.BatchNorm1d(width, eps=1e-2, dtype=dtype),
    "mean batch_norm": lambda width, dtype: nn.BatchNorm1d(width, 1e-2, None, dtype=dtype),
    "batch_norm in eval": lambda width, dtype: nn.BatchNorm1d(width, dtype=dtype).eval(),
    "residual": lambda width, dtype: nn.Residual(
        nn.Linear(width, width, dtype=dtype), nn.Residual(nn.SiLU())
    ),
    "branches": Branches,
}
COUPLED = ("dropout", "batch_norm")


def training_of(layers: list[nn.Module], count: int, batch_size: int, dtype: str) -> dict[str, Any]:
    """The arguments of `Engine.run` for a network, with data of its own."""
    model = nn.Sequential(*layers)
    rule = optim.Adam(model.parameters(), lr=0.01)
    inputs_width, outputs = 5, 3
    random = np.random.default_rng(0)
    return {
        "program": lower(model, nn.MSELoss(), rule, input_width=inputs_width),
        "state": read_state(model, rule, Generator(1)),
        "inputs": random.normal(size=(count, inputs_width)).astype(dtype),
        "targets": random.normal(size=(count, outputs)).astype(dtype),
        "batch_size": batch_size,
    }


@st.composite
def trainings(draw: st.DrawFn) -> dict[str, Any]:
    """A network with some of the layers at random places."""
    manual_seed(draw(st.integers(0, 100)))
    dtype, width = draw(st.sampled_from(["float32", "float64"])), draw(st.integers(1, 40))
    names = draw(st.lists(st.sampled_from(sorted(LAYERS)), min_size=1, max_size=4))
    middle = [LAYERS[name](width, dtype) for name in names]
    first = [LAYERS["layer_norm"](5, dtype)] if draw(st.booleans()) else []
    layers = [nn.Linear(5, width, dtype=dtype), *middle, nn.Linear(width, 3, dtype=dtype)]
    count, batch_size = draw(st.integers(2, 90)), draw(st.integers(2, 100))
    assume(count % batch_size != 1)
    return training_of(first + layers, count, batch_size, dtype)


@on_all_machines
@examined
@given(training=trainings(), threads=st.sampled_from([2, 3, 5]))
def test_threads_change_no_bit(engine: NativeEngine, training: Any, threads: int) -> None:
    alone = engine.run(**training, steps=7, threads=1)
    assert engine.run(**training, steps=7, threads=threads).fingerprint() == alone.fingerprint()


@on_all_machines
@examined
@given(training=trainings(), first=st.integers(0, 9), threads=st.sampled_from([1, 2]))
def test_cuts_change_no_bit(engine: NativeEngine, training: Any, first: int, threads: int) -> None:
    whole = engine.run(**training, steps=9)
    training["state"] = engine.run(**training, steps=first, threads=threads)
    assert engine.run(**training, steps=9 - first).fingerprint() == whole.fingerprint()


@on_all_machines
@examined
@given(training=trainings(), earlier=st.integers(0, 3))
def test_tracing_changes_no_bit(engine: NativeEngine, training: Any, earlier: int) -> None:
    training["state"] = engine.run(**training, steps=earlier)
    loss = np.zeros(1)
    after = engine.run(**training, steps=1, losses=loss)
    trace = engine.trace(**training)
    assert trace.after.fingerprint() == after.fingerprint()
    assert trace.before.fingerprint() == training["state"].fingerprint()
    assert trace.loss == loss[0]


@on_all_machines
@examined
@given(training=trainings(), seed=st.integers(0, 99))
def test_a_rows_place_changes_no_bit(engine: NativeEngine, training: Any, seed: int) -> None:
    program, inputs = training["program"], training["inputs"]
    values = engine.run(**training, steps=2).values()
    together = engine.predict(program, values, inputs)
    order = np.random.default_rng(seed).permutation(len(inputs))
    assert engine.predict(program, values, inputs[order]).tobytes() == together[order].tobytes()
    alone = engine.predict(program, values, inputs[order[:1]])
    assert alone.tobytes() == together[order[:1]].tobytes()
    if any(each.kind in COUPLED for each in program.operations):
        return  # while training goes on, rows then depend on each other or on their number
    traced = engine.trace(**training)
    untrained = engine.predict(program, training["state"].values(), inputs)
    last = program.operations[-1].output
    assert traced.values[last].tobytes() == untrained[traced.rows].tobytes()


@pytest.mark.skipif(
    len(FUSED) < 2, reason="this processor has one kind of fma kernels; nothing to compare"
)
@examined
@given(training=trainings())
def test_wider_registers_change_no_bit(training: Any) -> None:
    assert len({engine.run(**training, steps=7).fingerprint() for engine in FUSED}) == 1


@on_all_machines
@pytest.mark.parametrize("name", ["layer_norm", "batch_norm", "dropout"])
def test_several_blocks_of_rows(engine: NativeEngine, name: str) -> None:
    manual_seed(0)
    layers = [nn.Linear(5, 33), LAYERS[name](33, "float32"), nn.Linear(33, 3)]
    training = training_of(layers, 5000, 2100, "float32")
    prints = {engine.run(**training, steps=4, threads=n).fingerprint() for n in (1, 2, 3)}
    assert len(prints) == 1


def test_the_bits_of_moments_are_those_of_the_specification() -> None:
    """Sums of 16 parts and a tree; of a batch in blocks of 1,024 rows: written out by hand."""
    layers = [nn.BatchNorm1d(5, affine=False), nn.LayerNorm(5), nn.Linear(5, 3)]
    training = training_of(layers, 1100, 1100, "float32")
    trace = NativeEngine("plain").trace(**training, shuffle=False)
    x = training["inputs"]
    number = np.float32

    def over_rows(terms: Any) -> Any:
        return sixteen_parts(terms[:1024]) + sixteen_parts(terms[1024:])

    mean = over_rows(x) / number(1100)
    variance = over_rows((x - mean) * (x - mean)) / number(1100)
    z = (x - mean) * (number(1) / np.sqrt(variance + number(1e-5)))
    assert trace.values["0"].tobytes() == z.tobytes()
    mean = (sixteen_parts(z.T) / number(5))[:, None]
    variance = (sixteen_parts(((z - mean) * (z - mean)).T) / number(5))[:, None]
    y = (z - mean) * (number(1) / np.sqrt(variance + number(1e-5)))
    assert trace.values["1"].tobytes() == y.tobytes()
    assert trace.gradients["1.bias"].tobytes() == over_rows(trace.deltas["1"]).tobytes()
    assert trace.gradients["1.weight"].tobytes() == over_rows(trace.deltas["1"] * y).tobytes()


def sixteen_parts(terms: Any) -> Any:
    parts = np.zeros((16, *terms.shape[1:]), terms.dtype)
    for i, term in enumerate(terms):
        parts[i % 16] += term
    while len(parts) > 1:
        half = len(parts) // 2
        parts = parts[:half] + parts[half:]
    return parts[0]
