"""`Trainer.fit` does what the five-line loop does, in pellucid and in PyTorch."""

from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid import nn, optim
from pellucid.errors import InputError, TrainingError
from pellucid.random import default_generator
from pellucid.train.eager_loop import Loop
from pellucid.train.examples import Examples
from pellucid.train.task import Plan

rng = np.random.default_rng(0)
X = rng.normal(size=(105, 4)).astype(np.float32)
YES = (X[:, :1] + X[:, 1:2] ** 2 > 0.5).astype(np.float32)
CLASSES = (X[:, 0] > 0).astype(np.int64) + (X[:, 1] > 0)


def network(lib: Any, outputs: int = 1) -> Any:
    lib.manual_seed(11)
    return lib.nn.Sequential(
        lib.nn.Linear(4, 5),
        lib.nn.ReLU(),
        lib.nn.Sequential(lib.nn.Linear(5, 3), lib.nn.Tanh()),
        lib.nn.Linear(3, outputs),
    )


def loop(lib: Any, words: Any, case: Any, epochs: int = 3, *, shuffle: bool = True) -> Any:
    """The classic loop; `words` is where TensorDataset and DataLoader live."""
    loss_name, targets, name, settings = case
    model = network(lib, 3 if targets.ndim == 1 else 1)
    loss_function = getattr(lib.nn, loss_name)()
    optimizer = getattr(lib.optim, name)(model.parameters(), **settings)
    dataset = words.TensorDataset(lib.tensor(X), lib.tensor(targets))
    loader = words.DataLoader(dataset, batch_size=10, shuffle=shuffle)
    losses = []
    for _ in range(epochs):
        for inputs, labels in loader:
            predictions = model(inputs)
            loss = loss_function(predictions, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return np.array(losses), model, optimizer


def fitted(case: Any, epochs: int = 3, *, shuffle: bool = True) -> Any:
    loss_name, targets, name, settings = case
    model = network(pellucid, 3 if targets.ndim == 1 else 1)
    optimizer = getattr(optim, name)(model.parameters(), **settings)
    trainer = pellucid.Trainer(model, getattr(nn, loss_name)(), optimizer)
    history = trainer.fit(X, targets, batch_size=10, epochs=epochs, shuffle=shuffle)
    return history, model, optimizer


CASES = [
    ("BCEWithLogitsLoss", YES, "SGD", {"lr": 0.1}),
    ("BCEWithLogitsLoss", YES, "Adam", {"lr": 0.01}),
    ("MSELoss", YES, "SGD", {"lr": 0.05, "momentum": 0.9}),
    ("MSELoss", YES, "SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("MSELoss", YES, "Adam", {"lr": 0.01, "weight_decay": 0.1, "betas": (0.8, 0.99)}),
    ("CrossEntropyLoss", CLASSES, "SGD", {"lr": 0.1}),
    ("CrossEntropyLoss", CLASSES, "Adam", {"lr": 0.01}),
    ("BCEWithLogitsLoss", YES, "Adam", {"lr": 0.01, "amsgrad": True}),
    ("BCEWithLogitsLoss", YES, "AdamW", {"lr": 0.01}),
    ("CrossEntropyLoss", CLASSES, "AdamW", {"lr": 0.01, "weight_decay": 0.1, "amsgrad": True}),
    ("BCEWithLogitsLoss", YES, "RMSprop", {"lr": 0.01}),
    ("MSELoss", YES, "RMSprop", {"lr": 0.001, "momentum": 0.5, "centered": True}),
    ("CrossEntropyLoss", CLASSES, "Adagrad", {"lr": 0.05, "lr_decay": 0.01}),
]


def same_memory(ours: Any, theirs: Any) -> None:
    assert ours.state_dict()["state"].keys() == theirs.state_dict()["state"].keys()
    for place, memory in theirs.state_dict()["state"].items():
        mine = ours.state_dict()["state"][place]
        assert set(mine) == set(memory)
        for kind, value in memory.items():
            np.testing.assert_allclose(np.asarray(mine[kind]), np.asarray(value), atol=2e-5)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("shuffle", [True, False])
def test_the_loop_gives_pytorchs_losses(oracle: Any, case: Any, shuffle: bool) -> None:
    losses, model, optimizer = loop(pellucid, pellucid, case, shuffle=shuffle)
    wanted, other, theirs = loop(oracle.torch, oracle.torch.utils.data, case, shuffle=shuffle)
    np.testing.assert_allclose(losses, wanted, rtol=2e-5)
    for one, two in zip(model.parameters(), other.parameters(), strict=True):
        np.testing.assert_allclose(np.asarray(one), two.detach(), atol=2e-5)
    same_memory(optimizer, theirs)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("shuffle", [True, False])
def test_fit_gives_the_loops_losses(case: Any, shuffle: bool) -> None:
    wanted, other, theirs = loop(pellucid, pellucid, case, shuffle=shuffle)
    words = default_generator.get_state()
    history, model, optimizer = fitted(case, shuffle=shuffle)
    assert history.engine == "native"
    assert history.reason == ""
    np.testing.assert_allclose(history.losses, wanted, rtol=2e-5)
    np.testing.assert_array_equal(default_generator.get_state(), words)
    for one, two in zip(model.parameters(), other.parameters(), strict=True):
        np.testing.assert_allclose(np.asarray(one), np.asarray(two), atol=2e-5)
    same_memory(optimizer, theirs)


@pytest.mark.parametrize("case", CASES)
def test_fit_and_loop_can_take_turns(case: Any) -> None:
    """Native, then the loop, then native again: as if the loop had done it all."""
    wanted, *_ = loop(pellucid, pellucid, case, epochs=3)
    history, model, optimizer = fitted(case, epochs=1)
    trainer = pellucid.Trainer(model, getattr(nn, case[0])(), optimizer)
    dataset = Examples([pellucid.tensor(X)], pellucid.tensor(case[1]))
    middle = Loop(trainer, dataset, Plan(10, 1)).fit("").losses
    last = trainer.fit(X, case[1], batch_size=10)
    found = np.concatenate([history.losses, middle, last.losses])
    np.testing.assert_allclose(found, wanted, rtol=5e-5)


def test_views_handed_out_stay_true() -> None:
    model = network(pellucid)
    view, optimizer = np.asarray(model[0].weight), optim.Adam(model.parameters(), lr=0.01)
    before = view.copy()
    pellucid.Trainer(model, nn.BCEWithLogitsLoss(), optimizer).fit(X, YES)
    assert model[0].weight.array is view
    assert not np.array_equal(view, before)
    memory = optimizer.state[model[0].weight]["exp_avg"].array
    pellucid.Trainer(model, nn.BCEWithLogitsLoss(), optimizer).fit(X, YES)
    assert optimizer.state[model[0].weight]["exp_avg"].array is memory
    assert model[0].weight.grad is None


def test_history_counts_epochs_and_says_what_happened() -> None:
    history, *_ = fitted(CASES[0])
    assert (history.steps, history.epochs) == (33, 3)
    sizes = np.array([10] * 10 + [5])
    wanted = [float(each @ sizes) / 105 for each in history.losses.reshape(3, 11)]
    np.testing.assert_allclose(history.epoch_losses, wanted)
    assert "33 steps in 3 epochs" in repr(history)
    empty, _, optimizer = fitted(CASES[1], epochs=0)
    assert repr(empty) == "History(no steps; native engine)"
    assert optimizer.state_dict()["state"] == {}


class Scaled(nn.Module):
    """A module that the native engine does not know."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(4, 1)
        self.scale = nn.Parameter(pellucid.ones(1))

    def forward(self, x: Any) -> Any:
        return self.inner(x) * self.scale


def test_what_cannot_be_lowered_is_trained_by_the_loop_and_says_why() -> None:
    pellucid.manual_seed(0)
    model = Scaled()
    trainer = pellucid.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.05))
    history = trainer.fit(X, X[:, :1] * 2, epochs=30, batch_size=10)
    assert history.engine == "eager"
    assert "the forward of Scaled uses `*`" in history.reason
    assert "because the forward of Scaled" in repr(history)
    assert history.losses[-1] < 1e-3 < history.losses[0]


def test_any_function_can_be_the_loss() -> None:
    model = network(pellucid)
    trainer = pellucid.Trainer(
        model, lambda p, y: (p - y).abs().mean(), optim.SGD(model.parameters(), lr=0.05)
    )
    history = trainer.fit(X, YES, epochs=2)
    assert history.engine == "eager"
    assert "the loss is <lambda>" in history.reason


def layered(lib: Any, *layers: Any) -> Any:
    return lib.nn.Sequential(lib.nn.Linear(4, 6), *layers, lib.nn.Linear(6, 1))


OBSTACLES = {
    "layer '1', BatchNorm1d keeps no": lambda: (
        layered(pellucid, nn.BatchNorm1d(6, track_running_stats=False)),
        nn.MSELoss(),
    ),
    "a `weight` of shape (21, 1) for 1 outputs": lambda: (
        layered(pellucid),
        nn.BCEWithLogitsLoss(pellucid.full((21, 1), 2.0)),
    ),
}


@pytest.mark.parametrize("words", OBSTACLES)
def test_newer_layers_and_losses_are_trained_by_the_loop(words: str) -> None:
    pellucid.manual_seed(0)
    model, loss = OBSTACLES[words]()
    rule = optim.Adam(model.parameters(), lr=0.01)
    history = pellucid.Trainer(model, loss, rule).fit(X, YES, epochs=20, batch_size=21)
    assert history.engine == "eager"
    assert words in history.reason
    assert history.losses[-5:].mean() < 0.9 * history.losses[:5].mean()


def test_one_layer_alone_is_trained_natively() -> None:
    pellucid.manual_seed(0)
    model = nn.Linear(4, 1)
    trainer = pellucid.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1))
    history = trainer.fit(X, X @ np.ones((4, 1)) + 1, epochs=50)
    assert history.engine == "native"
    assert model.weight.tolist()[0] == pytest.approx([1, 1, 1, 1], abs=1e-3)


@pytest.mark.parametrize(
    "convert", [lambda x: x, lambda x: x.tolist(), pellucid.tensor, lambda x: x.astype(np.float64)]
)
def test_inputs_may_be_arrays_lists_or_tensors(convert: Any) -> None:
    wanted, *_ = fitted(CASES[0], epochs=1)
    model = network(pellucid)
    trainer = pellucid.Trainer(model, nn.BCEWithLogitsLoss(), optim.SGD(model.parameters(), lr=0.1))
    history = trainer.fit(convert(X), convert(YES), batch_size=10)
    np.testing.assert_array_equal(history.losses, wanted.losses)


def fit(inputs: Any = X, targets: Any = YES, loss: Any = None, **settings: Any) -> Any:
    model = network(pellucid)
    optimizer = optim.SGD(model.parameters(), lr=settings.pop("lr", 0.1))
    loss = nn.MSELoss() if loss is None else loss
    return pellucid.Trainer(model, loss, optimizer).fit(inputs, targets, **settings)


def adam(model: nn.Module) -> optim.Adam:
    return optim.Adam(model.parameters(), lr=0.01)


REFUSED = {
    "broadcast targets": (
        lambda: fit(targets=YES[:, 0]),
        RuntimeError,
        r"targets.reshape\(-1, 1\)",
    ),
    "broadcast targets of another loss": (
        lambda: fit(targets=YES[:, 0], loss=nn.L1Loss()),
        RuntimeError,
        r"targets.reshape\(-1, 1\)",
    ),
    "flat targets for logits": (
        lambda: fit(targets=YES[:, 0], loss=nn.BCEWithLogitsLoss()),
        ValueError,
        "Target size",
    ),
    "chances beyond 1": (
        lambda: fit(targets=YES * 2, loss=nn.BCELoss()),
        RuntimeError,
        "between 0 and 1",
    ),
    "classes beyond": (
        lambda: fit(targets=CLASSES, loss=nn.CrossEntropyLoss()),
        IndexError,
        "out of bounds",
    ),
    "width": (lambda: fit(X[:, :3]), RuntimeError, "Layer '0', Linear"),
    "a class as loss": (
        lambda: pellucid.Trainer(network(pellucid), nn.MSELoss, None),
        InputError,
        r"Got the class MSELoss: write MSELoss\(\)",
    ),
    "no optimizer": (
        lambda: pellucid.Trainer(network(pellucid), nn.MSELoss(), None).fit(X, YES),  # type: ignore[arg-type]
        InputError,
        "must be an optimizer.* Got NoneType",
    ),
    "validation without targets": (lambda: fit(validation=X), InputError, r"\(inputs, targets\)"),
    "validation as a share": (lambda: fit(validation=0.2), InputError, "must be a pair.* float"),
    "no shares": (lambda: fit(loss=nn.BCELoss()), RuntimeError, "should be between 0 and 1"),
    "rows": (lambda: fit(X[:5]), AssertionError, "Size mismatch between tensors"),
    "no rows": (lambda: fit(X[:0], YES[:0]), InputError, "at least one row"),
    "text": (lambda: fit(np.array([["a"]])), InputError, "rows of numbers"),
    "text in lists": (lambda: fit([["a"]]), TypeError, "invalid data type 'str'"),
}


@pytest.mark.filterwarnings("ignore:Using a target size")
@pytest.mark.parametrize("name", REFUSED)
def test_mistakes_are_told_with_the_cure(name: str) -> None:
    act, kind, words = REFUSED[name]
    with pytest.raises(kind, match=words):
        act()


def test_numbers_that_run_away_leave_the_model_as_it_was() -> None:
    model = network(pellucid)
    before = np.array(model[0].weight)
    trainer = pellucid.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=1e30))
    with pytest.raises(TrainingError, match="Step"):
        trainer.fit(X, YES, epochs=5)
    np.testing.assert_array_equal(np.asarray(model[0].weight), before)


def test_numbers_that_run_away_end_the_loop_in_python_too() -> None:
    model = network(pellucid)
    trainer = pellucid.Trainer(model, lambda x, y: (x - y).mean() * np.nan, adam(model))
    with pytest.raises(TrainingError, match="Step 1: the loss became nan"):
        trainer.fit(X, YES)


def class_fit(targets: Any, *, is_native: bool) -> Any:
    model = network(pellucid, 3)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    trainer = pellucid.Trainer(model, nn.CrossEntropyLoss(), optimizer)
    history = trainer.fit(X, targets, batch_size=10, epochs=2)
    assert (history.engine == "native") == is_native, history.reason
    return history, model


@pytest.mark.parametrize("kind", ["bytes", "left out", "chances"])
def test_targets_of_every_kind_train_as_in_the_loop(oracle: Any, kind: str) -> None:
    targets = {
        "bytes": CLASSES.astype(np.uint8),
        "left out": np.where(np.arange(len(CLASSES)) % 7 == 0, -100, CLASSES),
        "chances": np.eye(3, dtype=np.float32)[CLASSES] * 0.8 + np.float32(0.2 / 3),
    }[kind]
    history, _ = class_fit(targets, is_native=True)
    torch = oracle.torch
    words = torch.utils.data
    model = network(torch, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    dataset = words.TensorDataset(torch.tensor(X), torch.tensor(targets))
    losses = []
    for _ in range(2):
        for inputs, labels in words.DataLoader(dataset, batch_size=10, shuffle=True):
            loss = torch.nn.CrossEntropyLoss()(model(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    np.testing.assert_allclose(history.losses, losses, atol=2e-5)


def test_gradients_are_none_after_a_native_fit() -> None:
    _, model = class_fit(CLASSES, is_native=True)
    assert [each.grad for each in model.parameters()] == [None] * 6


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("epochs", value) for value in (1.5, "3", True, 2**63, -1)),
        *(("batch_size", value) for value in (2**63, 0, 2.0, None)),
    ],
)
def test_counts_that_are_none_are_refused_in_words(name: str, value: Any) -> None:
    model = network(pellucid)
    trainer = pellucid.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1))
    with pytest.raises(InputError, match=f"`{name}` must be a whole number from . to 2"):
        trainer.fit(X, YES, **{name: value})


@pytest.mark.parametrize("targets", [X[:, 0], X[:, :1], X[:, :2]], ids=["(n,)", "(n, 1)", "(n, 2)"])
@pytest.mark.parametrize("words", ["native", "eager"])
def test_quantiles_take_every_shape_of_targets_that_the_loss_takes(
    targets: Any, words: str
) -> None:
    pellucid.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 2))
    if words == "eager":
        model[0].register_forward_hook(lambda *_: None)
    loss_function = nn.QuantileLoss([0.1, 0.9])
    start = loss_function(model(pellucid.tensor(X)), pellucid.tensor(targets)).item()
    history = pellucid.Trainer(model, loss_function, adam(model)).fit(X, targets, batch_size=105)
    assert history.engine == words
    np.testing.assert_allclose(history.losses, [start], rtol=1e-6)


def test_categories_stay_whole_numbers_for_an_embedding() -> None:
    pellucid.manual_seed(0)
    model = nn.Sequential(nn.Embedding(3, 4), nn.Flatten(), nn.Linear(8, 1))
    pairs = np.stack([CLASSES, 2 - CLASSES], axis=1)
    history = pellucid.Trainer(model, nn.MSELoss(), adam(model)).fit(
        pairs, YES, epochs=60, validation=(pairs, YES)
    )
    assert history.losses[-1] < history.losses[0]


def test_no_epoch_asks_nothing_of_the_batches() -> None:
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
    trainer = pellucid.Trainer(model, nn.MSELoss(), adam(model))
    assert trainer.fit(X[:7], YES[:7], batch_size=3, epochs=0).engine == "native"


def test_the_cast_to_the_models_dtype_says_nothing_by_itself() -> None:
    with pytest.raises(TrainingError, match="the inputs gave inf"):
        fit(np.full((3, 4), 1e39), YES[:3])
