"""What PyTorch computes although people go wrong: said once, with the cure; what is meant, is not.

Warnings are errors in these tests, so what is not expected to warn would fail.
"""

import warnings
from collections.abc import Callable
from typing import Any

import pytest

import pellucid
from pellucid import nn, optim

TWICE_SOFTMAX = "CrossEntropyLoss was given the output of a softmax.*Leave out the softmax"
TWICE_SIGMOID = "BCEWithLogitsLoss was given the output of a sigmoid.*Leave out the sigmoid"
FORGOTTEN = r"gradients that an earlier step has used already.*`optimizer\.zero_grad\(\)` before"


class Case:
    """A network, a loss and data for it."""

    def __init__(self, *layers: nn.Module, loss: nn.Module) -> None:
        pellucid.manual_seed(0)
        self.model = nn.Sequential(nn.Linear(3, 2), *layers)
        self.loss = loss
        self.x = pellucid.randn(6, 3)
        classes = pellucid.randint(2, (6,))
        answers = pellucid.rand(6, 2)
        self.y = classes if isinstance(loss, nn.CrossEntropyLoss) else answers

    def __call__(self) -> pellucid.Tensor:
        return self.loss(self.model(self.x), self.y)


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (lambda: Case(nn.Softmax(1), loss=nn.CrossEntropyLoss()), TWICE_SOFTMAX),
        (lambda: Case(nn.Sigmoid(), loss=nn.BCEWithLogitsLoss()), TWICE_SIGMOID),
    ],
)
def test_a_function_twice_is_said_once_for_each_loss(case: Callable[[], Case], words: str) -> None:
    for _ in range(2):
        one = case()
        with pytest.warns(UserWarning, match=words) as caught:
            one()
        assert caught[0].filename == __file__
        one()
        one().backward()


@pytest.mark.parametrize(
    "case",
    [
        lambda: Case(loss=nn.CrossEntropyLoss()),
        lambda: Case(nn.Sigmoid(), loss=nn.CrossEntropyLoss()),
        lambda: Case(loss=nn.BCEWithLogitsLoss()),
        lambda: Case(nn.Sigmoid(), loss=nn.BCELoss()),
        lambda: Case(nn.Softmax(1), loss=nn.MSELoss()),
        lambda: Case(nn.Softmax(1), nn.Linear(2, 2), loss=nn.CrossEntropyLoss()),
    ],
)
def test_what_is_right_is_silent(case: Callable[[], Case]) -> None:
    case()().backward()


def test_the_bounds_that_the_sentences_name_are_true() -> None:
    scores = pellucid.eye(10) * 1e3
    for classes, bound in ((2, 0.31), (10, 1.46)):
        shares = scores[:classes, :classes].softmax(1)
        loss = nn.CrossEntropyLoss()(shares, pellucid.arange(classes)).item()
        assert f"{loss:.2f}" == f"{bound:.2f}"
    no = nn.BCEWithLogitsLoss()(pellucid.zeros(1), pellucid.zeros(1))
    assert f"{no.item():.2f}" == "0.69"


class Loop:
    """A training whose order of calls can be chosen, on a function with a gradient everywhere."""

    def __init__(self, rule: str = "SGD") -> None:
        self.weight = pellucid.tensor([1.0, -2.0], requires_grad=True)
        self.other = pellucid.tensor([1.0], requires_grad=True)
        self.rule = getattr(optim, rule)([self.weight], lr=0.01)

    def backward(self) -> None:
        (self.weight * self.weight).sum().backward()

    def run(self, order: str) -> None:
        """Do what the letters say: Backward, Step, Zero, and other ways to clear or change."""
        acts: dict[str, Callable[[], Any]] = {
            "B": self.backward,
            "S": self.rule.step,
            "Z": self.rule.zero_grad,
            "z": lambda: self.rule.zero_grad(set_to_none=False),
            "n": lambda: setattr(self.weight, "grad", None),
            "0": lambda: self.weight.grad.fill_(0),  # type: ignore[union-attr]
            "d": lambda: self.weight.grad.data.fill_(0),  # type: ignore[union-attr]
            "m": lambda: self.weight.grad.mul_(0.9),  # type: ignore[union-attr]
            "c": lambda: nn.utils.clip_grad_norm_([self.weight], 0.5),
            "W": lambda: (self.weight * self.weight + self.weight).sum().backward(),
        }
        for letter in order:
            acts[letter]()


