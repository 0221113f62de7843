"""`Trainer` with schedules, clipping and weights does what the written-out loop does in PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

import pellucid
from pellucid import Trainer, fit_many, manual_seed, nn, optim
from pellucid.errors import InputError, TrainingError
from pellucid.optim import lr_scheduler

ROWS, BATCH, EPOCHS = 23, 5, 6
BATCHES = -(-ROWS // BATCH)
random = np.random.default_rng(0)
X = random.normal(size=(ROWS, 3))
Y = X[:, :1] * 2 + random.normal(size=(ROWS, 1))
OTHERS = random.normal(size=(9, 3)), random.normal(size=(9, 1))


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """On tensors this small PyTorch's threads mostly wait for one another."""
    count = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(count)


class Wrapped(nn.Module):
    """A module that the native engine does not know."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Any) -> Any:
        return self.inner(x) * 1.0  # what the walk with symbols does not take


def network(lib: Any) -> Any:
    lib.manual_seed(5)
    model = lib.nn.Sequential(lib.nn.Linear(3, 4), lib.nn.Tanh(), lib.nn.Linear(4, 1))
    return model.to(lib.float64)


def sgd(lib: Any, model: Any) -> Any:
    learned = list(model.parameters())
    groups = [{"params": learned[:1]}, {"params": learned[1:], "lr": 0.02}]
    return lib.optim.SGD(groups, lr=0.1, momentum=0.9)


def sequence(words: Any, optimizer: Any) -> Any:
    rise = words.LinearLR(optimizer, start_factor=0.3, total_iters=3)
    fall = words.ExponentialLR(optimizer, gamma=0.5)
    return words.SequentialLR(optimizer, [rise, fall], milestones=[3])


def chain(words: Any, optimizer: Any) -> Any:
    small = words.ConstantLR(optimizer, factor=0.25, total_iters=2)
    return words.ChainedScheduler([small, words.ExponentialLR(optimizer, gamma=0.9)])


def swa(words: Any, optimizer: Any) -> Any:
    lib = torch.optim.swa_utils if words is torch.optim.lr_scheduler else words
    return lib.SWALR(optimizer, swa_lr=0.05, anneal_epochs=3)


SCHEDULES = {
    "StepLR": lambda words, o: words.StepLR(o, 2, gamma=0.5),
    "MultiStepLR": lambda words, o: words.MultiStepLR(o, [1, 4], gamma=0.3),
    "ConstantLR": lambda words, o: words.ConstantLR(o, 0.5, 3),
    "LinearLR": lambda words, o: words.LinearLR(o, 0.2, total_iters=4),
    "ExponentialLR": lambda words, o: words.ExponentialLR(o, 0.8),
    "PolynomialLR": lambda words, o: words.PolynomialLR(o, 5, power=2.0),
    "CosineAnnealingLR": lambda words, o: words.CosineAnnealingLR(o, 4, eta_min=0.001),
    "CosineAnnealingWarmRestarts": lambda words, o: words.CosineAnnealingWarmRestarts(o, 2, 2),
    "LambdaLR": lambda words, o: words.LambdaLR(o, [lambda t: 1 / (1 + t), lambda t: 0.9**t]),
    "MultiplicativeLR": lambda words, o: words.MultiplicativeLR(o, lambda _: 0.9),
    "CyclicLR": lambda words, o: words.CyclicLR(o, 0.01, 0.1, step_size_up=3),
    "OneCycleLR": lambda words, o: words.OneCycleLR(o, 0.1, total_steps=EPOCHS * BATCHES),
    "SequentialLR": sequence,
    "ChainedScheduler": chain,
    "SWALR": swa,
    "ReduceLROnPlateau": lambda words, o: words.ReduceLROnPlateau(o, factor=0.5, patience=0),
}


def by_torch(
    make: Any, every: str, *, validates: bool = False, weights: Any = None, **clip: float
) -> Any:
    """The loop as everybody writes it."""
    model = network(torch)
    optimizer = sgd(torch, model)
    schedule = None if make is None else make(torch.optim.lr_scheduler, optimizer)
    weights = np.ones(ROWS) if weights is None else weights
    columns = (torch.tensor(each[weights > 0]) for each in (X, Y, weights))
    dataset = torch.utils.data.TensorDataset(*columns)
    losses = []
    for _ in range(EPOCHS):
        total = 0.0
        for x, y, w in torch.utils.data.DataLoader(dataset, batch_size=BATCH, shuffle=True):
            loss = (((model(x) - y) ** 2).mean(1) * w).sum() / w.sum()
            optimizer.zero_grad()
            loss.backward()
            if "clip_norm" in clip:
                torch.nn.utils.clip_grad_norm_(model.parameters(), clip["clip_norm"])
            if "clip_value" in clip:
                torch.nn.utils.clip_grad_value_(model.parameters(), clip["clip_value"])
            optimizer.step()
            losses.append(loss.item())
            total += loss.item() * len(x)
            if schedule is not None and every == "step":
                schedule.step()
        if schedule is not None and every == "epoch":
            figure = total / len(dataset)
            if validates:
                x, y = (torch.tensor(each) for each in OTHERS)
                with torch.no_grad():
                    figure = torch.nn.functional.mse_loss(model(x), y).item()
            followed = isinstance(schedule, torch.optim.lr_scheduler.ReduceLROnPlateau)
            schedule.step(figure) if followed else schedule.step()
    return np.array(losses), model, optimizer, schedule


def trainer_of(make: Any, every: str, native: bool = True, **clip: float) -> Trainer:
    model = network(pellucid)
    optimizer = sgd(pellucid, model)
    schedule = None if make is None else make(lr_scheduler, optimizer)
    whole = model if native else Wrapped(model)
    return Trainer(whole, nn.MSELoss(), optimizer, scheduler=schedule, schedule_every=every, **clip)


def same(trainer: Trainer, history: Any, wanted: Any) -> None:
    losses, model, optimizer, schedule = wanted
    np.testing.assert_allclose(history.losses, losses, rtol=1e-9)
    for mine, other in zip(trainer.model.parameters(), model.parameters(), strict=True):
        np.testing.assert_allclose(np.asarray(mine), other.detach().numpy(), rtol=1e-8, atol=1e-12)
    for mine, other in zip(trainer.optimizer.param_groups, optimizer.param_groups, strict=True):
        assert mine["lr"] == pytest.approx(other["lr"], rel=1e-12, abs=1e-15)
        assert mine["momentum"] == pytest.approx(other["momentum"], rel=1e-12)
    if schedule is not None:
        assert trainer.scheduler is not None
        if hasattr(schedule, "last_epoch"):  # a chain has none in PyTorch
            assert trainer.scheduler.last_epoch == schedule.last_epoch
        assert trainer.scheduler.get_last_lr() == pytest.approx(schedule.get_last_lr(), abs=1e-15)


TIMES = [(name, every) for name in SCHEDULES for every in ("epoch", "step")]
TIMES.remove(("ReduceLROnPlateau", "step"))


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize(("name", "every"), TIMES)
def test_each_schedule_gives_pytorchs_numbers(name: str, every: str, native: bool) -> None:
    trainer = trainer_of(SCHEDULES[name], every, native)
    history = trainer.fit(X, Y, BATCH, EPOCHS)
    assert history.engine == ("native" if native else "eager")
    same(trainer, history, by_torch(SCHEDULES[name], every))


def cycling(name: str) -> Any:
    """A way to make an optimizer whose momentum or β₁ goes up and down."""
    settings = {"momentum": 0.5} if name == "RMSprop" else {}
    return lambda lib, model: getattr(lib.optim, name)(model.parameters(), lr=0.01, **settings)


@pytest.mark.parametrize("name", ["Adam", "AdamW", "RMSprop"])
@pytest.mark.parametrize("kind", ["OneCycleLR", "CyclicLR"])
def test_momenta_of_every_rule_cycle(name: str, kind: str, monkeypatch: Any) -> None:
    monkeypatch.setitem(globals(), "sgd", cycling(name))
    trainer = trainer_of(SCHEDULES[kind], "step")
    wanted = by_torch(SCHEDULES[kind], "step")
    history = trainer.fit(X, Y, BATCH, EPOCHS)
    assert history.engine == "native"
    np.testing.assert_allclose(history.losses, wanted[0], rtol=1e-9)
    for mine, other in zip(trainer.model.parameters(), wanted[1].parameters(), strict=True):
        np.testing.assert_allclose(np.asarray(mine), other.detach().numpy(), rtol=1e-7)
    for key in ("lr", "momentum" if name == "RMSprop" else "betas"):
        mine, other = (o.param_groups[0][key] for o in (trainer.optimizer, wanted[2]))
        assert mine == pytest.approx(other, rel=1e-12)


def test_no_epochs_move_no_schedule() -> None:
    for name in ("StepLR", "ReduceLROnPlateau"):
        trainer = trainer_of(SCHEDULES[name], "epoch")
        assert trainer.fit(X, Y, BATCH, 0).steps == 0
        assert trainer.scheduler is not None
        assert trainer.scheduler.last_epoch == 0


def test_each_schedule_is_held_against_pytorch() -> None:
    assert set(SCHEDULES) == set(lr_scheduler.__all__) - {"LRScheduler"}


@pytest.mark.parametrize("native", [True, False])
def test_a_plateau_is_seen_on_the_validation_rows(native: bool) -> None:
    trainer = trainer_of(SCHEDULES["ReduceLROnPlateau"], "epoch", native)
    history = trainer.fit(X, Y, BATCH, EPOCHS, validation=OTHERS, restore_best=False)
    same(trainer, history, by_torch(SCHEDULES["ReduceLROnPlateau"], "epoch", validates=True))
    assert trainer.optimizer.param_groups[0]["lr"] < 0.1
    assert len(history.validation_losses) == EPOCHS


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("validates", [True, False])
def test_a_plateaus_own_fields_are_pytorchs(native: bool, validates: bool) -> None:
    def make(words: Any, optimizer: Any) -> Any:
        return words.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, threshold=0.2, cooldown=1)

    trainer = trainer_of(make, "epoch", native)
    for epochs in (2, EPOCHS - 2):
        rows = OTHERS if validates else None
        trainer.fit(X, Y, BATCH, epochs, validation=rows, restore_best=False)
    _, _, _, schedule = by_torch(make, "epoch", validates=validates)
    assert trainer.scheduler is not None
    mine, other = trainer.scheduler.state_dict(), schedule.state_dict()
    for name in ("num_bad_epochs", "cooldown_counter", "last_epoch", "best", "_last_lr"):
        assert mine[name] == pytest.approx(other[name], rel=1e-10)
        assert type(mine[name]) is type(other[name])


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("clip", [{"clip_norm": 0.3}, {"clip_value": 0.1}])
def test_clipping(clip: dict[str, float], native: bool) -> None:
    trainer = trainer_of(None, "epoch", native, **clip)
    same(trainer, trainer.fit(X, Y, BATCH, EPOCHS), by_torch(None, "epoch", **clip))


@pytest.mark.parametrize("native", [True, False])
def test_rows_count_as_they_are_told_to(native: bool) -> None:
    weights = np.arange(ROWS) % 4 / 2
    trainer = trainer_of(SCHEDULES["StepLR"], "epoch", native)
    history = trainer.fit(X, Y, BATCH, EPOCHS, sample_weight=weights)
    assert history.engine == ("native" if native else "eager")
    same(trainer, history, by_torch(SCHEDULES["StepLR"], "epoch", weights=weights))


@pytest.mark.parametrize("form", [{0: 0.5, 1: 3.0}, [0.5, 3.0, 1.0], {0: 1.0, 1: 6.0, 2: 2.0}])
def test_class_weights_are_those_of_the_loss(form: Any) -> None:
    """A mean does not depend on the weights' unit, so the last form is the same as the others."""
    labels = np.arange(ROWS) % 3
    wanted, found = [], []
    for given in (True, False):
        manual_seed(1)
        model = nn.Sequential(nn.Linear(3, 3)).double()
        weight = pellucid.tensor([0.5, 3.0, 1.0]).double()
        loss = nn.CrossEntropyLoss() if given else nn.CrossEntropyLoss(weight)
        trainer = Trainer(model, loss, optim.SGD(model.parameters(), lr=0.1))
        history = trainer.fit(X, labels, BATCH, 3, class_weight=form if given else None)
        (found if given else wanted).append(history.losses)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize("name", ["OneCycleLR", "SequentialLR", "LambdaLR", "ReduceLROnPlateau"])
