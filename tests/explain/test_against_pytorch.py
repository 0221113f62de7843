"""Random networks, losses and optimizers, opened: parts recombine, checks hold, and PyTorch agrees.

PyTorch does the same three steps with the same rows; of the third it gives the values, every row's
own gradient (torch.func) and the new parameters.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid import nn, optim
from pellucid.random import manual_seed
from pellucid.train.trainer import Trainer

CURVES = [
    ("ReLU", {}), ("Sigmoid", {}), ("Tanh", {}), ("LeakyReLU", {"negative_slope": 0.2}),
    ("ELU", {"alpha": 1.3}), ("SELU", {}), ("GELU", {}), ("GELU", {"approximate": "tanh"}),
    ("SiLU", {}), ("Mish", {}), ("Softplus", {"beta": 2.0}), ("Softmax", {"dim": 1}),
    ("LogSoftmax", {"dim": 1}), ("Identity", {}),
]  # fmt: skip
RULES = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.1, "momentum": 0.8, "dampening": 0.2}),
    ("Adam", {"lr": 0.05}),
    ("Adam", {"lr": 0.05, "amsgrad": True, "weight_decay": 0.02}),
    ("AdamW", {"lr": 0.05, "weight_decay": 0.1}),
    ("RMSprop", {"lr": 0.02}),
    ("RMSprop", {"lr": 0.02, "centered": True, "momentum": 0.7}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.1}),
]
LOSSES = [
    ("MSELoss", {}, "number"), ("MSELoss", {"reduction": "sum"}, "number"), ("L1Loss", {}, "number"),
    ("HuberLoss", {"delta": 0.6}, "number"), ("SmoothL1Loss", {"beta": 0.5}, "number"),
    ("PoissonNLLLoss", {"full": True}, "count"), ("BCEWithLogitsLoss", {}, "yes/no"),
    ("CrossEntropyLoss", {}, "classes"), ("CrossEntropyLoss", {"label_smoothing": 0.1}, "classes"),
    ("CrossEntropyLoss", {"ignore_index": 2}, "classes"),
]  # fmt: skip


@dataclass
class Drawn:
    """A network as names and settings, from which both libraries build it."""

    layers: list[tuple[str, Any]]
    rule: tuple[str, dict[str, Any]]
    loss: tuple[str, dict[str, Any], str]
    clip: float | None

    @property
    def is_coupled(self) -> bool:
        return "BatchNorm1d" in str(self.layers)


def draw(rng) -> Drawn:
    pick = lambda choices: choices[int(rng.integers(len(choices)))]  # noqa: E731
    loss, layers, width = pick(LOSSES), [], 3
    for _ in range(int(rng.integers(0, 3))):
        wide = int(rng.integers(2, 4))
        layers.append(("Linear", (width, wide)))
        layers += [(pick(["BatchNorm1d", "LayerNorm"]), (wide,))] if rng.random() < 0.5 else []
        layers.append(pick(CURVES))
        if rng.random() < 0.4:
            layers.append(("Residual", [("Linear", (wide, wide)), pick(CURVES)]))
        width = wide
    layers.append(("Linear", (width, 3 if loss[2] == "classes" else 1)))
    return Drawn(layers, pick(RULES), loss, 0.5 if rng.random() < 0.3 else None)


def build(kinds, residual, layers, **how):
    """The modules of a library, in float64."""
    modules = []
    for name, settings_ in layers:
        if name == "Residual":
            modules.append(residual(*build(kinds, residual, settings_, **how)))
        elif isinstance(settings_, tuple):
            modules.append(getattr(kinds, name)(*settings_, **how))
        else:
            modules.append(getattr(kinds, name)(**settings_))
    return modules


def make_targets(rng, inputs, kind):
    number = 1.2 * inputs[:, :1] - inputs[:, 1:2]
    return {
        "number": number + 0.2 * rng.normal(size=number.shape),
        "count": rng.poisson(2, size=number.shape).astype(float),
        "yes/no": (number > 0).astype(float),
        "classes": inputs.argmax(1),
    }[kind]


class Theirs:
    """The same network in PyTorch, after the same steps."""

    def __init__(self, torch, drawn, state, inputs, targets):
        class Residual(torch.nn.Sequential):
            def forward(self, x):
                return x + super().forward(x)

        self.torch, self.drawn = torch, drawn
        layers = build(torch.nn, Residual, drawn.layers, dtype=torch.float64)
        self.network = torch.nn.Sequential(*layers)
        self.network.load_state_dict({k: torch.tensor(v.copy()) for k, v in state.items()})
        name, how, _ = drawn.loss
        self.loss = getattr(torch.nn, name)(**how)
        self.rule = getattr(torch.optim, drawn.rule[0])(
            self.network.parameters(), foreach=False, **drawn.rule[1]
        )
        self.inputs, self.targets = torch.tensor(inputs), torch.tensor(targets)

    def step(self, rows):
        rows = self.torch.tensor(rows)
        self.prediction = self.network(self.inputs[rows])
        loss = self.loss(self.prediction, self.targets[rows])
        self.rule.zero_grad()
        loss.backward()
        self.gradients = {k: p.grad.clone() for k, p in self.network.named_parameters()}
        if self.drawn.clip is not None:
            self.torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.drawn.clip)
        self.rule.step()

    def row_gradients(self, rows, divisor):
        """Each row's own gradient, before the step: (rows, …) for every parameter."""
        torch, network, loss = self.torch, self.network, self.loss

        def own(parameters, row, target):
            out = torch.func.functional_call(network, parameters, row[None])
            return torch.nn.Module.__call__(single, out, target[None]).sum() / divisor

        single = type(loss)(**{**self.drawn.loss[1], "reduction": "none"})
        parameters = {k: p.detach().clone() for k, p in network.named_parameters()}
        per_row = torch.func.vmap(torch.func.grad(own), in_dims=(None, 0, 0))
        rows = torch.tensor(rows)
        return per_row(parameters, self.inputs[rows], self.targets[rows])


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_parts_recombine_checks_hold_and_pytorch_agrees(oracle, open_step, seed):
    rng = np.random.default_rng(seed)
    drawn = draw(rng)
    inputs = rng.normal(size=(15, 3))
    targets = make_targets(rng, inputs, drawn.loss[2])
    manual_seed(seed)
    network = nn.Sequential(*build(nn, nn.Residual, drawn.layers, dtype=np.float64))
    first = {name: each.array.copy() for name, each in network.state_dict().items()}
    rule = getattr(optim, drawn.rule[0])(network.parameters(), **drawn.rule[1])
    loss = getattr(nn, drawn.loss[0])(**drawn.loss[1])
    kind = "number" if drawn.loss[2] == "count" else drawn.loss[2]
    step = open_step(Trainer(network, loss, rule, clip_norm=drawn.clip), inputs, targets, kind)
    theirs = Theirs(oracle.torch, drawn, first, inputs, targets)
    for rows in step.earlier:
        theirs.step(rows)
    shares = None
    divisor = step.scene.share
    if not drawn.is_coupled and divisor > 0:
        shares = theirs.row_gradients(step.trace.rows, divisor)
    theirs.step(step.trace.rows)
    check_values(step, theirs)
    check_parameters(step, theirs, shares, rng)


