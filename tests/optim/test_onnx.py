"""ONNX's own test cases for its optimizers: the same new weights and memory from ours.

ONNX's operators are told the state and give the next one; here an optimizer of ours is put into
that state and does one step.
"""

import importlib
from typing import Any

import numpy as np
import pytest

import pellucid

CASES = {
    "test_adam": "adam",
    "test_adam_multiple": "adam",
    "test_adagrad": "adagrad",
    "test_adagrad_multiple": "adagrad",
    "test_momentum": "momentum",
    "test_nesterov_momentum": "momentum",
    "test_momentum_multiple": "momentum",
}


def case_of(name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The node, its inputs and the outputs that are right, as ONNX computes them."""
    found = {}

    def expect(node: Any, inputs: Any, outputs: Any, **more: Any) -> None:
        found[more["name"]] = (node, inputs, outputs)

    module = importlib.import_module(f"onnx.backend.test.case.node.{CASES[name]}")
    monkeypatch.setattr(module, "expect", expect)
    cases = getattr(module, CASES[name].capitalize())
    for each in vars(cases):
        if each.startswith("export"):
            getattr(cases, each)()
    return found[name]


def optimizer_for(node: Any, weights: list[pellucid.Tensor], rate: float, step: int) -> Any:
    """Our optimizer with the settings of a node."""
    said = {each.name: each.f or each.s.decode() for each in node.attribute}
    decay = said["norm_coefficient"]
    if node.op_type == "Adam":
        betas = (said["alpha"], said["beta"])
        return pellucid.optim.Adam(weights, rate, betas, said["epsilon"], decay)
    if node.op_type == "Adagrad":
        return pellucid.optim.Adagrad(
            weights, rate, said["decay_factor"], decay, eps=said["epsilon"]
        )
    # ONNX takes the whole gradient in the first step, PyTorch 1 − dampening of it in later ones
    dampening = 0 if step == 0 else 1 - said["beta"]
    return pellucid.optim.SGD(
        weights, rate, said["alpha"], dampening, decay, nesterov=said["mode"] == "nesterov"
    )


def memory_of(node: Any, step: int, kept: list[np.ndarray[Any, Any]]) -> dict[str, Any]:
    """What ours would remember in that state, under PyTorch's names."""
    names = {"Adam": ["exp_avg", "exp_avg_sq"], "Adagrad": ["sum"]}.get(
        node.op_type, ["momentum_buffer"]
    )
    memory: dict[str, Any] = dict(zip(names, map(pellucid.tensor, kept), strict=True))
    if node.op_type == "Adam":
        assert step == 0  # ONNX then does not correct, as PyTorch does not after many steps
        memory["step"] = pellucid.tensor(1e6)
    if node.op_type == "Adagrad":
        memory["step"] = pellucid.tensor(float(step))
    return memory


@pytest.mark.parametrize("name", CASES)
def test_one_step(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    node, (rate, step, *arrays), outputs = case_of(name, monkeypatch)
    kinds = len(outputs) // (len(arrays) - len(outputs))
    count = len(outputs) // kinds
    parts = [arrays[start : start + count] for start in range(0, len(arrays), count)]
    values, gradients, *kept = parts
    weights = [pellucid.tensor(each, requires_grad=True) for each in values]
    rule = optimizer_for(node, weights, float(rate), int(step))
    for place, (weight, gradient) in enumerate(zip(weights, gradients, strict=True)):
        weight.grad = pellucid.tensor(gradient)
        rule.state[weight] = memory_of(node, int(step), [each[place] for each in kept])
    rule.step()
    new = [each.detach().numpy() for each in weights]
    for number in range(kinds - 1):
        new += [list(rule.state[each].values())[number].numpy() for each in weights]
    for mine, wanted in zip(new, outputs, strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=2e-6)
