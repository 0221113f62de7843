"""Modules with a forward of their own: what becomes a program, and what ends the walk, and why."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import pellucid
from pellucid import Trainer, manual_seed, nn, optim
from pellucid.engine.building import build_network
from pellucid.engine.eager import EagerEngine
from pellucid.engine.exchange import read_state
from pellucid.engine.graph import Graph
from pellucid.engine.lowering import lower
from pellucid.engine.native import NativeEngine
from pellucid.engine.obstacle import CannotLower
from pellucid.engine.program import Program
from pellucid.random import default_generator

F = nn.functional
WIDTH = 5


class Own(nn.Module):
    """A module whose forward is a function of it and its inputs, with some layers at hand."""

    def __init__(self, walk: Callable[..., Any], lib: Any = pellucid) -> None:
        super().__init__()
        self.walk, self.lib = walk, lib
        self.a = nn.Linear(WIDTH, 4)
        self.b = nn.Linear(4, 4)
        self.act = nn.Tanh()

    def forward(self, x: Any) -> Any:
        return self.walk(self, x)


def towards(module: Any, *parts: Any) -> Any:
    return module.lib.cat(parts, dim=1)


def both(m: Any, x: Any) -> Any:
    hidden = m.act(m.a(x))
    return towards(m, m.act(m.b(hidden)), hidden, x)


def doubled(m: Any, x: Any) -> Any:
    hidden = m.a(x)
    return m.b(hidden + hidden) + hidden


def summed(m: Any, x: Any) -> Any:
    hidden = m.a(x)
    return sum([hidden, m.b(hidden), m.act(hidden)])


WALKS: dict[str, Callable[[Any, Any], Any]] = {
    "a chain": lambda m, x: m.b(m.act(m.a(x)).relu()),
    "out of order": lambda m, x: m.act(m.b(m.act(m.a(x)))),
    "joined": both,
    "joined with itself": lambda m, x: towards(m, *[m.b(m.a(x))] * 3),
    "added to itself": doubled,
    "sum": summed,
    "functions": lambda m, x: F.softmax(F.gelu(m.b(F.leaky_relu(m.a(x), 0.2)), "tanh"), dim=1),
    "more functions": lambda m, x: F.log_softmax(F.elu(m.b(F.softplus(m.a(x))), 0.5), dim=-1),
    "methods": lambda m, x: m.b(m.a(x).flatten(1).softmax(1)).log_softmax(1),
    "words": lambda m, x: pellucid.tanh(
        nn.ReLU()(m.b(pellucid.softmax(pellucid.flatten(m.a(x), 1), 1)))
    ),
    "in two modes": lambda m, x: F.dropout(m.b(m.a(x)), 0.5, training=m.training),
    "never dropped": lambda m, x: F.dropout(m.b(m.a(x)), 0.5, training=False),
    "normalized": lambda m, x: F.layer_norm(m.b(m.a(x)), (4,)),
}


def program_of(walk: Callable[[Any, Any], Any], dtype: str = "float64") -> tuple[Program, Any]:
    """The program of a walk, and where its training starts."""
    manual_seed(3)
    model = Own(walk).to(dtype)
    rule = optim.Adam(model.parameters(), lr=0.05)
    program = lower(model, nn.MSELoss(), rule, input_width=WIDTH)
    return program, read_state(model, rule, default_generator)


def data_of(program: Program, count: int = 23) -> tuple[Any, Any]:
    random_numbers = np.random.default_rng(0)
    shapes = (count, WIDTH), (count, program.widths()[program.loss.prediction])
    return tuple(random_numbers.normal(size=shape).astype(program.dtype) for shape in shapes)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", WALKS)
def test_native_trains_as_eager(name: str, dtype: str) -> None:
    program, state = program_of(WALKS[name], dtype)
    inputs, targets = data_of(program)
    losses = np.empty(9), np.empty(9)
    reached = [
        engine.run(program, state, inputs, targets, steps=9, batch_size=7, losses=each)
        for engine, each in zip((NativeEngine(), EagerEngine()), losses, strict=True)
    ]
    exactness = {"rtol": 2e-4, "atol": 1e-5} if dtype == "float32" else {"rtol": 1e-9}
    np.testing.assert_allclose(*losses, **exactness)
    for parameter in state.parameters:
        np.testing.assert_allclose(
            *(each.parameters[parameter] for each in reached), **exactness | {"atol": 1e-4}
        )


@pytest.mark.parametrize("name", WALKS)
def test_a_traced_step_is_the_eager_one(name: str) -> None:
    program, state = program_of(WALKS[name])
    inputs, targets = data_of(program)
    native, eager = (
        engine.trace(program, state, inputs, targets, batch_size=7)
        for engine in (NativeEngine(), EagerEngine())
    )
    for mine, theirs in ((native.values, eager.values), (native.deltas, eager.deltas)):
        assert list(mine) == list(theirs)
        for each in mine:
            np.testing.assert_allclose(mine[each], theirs[each], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in WALKS if name != "in two modes"])
def test_a_built_network_computes_what_the_module_does(name: str) -> None:
    model = Own(WALKS[name]).double()
    rule = optim.SGD(model.parameters())
    program = lower(model, nn.MSELoss(), rule, input_width=WIDTH)
    built = build_network(program, {k: np.asarray(v) for k, v in model.named_parameters()})
    x = pellucid.tensor(data_of(program)[0])
    np.testing.assert_array_equal(np.asarray(built(x)), np.asarray(model(x)))
    assert isinstance(built, Graph) or name not in ("joined", "sum", "added to itself")


def test_a_path_that_is_left_and_entered_again_is_no_chain() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.ModuleList([nn.Linear(WIDTH, 4), nn.Linear(4, 3)])
            self.outer = nn.Linear(4, 4)

        def forward(self, x: Any) -> Any:
            return self.inner[1](self.outer(self.inner[0](x)))

    model = Two()
    program = lower(model, nn.MSELoss(), optim.SGD(model.parameters()), input_width=WIDTH)
    assert isinstance(build_network(program), Graph)


class Torch(torch.nn.Module):
    """The joined walk in PyTorch."""

    def __init__(self, weights: dict[str, Any]) -> None:
        super().__init__()
        self.lib = torch
        self.a, self.b = torch.nn.Linear(WIDTH, 4), torch.nn.Linear(4, 4)
        self.act = torch.nn.Tanh()
        self.double()
        self.load_state_dict({k: torch.tensor(np.asarray(v)) for k, v in weights.items()})

    def forward(self, x: Any) -> Any:
        return both(self, x)


def test_trainer_takes_it_natively_and_learns_what_pytorch_learns() -> None:
    manual_seed(5)
    model = Own(both).double()
    theirs = Torch(model.state_dict())
    rule = torch.optim.Adam(theirs.parameters(), lr=0.05)
    random_numbers = np.random.default_rng(2)
    x, y = random_numbers.normal(size=(20, WIDTH)), random_numbers.normal(size=(20, 13))
    trainer = Trainer(model, nn.MSELoss(), optim.Adam(model.parameters(), lr=0.05))
    history = trainer.fit(x, y, batch_size=20, epochs=15, shuffle=False)
    assert history.engine == "native"
    for loss in history.losses:
        found = torch.nn.functional.mse_loss(theirs(torch.tensor(x)), torch.tensor(y))
        assert loss == pytest.approx(found.item(), rel=1e-10)
        rule.zero_grad()
        found.backward()
        rule.step()


def remember(m: Any, x: Any) -> Any:
    m.last = m.b(m.a(x))
    return m.last


def catch(m: Any, x: Any) -> Any:
    try:
        return m.b(m.a(x * 2))
    except Exception:  # noqa: BLE001 (the worst that a forward may do)
        return m.b(m.a(x))


def turn(m: Any, x: Any) -> Any:
    return m.b(m.a(x)) if m.training else m.act(m.b(m.a(x)))


def add_in_place(m: Any, x: Any) -> Any:
    hidden = m.a(x)
    hidden += m.b(hidden)
    return hidden


REFUSED: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "sum": (lambda m, x: m.b(m.a(x)) + x.sum(), "the forward of Own uses `.sum`"),
    "shape": (lambda m, x: m.b(m.a(x)) if x.shape[1] > 2 else x, "uses `.shape`"),
    "times": (lambda m, x: m.b(m.a(x)) * 2, r"uses `\*`"),
    "minus": (lambda m, x: 1 - m.b(m.a(x)), "uses `-`"),
    "plus a number": (lambda m, x: m.b(m.a(x)) + 1, r"uses `\+` with a int"),
    "plus a parameter": (lambda m, x: m.b(m.a(x)) + m.b.bias, r"uses `\+` with a Parameter"),
    "a parameter plus": (lambda m, x: m.b.bias + m.b(m.a(x)), "that the engine does not know"),
    "in place": (add_in_place, r"uses `\+=`"),
    "indexing": (lambda m, x: m.b(m.a(x))[:, 0], r"uses `\[…\]`"),
    "a question": (lambda m, x: m.b(m.a(x)) if x else m.a(x), "uses `if, for, len or in`"),
    "an item": (lambda m, x: m.b(m.a(x)).item(), "uses `.item`"),
    "printing": (lambda m, x: print(x) or m.b(m.a(x)), "uses `print`"),
    "another axis": (lambda m, x: pellucid.cat([m.b(m.a(x)), x]), "uses `cat` along dim=0"),
    "other parts": (
        lambda m, x: pellucid.cat([m.b(m.a(x)), pellucid.ones(3, 1)], dim=1),
        "uses `cat` with a Tensor",
    ),
    "widths": (lambda m, x: m.b(m.a(x)) + x, "4 and 5 columns are added"),
    "a layer that does not fit": (lambda m, x: m.b(x), "layer 'b', Linear wants 4 inputs"),
    "a layer twice": (lambda m, x: m.b(m.b(m.a(x))), "layer 'b', Linear is used in two places"),
    "a layer not used": (lambda m, x: m.a(x), "'b.weight' belongs to no layer"),
    "a value not used": (lambda m, x: [m.act(m.a(x)), m.b(m.a(x))][1], "used in two places"),
    "nothing": (lambda *_: None, "returns a NoneType, no tensor"),
    "an error": (lambda m, x: m.c(x), "could not be walked .AttributeError"),
    "an error that is caught": (catch, r"uses `\*`"),
    "modes": (turn, "does something else in evaluation mode"),
    "dropping always": (lambda m, x: F.dropout(m.b(m.a(x))), "dropout in evaluation mode too"),
    "an attribute": (remember, "changes its `last`"),
    "our chance": (lambda m, x: m.b(m.a(x)) if pellucid.rand(1).item() < 2 else x, "by chance"),
    "python's chance": (
        lambda m, x: m.b(m.a(x)) if random.random() < 2 else x,  # noqa: S311
        "by chance",
    ),
    "numpy's chance": (
        lambda m, x: m.b(m.a(x)) if np.random.rand() < 2 else x,  # noqa: NPY002
        "by chance",
    ),
    "a new layer": (lambda m, x: nn.SiLU()(m.b(m.a(x))), "that the engine does not know"),
    "a word": (lambda m, x: pellucid.exp(m.b(m.a(x))), "uses `exp`"),
    "a weighted sum": (lambda m, x: F.linear(m.a(x), m.b.weight, m.b.bias), "uses `@`"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_ends_the_walk(name: str) -> None:
    walk, words = REFUSED[name]
    model = Own(walk)
    before = {each: dict(vars(each)) for each in model.modules()}
    state = default_generator.get_state(), random.getstate()
    with pytest.raises(CannotLower, match=words):
        lower(model, nn.MSELoss(), optim.SGD(model.parameters()), input_width=WIDTH)
    np.testing.assert_array_equal(default_generator.get_state(), state[0])
    assert random.getstate() == state[1]
    for each, attributes in before.items():
        assert vars(each) == attributes


def test_a_value_that_nobody_reads() -> None:
    walk = lambda m, x: [m.act(x), m.b(m.a(x))][1]  # noqa: E731
    model = Own(walk)
    with pytest.raises(CannotLower, match="what 'act' gives is not used"):
        lower(model, nn.MSELoss(), optim.SGD(model.parameters()), input_width=WIDTH)


def test_hooks_and_a_replaced_forward_end_it() -> None:
    model = Own(both)
    handle = model.act.register_forward_hook(lambda *_: None)
    rule = optim.SGD(model.parameters())
    with pytest.raises(CannotLower, match="layer 'act', Tanh has hooks"):
        lower(model, nn.MSELoss(), rule, input_width=WIDTH)
    handle.remove()
    model.forward = lambda x: x  # type: ignore[method-assign]
    with pytest.raises(CannotLower, match="Own has a `forward` of its own"):
        lower(model, nn.MSELoss(), rule, input_width=WIDTH)


def test_what_cannot_be_walked_is_trained_in_python_and_says_why() -> None:
    model = Own(lambda m, x: m.b(m.a(x)) * 2)
    trainer = Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1))
    history = trainer.fit(np.ones((6, WIDTH)), np.ones((6, 4)), batch_size=3)
    assert history.engine == "eager"
    assert history.reason == (
        "the forward of Own uses `*`; the engine takes layers of pellucid, `pellucid.cat` along "
        "dim 1, `+` and activation functions"
    )


STEPS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "add": lambda _, h, other: h + other,
    "cat": lambda m, h, other: m.narrow(m.count, towards(m, h, other)),
    "bend": lambda m, h, other: m.act(h) + other,
    "linear": lambda m, h, other: m.narrow(m.count, h) + other,
    "drop": lambda m, h, other: F.dropout(h, 0.25, m.training) + other,
}


class Random(nn.Module):
    """Some steps, each of which reads two of the values so far."""

    def __init__(self, steps: list[tuple[str, int, int]]) -> None:
        super().__init__()
        self.lib, self.steps, self.act = pellucid, steps, nn.Sigmoid()
        self.first = nn.Linear(WIDTH, 3)
        self.layers = nn.ModuleDict()
        widths = {"cat": 6, "linear": 3}
        for number, (kind, _, _) in enumerate(steps):
            if kind in widths:
                self.layers[str(number)] = nn.Linear(widths[kind], 3)

    @property
    def count(self) -> int:
        return self.places[0]

    def narrow(self, number: int, x: Any) -> Any:
        return self.layers[str(number)](x)

    def forward(self, x: Any) -> Any:
        values = [self.first(x)]
        for number, (kind, i, j) in enumerate(self.steps):
            self.places[0] = number
            values.append(STEPS[kind](self, values[i % len(values)], values[j % len(values)]))
        return sum(values)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 9), st.integers(0, 9)), max_size=6
    )
)
def test_any_graph_is_trained_as_by_the_eager_engine(steps: list[tuple[str, int, int]]) -> None:
    manual_seed(len(steps))
    model = Random(steps).double()
    model.places = [0]
    rule = optim.SGD(model.parameters(), lr=0.02)
    program = lower(model, nn.MSELoss(), rule, input_width=WIDTH)
    state = read_state(model, rule, default_generator)
    inputs, targets = data_of(program, 19)
    reached = [
        engine.run(program, state, inputs, targets, steps=4, batch_size=6)
        for engine in (NativeEngine(), EagerEngine())
    ]
    for name in state.parameters:
        np.testing.assert_allclose(
            *(each.parameters[name] for each in reached), rtol=1e-8, atol=1e-10
        )
