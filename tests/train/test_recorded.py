"""Trainings by `Trainer.fit` that are kept as runs: the same numbers, opened and done again."""

import importlib
import sys

import numpy as np
import pytest

import pellucid
from pellucid import nn, optim
from pellucid.cli.main import run as command
from pellucid.errors import AddressError, InputError, RunError
from pellucid.run import open_run
from pellucid.runs import keeper, states
from pellucid.train.replay import do_steps

OWN = '''
from pellucid import nn


class Net(nn.Module):
    """Squares what a layer gives, which no chain of layers does."""

    def __init__(self, width, drop=0.1):
        super().__init__()
        self.first = nn.Linear(2, width)
        self.norm = nn.BatchNorm1d(width)
        self.drop = nn.Dropout(drop)
        self.last = nn.Linear(width, 1)
        self.scales = {"two": (2.0, float("inf"))}

    def forward(self, x):
        inside = self.drop(self.norm(self.first(x)).tanh())
        return self.last(inside**2 * self.scales["two"][0])


def distance(prediction, truth):
    return ((prediction - truth) ** 2).mean() + 0.01 * prediction.abs().mean()
'''


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The module `own_net` of a person's own, in a file that can be imported."""
    (tmp_path / "own_net.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "own_net", raising=False)
    yield importlib.import_module("own_net")
    sys.modules.pop("own_net", None)


def rows(count=60):
    random = np.random.default_rng(0)
    inputs = random.normal(size=(count, 2)).astype(np.float32)
    return inputs, inputs[:, :1] * 2 - inputs[:, 1:]


def chain():
    return nn.Sequential(
        nn.Linear(2, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Dropout(0.2), nn.Linear(5, 1)
    )


def trained(make, loss, record, **settings):
    """A module trained twice in a row, with momentum and a schedule; recorded the first time."""
    pellucid.manual_seed(3)
    model = make()
    rule = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    schedule = optim.lr_scheduler.StepLR(rule, 2, 0.5)
    trainer = pellucid.Trainer(model, loss, rule, scheduler=schedule)
    inputs, targets = rows()
    first = trainer.fit(inputs, targets, batch_size=13, epochs=5, record=record, **settings)
    second = trainer.fit(inputs, targets, batch_size=20, epochs=1)
    weights = {name: each.array.tolist() for name, each in model.state_dict().items()}
    return first, (
        first.losses.tolist(),
        second.losses.tolist(),
        weights,
        pellucid.rand(2).tolist(),
    )


@pytest.mark.parametrize("kind", ["chain", "own module", "own loss"])
@pytest.mark.parametrize("judges", [False, True])
def test_a_record_changes_no_number(kind, judges, own, tmp_path):
    make = (lambda: own.Net(4)) if kind == "own module" else chain
    loss = own.distance if kind == "own loss" else nn.MSELoss()
    inputs, targets = rows(9)
    judged = {"validation": (inputs, targets), "patience": 3} if judges else {}
    _, plain = trained(make, loss, None, **judged)
    history, recorded = trained(make, loss, tmp_path / "run", **judged)
    assert recorded == plain
    assert history.run == tmp_path / "run"
    run = open_run(history.run)
    assert run.losses.tolist() == history.losses.tolist()
    assert run.outcome.best_epoch == history.best_epoch
    first = run.states["first"]
    assert do_steps(run, first, run.steps).fingerprint() == run.outcome.fingerprint
    moment = run.at(run.steps)
    assert moment.trace.loss == run.losses[-1]
    assert moment.learning_rate == pytest.approx(0.01 * 0.5 ** ((history.epochs - 1) // 2))
    assert moment.batch.row(0).keys() == {"x1", "x2", "target"}


def test_weights_of_rows_and_an_order_that_stays_are_part_of_a_run(tmp_path):
    model = chain()
    trainer = pellucid.Trainer(model, nn.MSELoss(), optim.Adam(model.parameters()))
    inputs, targets = rows()
    weights = np.arange(60) / 10
    trainer.fit(
        inputs, targets, 7, 3, shuffle=False, sample_weight=weights, record=tmp_path / "run"
    )
    run = open_run(tmp_path / "run")
    assert do_steps(run, run.states["first"], run.steps).fingerprint() == run.outcome.fingerprint
    np.testing.assert_array_equal(run.data["inputs"][run.at(1).trace.rows], inputs[1:8])


def test_numbers_of_a_recorded_chain_have_addresses_and_names(tmp_path):
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    trainer = pellucid.Trainer(model, nn.BCEWithLogitsLoss(), optim.RMSprop(model.parameters()))
    inputs, targets = rows()
    names = pellucid.Recording(tmp_path / "run", inputs=("left", "right"), target="more")
    trainer.fit(inputs, targets > 0, epochs=3, record=names)
    run = open_run(tmp_path / "run")
    assert run.explain("@2 hidden1.3.weight.left.update").check().ok
    assert run.explain(f"@1 row:{run.at(1).rows[0]} loss").check().ok
    assert run.explain("row:1 output.more").check().ok
    made = run.at("last").model.predict({"left": inputs[:, 0], "right": inputs[:, 1]})
    shares = model(pellucid.tensor(inputs)).sigmoid().array[:, 0]
    assert made == ["yes" if each >= 0.5 else "no" for each in shares]


def test_a_run_is_done_again_by_a_process_that_knows_the_file_only(own, tmp_path, monkeypatch):
    history, _ = trained(lambda: own.Net(4), own.distance, tmp_path / "run")
    del sys.modules["own_net"]
    monkeypatch.undo()  # the import path is gone, too: only the place of the file is left
    run = open_run(history.run)
    assert do_steps(run, run.states["first"], run.steps).fingerprint() == run.outcome.fingerprint


@pytest.mark.parametrize("accident", ["changed", "gone"])
def test_without_its_code_a_run_still_opens(accident, own, tmp_path, capsys):
    history, _ = trained(lambda: own.Net(4), nn.MSELoss(), tmp_path / "run")
    path = tmp_path / "own_net.py"
    if accident == "changed":
        path.write_text(OWN + "\n# another line\n")
    else:
        path.unlink()
        sys.modules.pop("own_net")
    run = open_run(history.run)
    assert len(run.losses) == run.steps == history.steps
    assert run.nearest_state(run.steps).step == run.steps
    said = "own_net.py has changed since" if accident == "changed" else "own_net.py is no longer"
    with pytest.raises(RunError, match=said) as told:
        _ = run.at(2).trace
    assert "losses and its" in str(told.value)
    assert command(["show", str(history.run)]) == 0
    assert "Net, " in capsys.readouterr().out


def test_code_that_no_import_finds_is_named_with_the_cure(tmp_path):
    class Inner(nn.Linear):
        pass

    model = Inner(2, 1)
    trainer = pellucid.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1))
    trainer.fit(*rows(), record=tmp_path / "run")
    run = open_run(tmp_path / "run")
    assert run.steps == 2
    with pytest.raises(RunError, match="Inner is defined inside a function"):
        _ = run.at(1).trace


def test_a_class_of_the_started_program_is_warned_of(own, tmp_path, monkeypatch):
    monkeypatch.setattr(own.Net, "__module__", "__main__")
    model = own.Net(3)
    trainer = pellucid.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1))
    with pytest.warns(UserWarning, match="cannot be done again.*a file of its own") as told:
        trainer.fit(*rows(), record=tmp_path / "run")
    assert len(told) == 1
    assert told[0].filename == __file__
    assert open_run(tmp_path / "run").steps == 2


