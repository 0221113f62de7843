"""The worked numbers of the textbook, one test each."""

import math

import numpy as np
import pytest

import pellucid
from pellucid import nn, optim, tensor

INPUTS = [10.0, 7.0, 75.0, 80.0]
WEIGHTS = [0.5, 0.3, 0.4, 0.2]


def student_neuron() -> nn.Linear:
    neuron = nn.Linear(4, 1)
    neuron.load_state_dict({"weight": [WEIGHTS], "bias": [5.0]})
    return neuron


def test_a_neuron_adds_up_its_weighted_inputs() -> None:
    by_hand = sum((x * tensor(w) for x, w in zip(INPUTS, WEIGHTS, strict=True)), tensor(5.0))
    assert by_hand.item() == pytest.approx(58.1)
    assert student_neuron()(tensor(INPUTS)).item() == pytest.approx(58.1)


def test_relu_lets_pass_what_is_above_0() -> None:
    assert nn.ReLU()(student_neuron()(tensor(INPUTS))).item() == pytest.approx(58.1)
    assert nn.ReLU()(tensor(-3.0)).item() == 0


def test_the_squared_error_of_a_house() -> None:
    loss = nn.MSELoss()(tensor([400_000.0]), tensor([450_000.0]))
    assert loss.item() == 2_500_000_000


def test_the_mean_of_four_losses() -> None:
    assert tensor([0.8, 0.3, 0.5, 0.2]).mean().item() == pytest.approx(0.45)


def test_binary_cross_entropy_of_a_wrong_guess() -> None:
    assert round(nn.BCELoss()(tensor([0.3]), tensor([1.0])).item(), 3) == 1.204
    assert -math.log(0.3) == pytest.approx(nn.BCELoss()(tensor([0.3]), tensor([1.0])).item())


@pytest.mark.parametrize(
    ("weight", "gradient", "new"),
    [
        (0.5, 2.0, 0.48),
        (0.3, -1.5, 0.315),
        (0.5, 2.5, 0.475),
        (0.3, -1.2, 0.312),
        (0.8, 0.1, 0.799),
    ],
)
def test_a_weight_goes_against_its_gradient(weight: float, gradient: float, new: float) -> None:
    parameter = tensor(weight, dtype=pellucid.float64, requires_grad=True)
    parameter.grad = tensor(gradient, dtype=pellucid.float64)
    optim.SGD([parameter], lr=0.01).step()
    assert parameter.item() == pytest.approx(new, abs=1e-12)


def test_a_thousand_rows_in_batches_of_100_for_50_epochs_are_500_steps() -> None:
    pellucid.manual_seed(0)
    rows = np.random.default_rng(0).normal(size=(1000, 4)).astype(np.float32)
    model = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 1), nn.Sigmoid())
    trainer = pellucid.Trainer(model, nn.BCELoss(), optim.Adam(model.parameters(), lr=0.03))
    history = trainer.fit(rows, (rows[:, :1] > 0), batch_size=100, epochs=50)
    assert (history.steps, history.epochs) == (500, 50)
    assert len(pellucid.DataLoader(pellucid.TensorDataset(tensor(rows)), batch_size=100)) == 10


def mazur() -> nn.Sequential:
    network = nn.Sequential(
        nn.Linear(2, 2, dtype="float64"),
        nn.Sigmoid(),
        nn.Linear(2, 2, dtype="float64"),
        nn.Sigmoid(),
    )
    network.load_state_dict(
        {
            "0.weight": [[0.15, 0.20], [0.25, 0.30]],
            "0.bias": [0.35, 0.35],
            "2.weight": [[0.40, 0.45], [0.50, 0.55]],
            "2.bias": [0.60, 0.60],
        }
    )
    return network


# Source: M. Mazur (2015), "A step by step backpropagation example"; his loss is the sum of the
# halved squares of two outputs, which for two outputs is the mean of the squares; his learning
# rate is 0.5, and the weights alone are updated.
UPDATED = {
    "0.weight": [[0.149780716, 0.19956143], [0.24975114, 0.29950229]],
    "2.weight": [[0.35891648, 0.408666186], [0.511301270, 0.561370121]],
}


def test_mazurs_example_forward() -> None:
    network = mazur()
    x = tensor([0.05, 0.10], dtype=pellucid.float64)
    net_h = network[0](x)
    assert net_h[0].item() == pytest.approx(0.3775)
    out_h = network[1](net_h)
    assert out_h.tolist() == pytest.approx([0.593269992, 0.596884378])
    assert network(x).tolist() == pytest.approx([0.75136507, 0.772928465])


def test_mazurs_example_by_the_loop() -> None:
    network, loss_function = mazur(), nn.MSELoss()
    optimizer = optim.SGD(network.parameters(), lr=0.5)
    inputs = tensor([[0.05, 0.10]], dtype=pellucid.float64)
    loss = loss_function(network(inputs), tensor([[0.01, 0.99]], dtype=pellucid.float64))
    assert loss.item() == pytest.approx(0.298371109)
    loss.backward()
    optimizer.step()
    check_mazur(network)


def test_mazurs_example_natively() -> None:
    network = mazur()
    trainer = pellucid.Trainer(network, nn.MSELoss(), optim.SGD(network.parameters(), lr=0.5))
    history = trainer.fit([[0.05, 0.10]], [[0.01, 0.99]], batch_size=1)
    assert history.engine == "native"
    assert history.losses[0] == pytest.approx(0.298371109)
    check_mazur(network)


def check_mazur(network: nn.Sequential) -> None:
    for name, wanted in UPDATED.items():
        found = network.state_dict()[name].tolist()
        assert np.ravel(found) == pytest.approx(np.ravel(wanted), abs=5e-9)
