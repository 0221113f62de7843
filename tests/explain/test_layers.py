"""Layers of every kind, opened: parts recombine, gradients hold, and every address that is shown opens."""

import numpy as np
import pytest

from pellucid import nn, optim
from pellucid.errors import AddressError
from pellucid.explain.functions import FUNCTIONS
from pellucid.random import manual_seed
from pellucid.train.trainer import Trainer

NETWORKS = {
    "batch norm": lambda: nn.Sequential(
        nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.4), nn.Linear(4, 1)
    ),
    "batch norm of the inputs": lambda: nn.Sequential(
        nn.BatchNorm1d(3, momentum=None), nn.Linear(3, 3), nn.GELU(approximate="tanh"),
        nn.Dropout(0.0), nn.Linear(3, 1), nn.Residual(nn.Linear(1, 1)),
    ),
    "layer norm": lambda: nn.Sequential(
        nn.LayerNorm(3), nn.Linear(3, 3), nn.GELU(), nn.LayerNorm(3, bias=False), nn.Linear(3, 1)
    ),
    "residual": lambda: nn.Sequential(
        nn.Linear(3, 3),
        nn.Residual(nn.Linear(3, 3), nn.SiLU(), nn.BatchNorm1d(3, affine=False)),
        nn.Mish(), nn.Linear(3, 1),
    ),
    "softmax inside": lambda: nn.Sequential(
        nn.Linear(3, 3), nn.Softmax(dim=1), nn.Linear(3, 3), nn.LogSoftmax(dim=1),
        nn.Linear(3, 1), nn.BatchNorm1d(1),
    ),
    "curves": lambda: nn.Sequential(
        nn.Linear(3, 3), nn.LeakyReLU(0.2), nn.Linear(3, 2), nn.ELU(1.3), nn.Linear(2, 2),
        nn.SELU(), nn.Linear(2, 2), nn.Softplus(2.0, 1.0), nn.Flatten(), nn.Identity(),
        nn.Linear(2, 1, bias=False),
    ),
}  # fmt: skip


def open_network(open_step, name):
    manual_seed(0)
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(20, 3))
    targets = (inputs[:, :1] > inputs[:, 1:2]).astype(float)
    network = NETWORKS[name]()
    rule = optim.Adam(network.parameters(), lr=0.02)
    return open_step(Trainer(network, nn.BCEWithLogitsLoss(), rule), inputs, targets, "yes/no")


@pytest.mark.parametrize("name", NETWORKS)
def test_every_number_opens_and_is_made_of_its_parts(open_step, name):
    step = open_network(open_step, name)
    shown = {}
    for address in step.addresses():
        node = step.explain(address)
        assert [each.address for each, _ in node.check_all()] == []
        shown |= {each.address: each.value for each in node.walk()}
    for address, value in shown.items():
        if address.startswith("@3"):
            assert step.explain(address).value == value, address


@pytest.mark.parametrize("name", NETWORKS)
def test_numbers_are_the_engines(open_step, name):
    step = open_network(open_step, name)
    trace, row = step.trace, step.row
    for buffer, deltas in trace.deltas.items():
        for unit in range(deltas.shape[1]):
            address = f"row:{row} {buffer}[{unit}]"
            assert step.explain(address).value == float(trace.values[buffer][1, unit])
            assert step.explain(f"{address}.delta").value == float(deltas[1, unit])
    after = trace.after.values()
    for name_, shape in step.scene.subject.shapes.items():
        for index in np.ndindex(*shape):
            place = f"{name_}[{', '.join(map(str, index))}]" if index else name_
            assert step.explain(f"{place}.new").value == float(after[name_][index])


def test_a_wrong_number_is_noticed(open_step):
    step = open_network(open_step, "batch norm")
    step.trace.values["1"][1, 2] += 0.01
    assert step.explain(f"row:{step.row} 1[2]").check_all() != []
    step.trace.gradients["1.weight"][2] += 0.01
    assert not step.explain("1.weight[2].grad").check().ok


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("leaky_relu", nn.LeakyReLU(0.2)), ("elu", nn.ELU(1.3)), ("selu", nn.SELU()),
        ("gelu", nn.GELU()), ("gelu_tanh", nn.GELU(approximate="tanh")), ("silu", nn.SiLU()),
        ("mish", nn.Mish()), ("softplus", nn.Softplus(2.0, 1.0)),
    ],
)  # fmt: skip
def test_curves_are_pytorchs(oracle, name, module):
    settings = {"leaky_relu": [0.2], "elu": [1.3], "softplus": [2.0, 1.0]}.get(name, [])
    torch = oracle.torch
    theirs = getattr(torch.nn, type(module).__name__)
    extra = {"approximate": "tanh"} if name == "gelu_tanh" else {}
    curve = theirs(*settings, **extra)
    for z in (-30.0, -2.5, -0.3, 0.2, 0.45, 1.0, 4.0, 30.0):
        point = torch.tensor(z, dtype=torch.float64, requires_grad=True)
        height = curve(point)
        height.backward()
        assert FUNCTIONS[name].compute([z, *settings]) == pytest.approx(
            float(height.detach()), abs=1e-12
        )
        slope = FUNCTIONS[f"{name}_slope"].compute([z, *settings])
        assert slope == pytest.approx(float(point.grad), abs=1e-12)


def test_dropout_tells_what_was_kept(open_step):
    step = open_network(open_step, "batch norm")
    kept = [step.explain(f"row:{step.row} 3[{each}].kept").value for each in range(4)]
    assert all(each == pytest.approx(1 / 0.6) or each == 0.0 for each in kept)
    masks = step.scene.batch.masks["3"]
    read, made = step.trace.values["2"], step.trace.values["3"]
    assert np.allclose(read * masks, made)
    assert (masks == 0).any()
    assert (masks > 0).any()


def test_rows_outside_of_the_batch_are_looked_at_in_evaluation_mode(open_step):
    step = open_network(open_step, "batch norm")
    other = next(each for each in range(1, 21) if each not in step.scene.table_rows)
    node = step.explain(f"row:{other} 1[2]")
    assert node.check_all() == []
    assert any("running_mean" in each.address for each in node.walk())
    assert "evaluation mode" in step.explain(f"row:{other} 1[2]").note


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("row:{row} 1[9]", "1 goes from [0] to [3]"),
        ("row:{row} 1[2].norm", "normed"),
        ("1.weight[2].gard", "grad"),
        ("1.running_mean[0].old", "new"),
        ("1[2]", "another number for every row"),
    ],
)
def test_addresses_that_do_not_exist_name_the_nearest(open_step, address, said):
    step = open_network(open_step, "batch norm")
    with pytest.raises(AddressError) as raised:
        step.explain(address.format(row=step.row))
    assert said in str(raised.value)
