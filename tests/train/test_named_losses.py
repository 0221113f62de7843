"""Models with several outputs and a loss for each: held to PyTorch's loop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import pellucid
from pellucid import Trainer, manual_seed, nn, optim
from pellucid.errors import InputError, ShapeError, TrainingError

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(20, 3))
TARGETS = {"price": X[:, :1] * 2, "sold": (X[:, 1:2] > 0).astype(float)}


def house_of(lib: Any, kind: type = dict) -> Any:
    class House(lib.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.hidden, self.price = lib.nn.Linear(3, 4), lib.nn.Linear(4, 1)
            self.sold = lib.nn.Linear(4, 1)

        def forward(self, x: Any) -> Any:
            hidden = self.hidden(x).relu()
            made = {"price": self.price(hidden), "sold": self.sold(hidden)}
            return made if kind is dict else kind(made.values())

    return House()


def losses_of(lib: Any) -> Any:
    return {"price": lib.nn.MSELoss(), "sold": (0.5, lib.nn.BCEWithLogitsLoss())}


def trainer_of(kind: type = dict, **losses: Any) -> Trainer:
    manual_seed(3)
    model = house_of(pellucid, kind).double()
    rule = optim.Adam(model.parameters(), lr=0.05)
    return Trainer(model, losses or losses_of(pellucid), rule)


@pytest.mark.parametrize("kind", [dict, tuple, list])
def test_each_loss_and_their_sum_are_pytorchs(kind: type) -> None:
    trainer = trainer_of(kind)
    theirs = house_of(torch).double()
    weights = {k: torch.tensor(np.asarray(v)) for k, v in trainer.model.state_dict().items()}
    theirs.load_state_dict(weights)
    rule = torch.optim.Adam(theirs.parameters(), lr=0.05)
    history = trainer.fit(X, TARGETS, batch_size=20, epochs=9, shuffle=False)
    assert history.engine == "eager"
    assert history.reason == "there are several losses"
    assert list(history.losses_by_name) == ["price", "sold"]
    for step, loss in enumerate(history.losses):
        made = theirs(torch.tensor(X))
        price = torch.nn.MSELoss()(made["price"], torch.tensor(TARGETS["price"]))
        sold = torch.nn.BCEWithLogitsLoss()(made["sold"], torch.tensor(TARGETS["sold"]))
        total = price + 0.5 * sold
        assert loss == pytest.approx(total.item(), rel=1e-10)
        assert history.losses_by_name["price"][step] == pytest.approx(price.item(), rel=1e-10)
        assert history.losses_by_name["sold"][step] == pytest.approx(sold.item(), rel=1e-10)
        rule.zero_grad()
        total.backward()
        rule.step()


def test_validation_and_weights_of_rows() -> None:
    history = trainer_of().fit(X, TARGETS, 5, 3, validation=(X, TARGETS))
    parts = history.validation_losses_by_name
    np.testing.assert_allclose(parts["price"] + 0.5 * parts["sold"], history.validation_losses)
    assert len(history.validation_losses) == 3
    weights = np.arange(20) % 2
    half = {name: each[1::2] for name, each in TARGETS.items()}
    one = trainer_of().fit(X, TARGETS, 10, 3, sample_weight=weights, shuffle=False)
    two = trainer_of().fit(X[1::2], half, 10, 3, shuffle=False)
    np.testing.assert_allclose(one.losses, two.losses, rtol=1e-12)


def test_what_is_said() -> None:
    for targets, words in (
        (TARGETS["price"], "must be a dict with these names. Got ndarray"),
        (
            {"price": TARGETS["price"]},
            r"exactly the names of the losses \(price, sold\). Got price",
        ),
        (TARGETS | {"sould": X}, "Did you mean 'sold'"),
    ):
        with pytest.raises(InputError, match=words):
            trainer_of().fit(X, targets)
    with pytest.raises(ShapeError, match="different to the input size"):
        trainer_of().fit(X, TARGETS | {"price": X})
    with pytest.raises(
        InputError, match=r"must return a dict with these names, .*Got a dict of price"
    ):
        trainer_of(cost=nn.MSELoss()).fit(X, {"cost": X[:, :1]})
    with pytest.raises(InputError, match=r"in their order\. Got tuple of 2"):
        trainer_of(tuple, cost=nn.MSELoss()).fit(X, {"cost": X[:, :1]})
    with pytest.raises(InputError, match=r"or \(weight, loss\) with a number"):
        trainer_of(price=("much", nn.MSELoss()))
    with pytest.raises(InputError, match="Got an empty dict"):
        Trainer(nn.Linear(1, 1), {}, optim.SGD(nn.Linear(1, 1).parameters()))
    with pytest.raises(InputError, match="`class_weight` needs one loss"):
        trainer_of().fit(X, TARGETS, class_weight=[1, 2])
    with pytest.raises(InputError, match="several losses cannot be recorded"):
        trainer_of().fit(X, TARGETS, record=True)
    with pytest.raises(TrainingError, match=r"became nan \(price: nan, sold: 0"):
        trainer_of().fit(X, TARGETS | {"price": np.full((20, 1), np.nan)})
