"""One law for every engine: from the same state the same steps, up to rounding.

Random architectures, through the public words: a module is built, lowered, and executed by the
native and by the eager engine. The eager one is held against PyTorch in `tests/train`.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import pellucid
from pellucid import nn, optim
from pellucid.engine.building import build_network
from pellucid.engine.eager import EagerEngine
from pellucid.engine.exchange import read_state, write_state
from pellucid.engine.losses import build_loss, of_chances
from pellucid.engine.lowering import lower
from pellucid.engine.native import NativeEngine
from pellucid.engine.optimizers import build_optimizer
from pellucid.engine.program import Program
from pellucid.engine.state import State
from pellucid.errors import TrainingError
from pellucid.random import Generator

Array = np.ndarray[Any, Any]

# Random networks apply functions twice that people should apply once.
pytestmark = pytest.mark.filterwarnings("ignore:.* was given the output of a")

# Each makes a layer that keeps the width.
LAYERS: dict[str, Callable[[int, str], nn.Module]] = {
    "relu": lambda *_: nn.ReLU(),
    "sigmoid": lambda *_: nn.Sigmoid(),
    "tanh": lambda *_: nn.Tanh(),
    "softmax": lambda *_: nn.Softmax(dim=-1),
    "log_softmax": lambda *_: nn.LogSoftmax(dim=1),
    "identity": lambda *_: nn.Identity(),
    "flatten": lambda *_: nn.Flatten(),
    "leaky_relu": lambda *_: nn.LeakyReLU(0.2),
    "elu": lambda *_: nn.ELU(0.7),
    "selu": lambda *_: nn.SELU(),
    "gelu": lambda *_: nn.GELU(),
    "gelu_tanh": lambda *_: nn.GELU(approximate="tanh"),
    "silu": lambda *_: nn.SiLU(),
    "mish": lambda *_: nn.Mish(),
    "softplus": lambda *_: nn.Softplus(2.0, 3.0),
    "dropout": lambda *_: nn.Dropout(0.3),
    "no dropout": lambda *_: nn.Dropout(0.0),
    "all dropped": lambda *_: nn.Dropout(1.0),
    "dropout in eval": lambda *_: nn.Dropout(0.5).eval(),
    "layer_norm": lambda width, dtype: nn.LayerNorm(width, eps=1e-2, dtype=dtype),
    "layer_norm without bias": lambda width, dtype: nn.LayerNorm(
        width, eps=1e-2, bias=False, dtype=dtype
    ),
    "bare layer_norm": lambda width, dtype: nn.LayerNorm(
        width, eps=1e-2, elementwise_affine=False, dtype=dtype
    ),
    "batch_norm": lambda width, dtype: nn.BatchNorm1d(width, eps=1e-2, dtype=dtype),
    "batch_norm without bias": lambda width, dtype: nn.BatchNorm1d(
        width, eps=1e-2, momentum=None, bias=False, dtype=dtype
    ),
    "bare batch_norm": lambda width, dtype: nn.BatchNorm1d(
        width, eps=1e-2, momentum=0.3, affine=False, dtype=dtype
    ),
    "batch_norm in eval": lambda width, dtype: nn.BatchNorm1d(width, dtype=dtype).eval(),
    "residual": lambda width, dtype: nn.Residual(
        nn.Linear(width, width, dtype=dtype), nn.Tanh(), nn.Linear(width, width, dtype=dtype)
    ),
    "residual of residuals": lambda width, dtype: nn.Residual(
        nn.Residual(nn.SiLU()), nn.Residual(nn.Linear(width, width, dtype=dtype))
    ),
    "empty residual": lambda *_: nn.Residual(),
}
NUMBERS = ["mse", "l1", "huber", "smooth_l1", "quantile", "poisson_nll", "bce", "bce_with_logits"]


@st.composite
def losses(draw: st.DrawFn, kind: str, outputs: int, dtype: str) -> Any:
    """A loss of a kind with settings."""
    reduction = draw(st.sampled_from(["mean", "sum"]))
    sizes = st.sampled_from([0.5, 1.0, 2.0])
    weight = None
    if draw(st.booleans()):
        weight = pellucid.tensor(np.array([draw(sizes) for _ in range(outputs)], dtype))
    ignored = draw(st.sampled_from([-100, 0, outputs - 1]))
    makers: dict[str, Any] = {
        "mse": lambda: nn.MSELoss(reduction),
        "l1": lambda: nn.L1Loss(reduction),
        "huber": lambda: nn.HuberLoss(reduction, draw(sizes)),
        "smooth_l1": lambda: nn.SmoothL1Loss(reduction, draw(st.sampled_from([0.0, 0.5, 1.0]))),
        "quantile": lambda: nn.QuantileLoss(np.linspace(0.1, 0.8, outputs).tolist(), reduction),
        "poisson_nll": lambda: nn.PoissonNLLLoss(full=draw(st.booleans()), reduction=reduction),
        "bce": lambda: nn.BCELoss(weight, reduction=reduction),
        "bce_with_logits": lambda: nn.BCEWithLogitsLoss(
            draw(st.sampled_from([weight, None])), reduction=reduction, pos_weight=weight
        ),
        "soft_cross_entropy": lambda: nn.CrossEntropyLoss(
            weight, reduction=reduction, label_smoothing=draw(st.sampled_from([0.0, 0.3]))
        ),
        "cross_entropy": lambda: nn.CrossEntropyLoss(
            weight,
            ignore_index=ignored,
            reduction=reduction,
            label_smoothing=draw(st.sampled_from([0.0, 0.3])),
        ),
        "nll": lambda: nn.NLLLoss(weight, ignore_index=ignored, reduction=reduction),
    }
    return makers[kind]()


@dataclass(frozen=True)
class Case:
    """A training to be done by every engine."""

    program: Program
    state: State
    inputs: Array
    targets: Array
    batch_size: int
    shuffle: bool
    rows: Array | None
    row_weights: Array | None

    def data(self) -> dict[str, Any]:
        chosen = {"batch_size": self.batch_size, "shuffle": self.shuffle, "rows": self.rows}
        weights = {"row_weights": self.row_weights}
        return {"inputs": self.inputs, "targets": self.targets, **chosen, **weights}


@st.composite
def optimizers(draw: st.DrawFn) -> Any:
    """A function that makes an optimizer over parameters; each may have a group of its own."""
    lr = draw(st.sampled_from([0.0, 0.01, 0.1]))
    kind = draw(st.sampled_from(["SGD", "Adam", "AdamW", "RMSprop", "Adagrad"]))
    settings: dict[str, Any] = {"maximize": draw(st.booleans())}
    if settings["maximize"]:  # in small steps: rounding would grow with a loss that explodes
        lr /= 100
    if kind == "RMSprop":  # its first steps are ten times as long as others'
        lr /= 10
    if kind == "SGD":
        settings["momentum"] = draw(st.sampled_from([0, 0.9]))
        settings["nesterov"] = settings["momentum"] > 0 and draw(st.booleans())
        settings["dampening"] = 0 if settings["nesterov"] else draw(st.sampled_from([0, 0.5]))
    else:
        # Larger than the default: where a gradient is all rounding, division would magnify it.
        settings["eps"] = 0.1 if kind == "RMSprop" else 1e-3
    if kind in ("Adam", "AdamW"):
        settings["betas"] = draw(st.sampled_from([(0.9, 0.999), (0.5, 0.9), (0.0, 0.5)]))
        settings["amsgrad"] = draw(st.booleans())
    if kind == "RMSprop":
        settings |= {"momentum": draw(st.sampled_from([0, 0.5])), "centered": draw(st.booleans())}
    if kind == "Adagrad":
        settings |= {"lr_decay": 0.1, "initial_accumulator_value": draw(st.sampled_from([0, 0.5]))}
    decays = draw(st.lists(st.sampled_from([0, 0.01]), min_size=1, max_size=3))

    def make(params: Any) -> optim.Optimizer:
        shares = [list(params)]
        if len(decays) > 1 and len(shares[0]) > 1:
            shares = [shares[0][1:], shares[0][:1]]
        groups = [
            {"params": share, "weight_decay": decay, "lr": lr / (1 + i)}
            for i, (share, decay) in enumerate(zip(shares, decays, strict=False))
        ]
        rule: optim.Optimizer = getattr(optim, kind)(groups, **settings)
        return rule

    return make


@st.composite
def cases(draw: st.DrawFn, dtype: str) -> Case:
    """A network of random layers with data, somewhere in a training."""
    widths = draw(st.lists(st.integers(1, 20), min_size=2, max_size=4))
    loss = draw(st.sampled_from([*NUMBERS, "cross_entropy", "soft_cross_entropy", "nll"]))
    pellucid.manual_seed(draw(st.integers(0, 2**32)))
    layers: list[nn.Module] = []
    for fan_in, fan_out in itertools.pairwise(widths):
        layers.append(nn.Linear(fan_in, fan_out, bias=draw(st.booleans()), dtype=dtype))
        chosen = draw(st.lists(st.sampled_from(sorted(LAYERS)), max_size=3))
        layers += [LAYERS[name](fan_out, dtype) for name in chosen]
    if loss == "bce":
        layers.append(nn.Sigmoid())
    if draw(st.booleans()):
        layers.insert(0, LAYERS[draw(st.sampled_from(sorted(LAYERS)))](widths[0], dtype))
    cut = draw(st.integers(0, len(layers)))
    model = (
        nn.Sequential(nn.Sequential(*layers[:cut]), *layers[cut:])
        if cut
        else nn.Sequential(*layers)
    )
    learned = [each for each in model.parameters() if draw(st.sampled_from([True, True, False]))]
    optimizer = draw(optimizers())(learned or model.parameters())
    if draw(st.booleans()):
        frozen = next(model.parameters())
        rest = [each for each in learned if each is not frozen]
        frozen.requires_grad_(requires_grad=not rest)
    loss_function = draw(losses(loss, widths[-1], dtype))
    program = lower(model, loss_function, optimizer, input_width=widths[0])
    if loss == "soft_cross_entropy":
        program = replace(program, loss=of_chances(program.loss))
    norm, value = (draw(st.sampled_from([None, None, 0.3])) for _ in range(2))
    rule = replace(program.optimizer, clip_norm=norm, clip_value=value)
    program = replace(program, optimizer=rule)
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    count = draw(st.integers(1, 40))
    inputs = random.normal(size=(count, widths[0])).astype(dtype)
    if program.loss.has_classes:
        targets: Array = random.integers(0, widths[-1], size=count)
    else:
        targets = random.uniform(size=(count, widths[-1])).astype(dtype)
    rows = random.permutation(count)[: draw(st.integers(1, count))] if draw(st.booleans()) else None
    state = read_state(model, optimizer, Generator(draw(st.integers(0, 100))))
    batch_size = draw(st.integers(1, 45))
    weights = None
    if any(each.kind == "batch_norm" for each in program.operations):
        used = count if rows is None else len(rows)
        assume(used > 1)
        # Of rows that are nearly equal a normalization is all rounding, and the next magnifies it.
        kinds = [each.kind for each in program.operations]
        assume(not any(each.setting("p") == 1 for each in program.operations))
        assume(dtype == "float64" or kinds.count("batch_norm") == 1)
        if batch_size == 1 or used % batch_size == 1:
            batch_size = used
    elif draw(st.booleans()):  # rows of weight 0 are left out, which could leave a batch of one
        weights = random.choice(np.array([0.0, 0.5, 1.0, 2.5], dtype), count)
        weights[0 if rows is None else rows[0]] = 1
    return Case(program, state, inputs, targets, batch_size, draw(st.booleans()), rows, weights)


def close(found: Any, wanted: Any, dtype: str) -> None:
    tolerance = {"float32": 3e-4, "float64": 1e-9}[dtype]
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance)


def same_state(found: State, wanted: State, dtype: str) -> None:
    mine, other = found.to_arrays(), wanted.to_arrays()
    assert mine.keys() == other.keys()
    for name, array in other.items():
        assert mine[name].dtype == array.dtype
        assert mine[name].shape == array.shape
        if array.dtype.kind == "f":
            close(mine[name], array, dtype)
        else:
            np.testing.assert_array_equal(mine[name], array)


def stops(case: Case, steps: int) -> bool:
    """Whether numbers run away, in both engines: a mean over a batch that is left out altogether."""
    failures = 0
    for engine in (NativeEngine(), EagerEngine()):
        try:
            with np.errstate(all="ignore"):
                engine.run(case.program, case.state, **case.data(), steps=steps + 1)
        except TrainingError:
            failures += 1
    assert failures in (0, 2)
    return failures == 2


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("arithmetic", ["plain", None])
def test_native_does_what_eager_does(dtype: str, arithmetic: str | None) -> None:
    native, eager = NativeEngine(arithmetic=arithmetic), EagerEngine()

    @settings(deadline=None, max_examples=60, derandomize=True)
    @given(case=cases(dtype), steps=st.integers(0, 12))
    def check(case: Case, steps: int) -> None:
        ours, theirs = np.empty(steps), np.empty(steps)
        if stops(case, steps):
            return
        found = native.run(case.program, case.state, **case.data(), steps=steps, losses=ours)
        wanted = eager.run(case.program, case.state, **case.data(), steps=steps, losses=theirs)
        close(ours, theirs, dtype)
        same_state(found, wanted, dtype)
        check_trace(case, wanted)
        check_inference(case)

    def check_trace(case: Case, state: State) -> None:
        found = native.trace(case.program, state, **case.data())
        wanted = eager.trace(case.program, state, **case.data())
        np.testing.assert_array_equal(found.rows, wanted.rows)
        assert found.loss == pytest.approx(wanted.loss, rel=3e-4, abs=1e-6)
        for name in ("values", "deltas", "gradients", "clipped"):
            mine, other = getattr(found, name), getattr(wanted, name)
            assert list(mine) == list(other)
            for key, array in other.items():
                assert mine[key].shape == array.shape
                close(mine[key], array, dtype)
        close(found.row_losses, wanted.row_losses, dtype)
        same_state(found.after, wanted.after, dtype)

    def check_inference(case: Case) -> None:
        program, parameters = case.program, case.state.values()
        mine, other = (e.forward(program, parameters, case.inputs) for e in (native, eager))
        assert list(mine) == list(other)
        for key, array in other.items():
            close(mine[key], array, dtype)
        close(*(e.predict(program, parameters, case.inputs) for e in (native, eager)), dtype)
        loss, rows = native.evaluate(program, parameters, case.inputs, case.targets)
        wanted, its_rows = eager.evaluate(program, parameters, case.inputs, case.targets)
        assert loss == pytest.approx(wanted, rel=3e-4, abs=1e-6)
        close(rows, its_rows, dtype)

    check()


@settings(deadline=None, max_examples=40, derandomize=True)
@given(case=cases("float64"), first=st.integers(0, 6), second=st.integers(0, 6))
def test_engines_can_take_turns(case: Case, first: int, second: int) -> None:
    """Also in the middle of an epoch."""
    native, eager = NativeEngine(), EagerEngine()
    if stops(case, first + second):
        return
    whole = eager.run(case.program, case.state, **case.data(), steps=first + second)
    for one, other in ((native, eager), (eager, native), (eager, eager)):
        half = one.run(case.program, case.state, **case.data(), steps=first)
        same_state(other.run(case.program, half, **case.data(), steps=second), whole, "float64")


@settings(deadline=None, max_examples=40, derandomize=True)
@given(case=cases("float32"), steps=st.integers(0, 5))
def test_modules_carry_a_state_to_and_fro(case: Case, steps: int) -> None:
    """State → module and optimizer → state changes no bit; and the program comes back."""
    if stops(case, steps):
        return
    state = NativeEngine().run(case.program, case.state, **case.data(), steps=steps)
    network = build_network(case.program)
    optimizer = build_optimizer(case.program, network, state.learning_rates())
    write_state(state, network, optimizer)
    back = read_state(network, optimizer, Generator(0).set_state(state.generator))
    assert back.parameters.keys() == state.parameters.keys()
    assert back.memory.keys() == state.memory.keys()
    for mine, other in ((back.parameters, state.parameters), (back.memory, state.memory)):
        for name, array in other.items():
            np.testing.assert_array_equal(mine[name], array)
    np.testing.assert_array_equal(back.generator, state.generator)
    loss = build_loss(case.program)
    width = case.program.inputs[0][1]
    again = lower(network, loss, optimizer, input_width=width)
    if case.program.loss.kind == "soft_cross_entropy":
        again = replace(again, loss=of_chances(again.loss))
    rule = replace(case.program.optimizer, clip_norm=None, clip_value=None)
    assert again == replace(case.program, optimizer=rule)