def test_two_fits_are_one(name: str) -> None:
    one, two = (trainer_of(SCHEDULES[name], "epoch") for _ in range(2))
    manual_seed(2)
    whole = one.fit(X, Y, BATCH, 6)
    manual_seed(2)
    parts = [two.fit(X, Y, BATCH, 2), two.fit(X, Y, BATCH, 4)]
    np.testing.assert_array_equal(np.concatenate([each.losses for each in parts]), whole.losses)
    assert one.scheduler is not None
    assert two.scheduler is not None
    assert one.scheduler.get_last_lr() == two.scheduler.get_last_lr()


@pytest.mark.parametrize("name", ["StepLR", "ReduceLROnPlateau"])
@pytest.mark.parametrize("native", [True, False])
def test_a_schedule_stands_where_patience_stopped(name: str, native: bool) -> None:
    trainer = trainer_of(SCHEDULES[name], "epoch", native)
    history = trainer.fit(X, Y, BATCH, 200, validation=OTHERS, patience=3)
    assert history.ending == "patience"
    assert history.epochs < 200
    assert trainer.scheduler is not None
    assert trainer.scheduler.last_epoch == history.epochs
    assert trainer.scheduler.get_last_lr() == trainer.scheduler.current()


@pytest.mark.parametrize("name", ["StepLR", "ReduceLROnPlateau"])
def test_numbers_that_run_away_leave_the_schedule_as_it_was(name: str) -> None:
    trainer = trainer_of(SCHEDULES[name], "epoch")
    for group in trainer.optimizer.param_groups:
        group["lr"] = 1e300
    with pytest.raises(TrainingError, match=r"Step 2: the loss .* than 1e\+300"):
        trainer.fit(X, Y, BATCH, EPOCHS)
    assert [group["lr"] for group in trainer.optimizer.param_groups] == [1e300, 1e300]
    assert trainer.scheduler is not None
    assert trainer.scheduler.last_epoch == 0


