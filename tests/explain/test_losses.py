"""Losses of every kind, opened: each by its own formula, back to every output, with weights of rows."""

import numpy as np
import pytest

from pellucid import nn, optim
from pellucid.explain.functions import FUNCTIONS
from pellucid.random import manual_seed
from pellucid.tensor.creation import tensor
from pellucid.train.trainer import Trainer

WEIGHTS = tensor(np.array([1, 2, 0.5], np.float32))
YES = tensor(np.array([2.5], np.float32))
# name: the loss, its targets, what they mean, outputs, layers behind the last sum
LOSSES = {
    "l1": (nn.L1Loss(), "number", 1, ()),
    "huber": (nn.HuberLoss(delta=0.7), "number", 1, ()),
    "smooth l1": (nn.SmoothL1Loss(beta=0.4), "number", 1, ()),
    "mse": (nn.MSELoss(), "number", 1, ()),
    "mse, summed": (nn.MSELoss(reduction="sum"), "number", 1, ()),
    "poisson": (nn.PoissonNLLLoss(full=True), "count", 1, ()),
    "poisson, raw": (nn.PoissonNLLLoss(log_input=False), "count", 1, (nn.Softplus(),)),
    "quantile": (nn.QuantileLoss([0.3]), "number", 1, ()),
    "bce": (nn.BCELoss(), "yes/no", 1, (nn.Sigmoid(),)),
    "logits": (nn.BCEWithLogitsLoss(), "yes/no", 1, ()),
    "logits, summed": (nn.BCEWithLogitsLoss(reduction="sum"), "yes/no", 1, ()),
    "logits, a yes counts more": (nn.BCEWithLogitsLoss(pos_weight=YES), "yes/no", 1, ()),
    "cross-entropy": (nn.CrossEntropyLoss(), "classes", 3, ()),
    "cross-entropy, weights": (nn.CrossEntropyLoss(weight=WEIGHTS), "classes", 3, ()),
    "cross-entropy, all": (
        nn.CrossEntropyLoss(weight=WEIGHTS, label_smoothing=0.2, ignore_index=1), "classes", 3, (),
    ),
    "cross-entropy, summed": (
        nn.CrossEntropyLoss(weight=WEIGHTS, reduction="sum"), "classes", 3, (),
    ),
    "nll": (nn.NLLLoss(), "classes", 3, (nn.LogSoftmax(dim=1),)),
    "nll, weights": (
        nn.NLLLoss(weight=WEIGHTS, ignore_index=2), "classes", 3, (nn.LogSoftmax(dim=1),),
    ),
}  # fmt: skip


def open_loss(open_step, name, *, is_weighted=False):
    manual_seed(0)
    rng = np.random.default_rng(0)
    loss, kind, outputs, tail = LOSSES[name]
    inputs = rng.normal(size=(20, 3))
    targets = {
        "number": 1.5 * inputs[:, :1] - inputs[:, 1:2] + 0.3 * rng.normal(size=(20, 1)),
        "count": rng.poisson(2, size=(20, 1)).astype(float),
        "yes/no": (inputs[:, :1] > inputs[:, 1:2]).astype(float),
        "classes": inputs.argmax(1),
    }[kind]
    network = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, outputs), *tail)
    trainer = Trainer(network, loss, optim.SGD(network.parameters(), lr=0.02))
    weights = rng.uniform(0.2, 2.0, 20) if is_weighted else None
    kind = "number" if kind == "count" else kind
    return open_step(trainer, inputs, targets, kind, weights=weights)


@pytest.mark.parametrize("is_weighted", [False, True], ids=["alike", "weighted"])
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_opens_down_to_prediction_and_truth(open_step, name, is_weighted):
    step = open_loss(open_step, name, is_weighted=is_weighted)
    assert step.explain("loss").value == float(step.trace.loss)
    shown = {}
    rows = [int(each) + 1 for each in step.trace.rows]
    prediction = step.program.loss.prediction
    deltas = step.trace.deltas[prediction]
    places = ["loss", "", "0.weight[1, 2].grad", *(f"row:{each} loss" for each in rows)]
    for position, row in enumerate(rows):
        for unit in range(deltas.shape[1]):
            place = f"row:{row} {prediction}[{unit}].delta"
            assert step.explain(place).value == float(deltas[position, unit])
            places.append(place)
    for place in places:
        node = step.explain(place)
        assert [each.address for each, _ in node.check_all()] == []
        shown |= {each.address: each.value for each in node.walk()}
    for address, value in shown.items():
        if address.startswith("@3"):
            assert step.explain(address).value == value, address


@pytest.mark.parametrize("name", LOSSES)
def test_a_wrong_loss_is_noticed(open_step, name):
    step = open_loss(open_step, name)
    at = int(np.argmax(np.abs(step.trace.row_losses)))
    step.trace.row_losses[at] *= 1.01
    row = int(step.trace.rows[at]) + 1
    assert not step.explain(f"row:{row} loss").check().ok
    step.trace.deltas[step.program.loss.prediction][at] += 0.01
    assert not step.explain(f"row:{row} {step.program.loss.prediction}[0].delta").check().ok


@pytest.mark.parametrize(
    ("name", "make", "settings"),
    [
        ("mse", lambda f: f.mse_loss, ()),
        ("l1", lambda f: f.l1_loss, ()),
        ("huber", lambda f: lambda x, y: f.huber_loss(x, y, delta=0.7), (0.7,)),
        ("smooth_l1", lambda f: lambda x, y: f.smooth_l1_loss(x, y, beta=0.4), (0.4,)),
        ("poisson_log", lambda f: f.poisson_nll_loss, ()),
        ("poisson_log_full", lambda f: lambda x, y: f.poisson_nll_loss(x, y, full=True), ()),
        ("poisson", lambda f: lambda x, y: f.poisson_nll_loss(x, y, log_input=False), (1e-8,)),
        ("bce", lambda f: f.binary_cross_entropy, ()),
    ],
)
def test_formulas_are_pytorchs(oracle, name, make, settings):
    torch = oracle.torch
    theirs = make(torch.nn.functional)
    for prediction, truth in ((0.3, 1.0), (0.9, 0.0), (0.05, 3.0), (0.6, 0.5)):
        if name == "bce" and truth > 1.0:
            continue
        x = torch.tensor(prediction, dtype=torch.float64, requires_grad=True)
        loss = theirs(x, torch.tensor(truth, dtype=torch.float64))
        loss.backward()
        numbers = [prediction, truth, *settings]
        cost = FUNCTIONS[f"{name}_cost"].compute(numbers)
        assert cost == pytest.approx(float(loss.detach()), abs=1e-12)
        slope = FUNCTIONS[f"{name.removesuffix('_full')}_slope"].compute(numbers)
        assert slope == pytest.approx(float(x.grad), abs=1e-12)