def test_what_a_module_holds_must_be_writable(own, tmp_path):
    model = own.Net(3)
    model.secret = np.zeros(3)
    trainer = pellucid.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1))
    trainer.fit(*rows(), record=tmp_path / "run")
    with pytest.raises(
        RunError, match=r"Net\.secret is of the type ndarray.*make an array a buffer"
    ):
        _ = open_run(tmp_path / "run").at(1).trace


def test_inside_a_module_of_ones_own_nothing_has_an_address(own, tmp_path, capsys):
    history, _ = trained(lambda: own.Net(4), nn.MSELoss(), tmp_path / "run")
    run = open_run(history.run)
    with pytest.raises(RunError, match="Net was trained by code of its own"):
        run.explain("@2 loss")
    assert command(["show", str(history.run), "@2"]) == 0
    said = capsys.readouterr().out
    assert "step 2 of 25" in said
    assert "first.weight" in said
    assert command(["show", str(history.run), "@2", "row:1", "loss"]) == 2
    assert "no number inside it has an address" in capsys.readouterr().err
    with pytest.raises(AddressError, match="no step 26"):
        run.at(26)


def test_such_a_run_goes_on_in_python_only(own, tmp_path, capsys):
    history, _ = trained(lambda: own.Net(4), nn.MSELoss(), tmp_path / "run")
    for words in (["train", "--resume", history.run], ["branch", history.run, "@2", "--lr", "0.1"]):
        assert command([str(each) for each in words]) == 2
        assert "in Python only" in capsys.readouterr().err