@pytest.mark.parametrize(
    ("factor", "scale", "words"),
    [
        (1e300, 1.0, r"Step 9: the loss became inf .* than 1e\+299"),
        (1e308, 1e5, r"Step 8: the update made .* than 1e\+307"),
    ],
)
def test_the_step_that_broke_is_found_with_its_own_rate(
    factor: float, scale: float, words: str
) -> None:
    def make(its: Any, optimizer: Any) -> Any:
        return its.LambdaLR(optimizer, lambda step: 1e-6 if step < 7 else factor)

    trainer = trainer_of(make, "step")
    with pytest.raises(TrainingError, match=words):
        trainer.fit(X, Y * scale, BATCH, EPOCHS)


@pytest.mark.parametrize("name", ["StepLR", "ReduceLROnPlateau"])
def test_a_stop_flag_ends_it_and_the_schedule_with_it(name: str) -> None:
    trainer = trainer_of(SCHEDULES[name], "epoch")
    history = trainer.fit(X, Y, BATCH, 10**5, stop=lambda: True)
    assert history.ending == "stopped"
    assert trainer.scheduler is not None
    assert trainer.scheduler.last_epoch == history.epochs


def test_an_interrupted_plateau_leaves_what_was_learnt() -> None:
    trainer = trainer_of(SCHEDULES["ReduceLROnPlateau"], "epoch")
    asked = []

    def interrupt() -> bool:
        asked.append(0)
        if len(asked) > 20:
            raise KeyboardInterrupt
        return False

    before = trainer.model[0].weight.array.copy()
    with pytest.raises(KeyboardInterrupt):
        trainer.fit(X, Y, BATCH, 10**5, stop=interrupt)
    assert (trainer.model[0].weight.array != before).all()
    assert trainer.scheduler is not None
    assert trainer.scheduler.last_epoch > 0
    assert trainer.scheduler.get_last_lr() == trainer.scheduler.current()