def check_values(step, theirs):
    prediction = theirs.prediction.detach().numpy()
    for position, row in enumerate(step.trace.rows[:2]):
        for unit in range(prediction.shape[1]):
            node = step.explain(f"row:{int(row) + 1} {step.program.loss.prediction}[{unit}]")
            assert node.value == pytest.approx(prediction[position, unit], rel=1e-7, abs=1e-9)
            assert [each.address for each, _ in node.check_all()] == []


def check_parameters(step, theirs, shares, rng):
    names = list(theirs.gradients)
    after = {k: p.detach().numpy() for k, p in theirs.network.named_parameters()}
    for name in (names[int(each)] for each in rng.integers(0, len(names), 3)):
        wanted = theirs.gradients[name].numpy()
        index = tuple(int(rng.integers(size)) for size in wanted.shape)
        place = f"{name}[{', '.join(map(str, index))}]"
        gradient, new = step.explain(f"{place}.grad"), step.explain(f"{place}.new")
        assert gradient.value == pytest.approx(wanted[index], rel=1e-7, abs=1e-9)
        small = 1e-4 if abs(wanted[index]) < 1e-6 else 1e-7  # Adam divides by next to nothing
        assert new.value == pytest.approx(after[name][index], rel=1e-6, abs=small)
        assert [each.address for each, _ in gradient.check_all()] == []
        assert [each.address for each, _ in new.check_all()] == []
        if shares is not None:
            of_rows = {each.name: each.value for each in gradient.parts if each.kind == ""}
            for position, row in enumerate(step.trace.rows):
                own = float(shares[name][(position, *index)])
                assert of_rows[f"row {int(row) + 1}"] == pytest.approx(own, rel=1e-6, abs=1e-9)