DELIBERATE = {
    "the usual loop": "ZBS" * 4,
    "zeros after the step": "BSZ" * 4,
    "zeros instead of None": "zBS" * 4,
    "None by hand": "BSn" * 4,
    "zeros by hand": "BS0" * 4,
    "zeros by hand through data": "BSd" * 4,
    "zeros by hand through data, twice added": "BSdBB" + "SdBB" * 2 + "S",
    "several batches a step": "BBBBSZ" * 3,
    "several batches a step, zeroed first": "ZBBBS" * 3,
    "several batches, clipped": "ZBBcS" * 3,
    "two steps by one gradient": "ZBSS" * 3,
    "a second loss after the step, as in adversarial training": "ZBSB" * 4,
    "a second loss after the step, zeroed by hand": "BSB" + "0BSB" * 3,
    "a second loss, zeroed through data": "BSB" + "dBSB" * 3,
    "old gradients fade on purpose": "BSm" * 4,
    "the weight is used twice": "ZWS" * 4,
}

MISTAKEN = {
    "never zeroed": "BS" * 3,
    "zeroed once": "ZBSBS",
    "zeroed once an epoch": "ZBSBSBSZBSBS",
    "clipped": "BcS" * 3,
    "the weight is used twice": "WSWS",
    "several batches a step": "BBSBBS",
}


@pytest.mark.parametrize("rule", ["SGD", "Adam"])
@pytest.mark.parametrize("order", DELIBERATE)
def test_deliberate_accumulation_is_silent(order: str, rule: str) -> None:
    Loop(rule).run(DELIBERATE[order])


@pytest.mark.parametrize("rule", ["SGD", "Adam"])
@pytest.mark.parametrize("order", MISTAKEN)
def test_a_forgotten_zero_grad_is_said_once(order: str, rule: str) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Loop(rule).run(MISTAKEN[order])
    assert len(caught) == 1
    with pytest.warns(UserWarning, match=FORGOTTEN):
        Loop(rule).run(MISTAKEN[order])


def test_the_warning_points_to_the_callers_line() -> None:
    loop = Loop()
    loop.run("BSB")
    with pytest.warns(UserWarning, match=FORGOTTEN) as caught:
        loop.rule.step()
    assert caught[0].filename == __file__


def test_a_trainer_never_forgets() -> None:
    model = nn.Linear(2, 1)
    trainer = pellucid.Trainer(
        model, lambda p, t: ((p - t) ** 2).mean(), optim.SGD(model.parameters())
    )
    assert trainer.fit(pellucid.rand(6, 2), pellucid.rand(6, 1), batch_size=2, epochs=3).steps == 9


@pytest.mark.parametrize("epochs", [0, 2])
@pytest.mark.parametrize(
    ("last", "loss", "words"),
    [
        (nn.Softmax(1), nn.CrossEntropyLoss, TWICE_SOFTMAX),
        (nn.Sigmoid(), nn.BCEWithLogitsLoss, TWICE_SIGMOID),
    ],
)
def test_a_native_training_says_it_too(last: nn.Module, loss: Any, words: str, epochs: int) -> None:
    one = Case(last, loss=loss())
    rule = optim.SGD(one.model.parameters(), lr=0.1)
    trainer = pellucid.Trainer(one.model, one.loss, rule)
    with pytest.warns(UserWarning, match=words):
        history = trainer.fit(one.x, one.y, batch_size=2, epochs=epochs)
    assert history.engine == "native"
    trainer.fit(one.x, one.y, batch_size=2)