def test_many_have_schedules_of_their_own() -> None:
    names = ["StepLR", "OneCycleLR", "ReduceLROnPlateau"]
    every = ["step", "step", "epoch"]

    def trainers() -> list[Trainer]:
        pairs = zip(names, every, strict=True)
        return [trainer_of(SCHEDULES[name], moves, clip_norm=0.5) for name, moves in pairs]

    together = trainers()
    found = fit_many(together, X, Y, BATCH, EPOCHS, seeds=[1, 2, 3])
    for alone, seed, trainer, history in zip(trainers(), [1, 2, 3], together, found, strict=True):
        manual_seed(seed)
        wanted = alone.fit(X, Y, BATCH, EPOCHS)
        np.testing.assert_array_equal(history.losses, wanted.losses)
        assert alone.optimizer.param_groups[0]["lr"] == trainer.optimizer.param_groups[0]["lr"]


class Own(lr_scheduler.LRScheduler):
    def rates(self) -> list[float]:
        return [rate / (1 + self.last_epoch) for rate in self.base_lrs]


def test_a_schedule_of_ones_own_is_followed_in_python() -> None:
    trainer = trainer_of(lambda _, o: Own(o), "epoch")
    history = trainer.fit(X, Y, BATCH, EPOCHS)
    assert history.engine == "eager"
    assert "the schedule Own is none of pellucid's" in history.reason
    like = trainer_of(SCHEDULES["LambdaLR"], "epoch")
    assert trainer.optimizer.param_groups[0]["lr"] == pytest.approx(0.1 / 7)
    assert like.fit(X, Y, BATCH, 1).losses[0] == pytest.approx(history.losses[0])