def test_what_cannot_be_recorded_is_refused_before_anything_is_written(tmp_path):
    model = chain()
    rule = optim.SGD(model.parameters(), lr=0.1)
    plateau = optim.lr_scheduler.ReduceLROnPlateau(rule)
    inputs, targets = rows()
    for trainer, record, said in (
        (pellucid.Trainer(model, nn.MSELoss(), rule, scheduler=plateau), True, "Plateau"),
        (pellucid.Trainer(model, nn.MSELoss(), rule), 3, "Got int"),
        (pellucid.Trainer(model, nn.MSELoss(), rule), pellucid.Recording(disk=0), "megabyte"),
        (
            pellucid.Trainer(model, nn.MSELoss(), rule),
            pellucid.Recording(inputs="a"),
            "2 different",
        ),
    ):
        with pytest.raises(InputError, match=said):
            trainer.fit(inputs, targets, record=record)


def test_numbers_that_run_away_leave_no_run(tmp_path):
    model = chain()
    trainer = pellucid.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=1e30))
    with pytest.raises(pellucid.errors.TrainingError):
        trainer.fit(*rows(), epochs=3, record=tmp_path / "run")
    assert not list(tmp_path.iterdir())


def test_a_stopped_training_is_a_finished_run(tmp_path):
    model = chain()
    asked = []
    trainer = pellucid.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.01))
    stop = lambda: len(asked) > 1 or asked.append(1)  # noqa: E731
    history = trainer.fit(*rows(), 10, 10_000, stop=stop, record=tmp_path / "run")
    run = open_run(tmp_path / "run")
    assert run.is_finished
    assert run.outcome.ending == "stopped"
    assert run.steps == history.steps < 60_000


def test_a_full_disk_leaves_the_module_what_it_has_learnt(tmp_path, monkeypatch):
    real, written = states.write_state, []

    def write_state(path, state, seconds):
        if len(written) > 2:
            raise OSError(28, "No space left on device")
        written.append(state)
        return real(path, state, seconds)

    monkeypatch.setattr(keeper, "write_state", write_state)
    monkeypatch.setattr(keeper, "INTERVAL", 0.0)
    monkeypatch.setattr(keeper, "SHARE", 0.0)
    model = chain()
    trainer = pellucid.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.01))
    with pytest.raises(RunError, match=r"no space left.*call `fit` again"):
        trainer.fit(*rows(), 10, 100_000, record=tmp_path / "run")
    run = open_run(tmp_path / "run")
    assert (run.is_finished, run.steps) == (False, written[-1].step)
    assert model[0].weight.array.tolist() != written[0].parameters["0.weight"].tolist()
    assert run.at(2).trace.loss == run.losses[1]