def test_a_cycle_that_is_too_short_says_so_before_anything_is_done() -> None:
    trainer = trainer_of(SCHEDULES["OneCycleLR"], "step")
    before = trainer.model[0].weight.array.copy()
    with pytest.raises(ValueError, match="Tried to step 31 times"):
        trainer.fit(X, Y, BATCH, EPOCHS + 1)
    np.testing.assert_array_equal(trainer.model[0].weight.array, before)
    assert trainer.optimizer.param_groups[0]["lr"] == pytest.approx(0.1 / 25)


MISTAKES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "every": ({"schedule_every": "steps"}, {}, "'epoch' or 'step'. Got 'steps'"),
    "schedule": ({"scheduler": 0.1}, {}, "`scheduler` must be one of"),
    "norm": ({"clip_norm": 0}, {}, "`clip_norm` must be a number above 0"),
    "value": ({"clip_value": "1"}, {}, "`clip_value` must be a number above 0"),
    "few": ({}, {"sample_weight": [1.0, 2.0]}, "`sample_weight` must be 23 numbers"),
    "negative": ({}, {"sample_weight": -np.ones(ROWS)}, "finite numbers of at least 0"),
    "none": ({}, {"sample_weight": np.zeros(ROWS)}, "at least one weight must be above 0"),
    "classes": ({}, {"class_weight": {0: 2.0}}, "`class_weight` needs one class for each row"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told_with_the_cure(name: str) -> None:
    made, fitted, words = MISTAKES[name]
    model = network(pellucid)
    with pytest.raises(InputError, match=words):
        Trainer(model, nn.MSELoss(), sgd(pellucid, model), **made).fit(X, Y, **fitted)


def test_a_schedule_of_another_optimizer_is_refused() -> None:
    model = network(pellucid)
    schedule = lr_scheduler.StepLR(sgd(pellucid, model), 1)
    with pytest.raises(InputError, match="made for the optimizer"):
        Trainer(model, nn.MSELoss(), sgd(pellucid, model), scheduler=schedule)
    plateau = lr_scheduler.ReduceLROnPlateau(rule := sgd(pellucid, model))
    with pytest.raises(InputError, match="whole epochs"):
        Trainer(model, nn.MSELoss(), rule, scheduler=plateau, schedule_every="step")
