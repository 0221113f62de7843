"""A step as a spreadsheet: an office program computes what the engine computed, and follows changes."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pellucid import nn, optim
from pellucid.cli.main import run as pellucid
from pellucid.errors import AddressError
from pellucid.figures.run_view import RunView
from pellucid.figures.saving import save
from pellucid.figures.step_facts import StepFacts
from pellucid.random import manual_seed
from pellucid.runs.run import Run
from pellucid.train.trainer import Trainer

needs_office = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="needs LibreOffice: apt-get install libreoffice-calc"
)
TABLES = ("students", "houses", "penguins", "sgd")
# Trainings by `Trainer.fit`: activations, loss, optimizer; step 2 of each is written.
MADE: dict[str, tuple[list[Any], Any, Any]] = {
    "rmsprop": (
        [nn.GELU(), nn.SiLU()],
        nn.HuberLoss(delta=0.4),
        lambda its: optim.RMSprop(its, lr=0.01, momentum=0.6, centered=True, weight_decay=0.1),
    ),
    "adagrad": (
        [nn.ELU(0.7), nn.GELU(approximate="tanh")],
        nn.L1Loss(),
        lambda its: optim.Adagrad(
            its, lr=0.05, lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.2
        ),
    ),
    "amsgrad": (
        [nn.Softplus(2.0, 1.0), nn.Mish()],
        nn.SmoothL1Loss(reduction="sum", beta=0.3),
        lambda its: optim.Adam(its, lr=0.01, amsgrad=True, weight_decay=0.2),
    ),
    "adamw": (
        [nn.SELU(), nn.LeakyReLU(0.2)],
        nn.PoissonNLLLoss(),
        lambda its: optim.AdamW(its, lr=0.01, weight_decay=0.3),
    ),
    "nesterov": (
        [nn.Tanh(), nn.Sigmoid()],
        nn.BCELoss(),
        lambda its: optim.SGD(its, lr=0.1, momentum=0.8, nesterov=True, weight_decay=0.1),
    ),
    "heavy": (
        [nn.ReLU(), nn.Identity()],
        nn.MSELoss(),
        lambda its: optim.SGD(its, lr=0.1, momentum=0.8, dampening=0.3, maximize=True),
    ),
}


def made(name: str, folder: Path, **more: Any) -> Run:
    """A short recorded training."""
    activations, loss, rule = MADE[name]
    random = np.random.default_rng(5)
    inputs = random.normal(size=(24, 3)).astype(np.float32)
    targets = (inputs[:, :1] * inputs[:, 1:2] > 0).astype(np.float32)
    manual_seed(1)
    last = [nn.Sigmoid()] if isinstance(loss, nn.BCELoss) else []
    model = nn.Sequential(
        nn.Linear(3, 4), activations[0], nn.Linear(4, 3), activations[1], nn.Linear(3, 1), *last
    )
    trainer = Trainer(model, loss, rule(model.parameters()), **more)
    return Run(Path(str(trainer.fit(inputs, targets, 8, 2, record=folder / name).run)))


@pytest.fixture(scope="module")
def opened(runs: dict[str, Run], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """The runs, and one that was trained with SGD."""
    folder = tmp_path_factory.mktemp("sgd") / "run"
    words = ["train", "circles", "--target", "inside", "--epochs", "1", "--optimizer", "sgd"]
    assert pellucid([*words, "--layers", "3,2", "--quiet", "--out", str(folder)]) == 0
    places = tmp_path_factory.mktemp("made")
    return {**runs, "sgd": Run(folder), **{name: made(name, places) for name in MADE}}


@pytest.fixture(scope="module")
def workbooks(
    opened: dict[str, Run], tmp_path_factory: pytest.TempPathFactory, office: Any
) -> Path:
    """Step 2 of every run, and the same computed by an office program."""
    folder = tmp_path_factory.mktemp("workbooks")
    files = [save(opened[table], ["@2"], folder / f"{table}.xlsx") for table in (*TABLES, *MADE)]
    changed = folder / "changed.xlsx"
    office.change_cell(folder / "students.xlsx", changed, 3, "B5", 0.75)
    if shutil.which("soffice"):
        office.compute([*files, changed], folder)
    return folder


@needs_office
@pytest.mark.parametrize("table", [*TABLES, *MADE])
def test_every_formula_gives_the_number_of_the_engine(
    workbooks: Path, table: str, office: Any
) -> None:
    engine = office.read_cells(workbooks / f"{table}.xlsx", formulas_only=True)
    computed = office.read_cells(workbooks / "computed" / f"{table}.xlsx")
    assert len(engine) > 300
    for place, value in engine.items():
        if place[0] != "Check":
            assert computed[place] == pytest.approx(value, rel=2e-5, abs=1e-6), place
    assert computed["Check", "B3"] == pytest.approx(0.0, abs=1e-5)
    assert computed["Check", "B4"] == "yes"


@needs_office
def test_a_changed_weight_changes_all_that_follows(
    workbooks: Path, runs: dict[str, Run], office: Any
) -> None:
    view = RunView(runs["students"])
    before = view.moment(2).trace.before
    parameters = {name: array.copy() for name, array in before.parameters.items()}
    parameters["0.weight"][0, 0] = 0.75
    data = view.run.data
    trace = view.engine.trace(
        view.run.recipe.program,
        replace(before, parameters=parameters),
        data["inputs"],
        data["targets"],
        batch_size=view.run.recipe.batch_size,
    )
    computed = office.read_cells(workbooks / "computed" / "changed.xlsx")
    assert computed["Step", "B6"] == pytest.approx(trace.loss, rel=1e-5)
    assert computed["Check", "B4"] == "no: something was changed"
    made = [value for (sheet, _), value in computed.items() if sheet == "Update"]
    for value in trace.after.parameters["2.weight"].ravel():
        assert np.isclose(np.array(made, float, copy=None, ndmin=1), value, rtol=1e-4).any()


@pytest.mark.parametrize("table", TABLES)
def test_the_same_step_has_the_same_bytes(
    workbooks: Path, opened: dict[str, Run], tmp_path: Path, table: str
) -> None:
    again = save(opened[table], ["@2"], tmp_path / f"{table}.xlsx")
    assert again.read_bytes() == (workbooks / f"{table}.xlsx").read_bytes()


def test_a_cell_that_looks_like_a_formula_stays_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, office: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    cells = ["=1+1", "@SUM(A1)", '"quoted"', "http://example.org"]
    lines = [f"{at},{repr(cells[at % 4])[1:-1]},{'yes' if at % 3 else 'no'}" for at in range(60)]
    text = "\n".join(["x,kind,y", *lines]).replace(',"quoted",', ',"""quoted""",')
    Path("t.csv").write_text(text)
    assert pellucid(["train", "t.csv", "--target", "y", "--epochs", "1", "--quiet"]) == 0
    path = save(Run(tmp_path / "runs" / "t-1"), ["@1"], tmp_path / "a.xlsx")
    formulas = office.read_cells(path, formulas_only=True)
    raw = [place for sheet, place in formulas if sheet == "Data" and place[0] == "B"]
    assert raw == []
    levels = [place for sheet, place in formulas if sheet == "Data" and place[0] in "DEFG"]
    assert len(levels) == 4 * len(RunView(Run(tmp_path / "runs" / "t-1")).moment(1).trace.rows)


def test_what_cannot_be_written_is_said(runs: dict[str, Run], tmp_path: Path) -> None:
    run = runs["students"]
    with pytest.raises(AddressError, match=r"shows one step\. Name it: pellucid show .*@1"):
        save(run, [], tmp_path / "a.xlsx")
    with pytest.raises(AddressError, match="has no step 9,999"):
        save(run, ["@9999"], tmp_path / "a.xlsx")
    unseen = int(run.data["rows.test"][0]) + 1
    with pytest.raises(AddressError, match=rf"Row {unseen:,} is not in the batch of step 1"):
        StepFacts(RunView(run), 1, unseen)


def test_what_has_no_formulas_is_named(tmp_path: Path) -> None:
    run = made("heavy", tmp_path / "clipped", clip_norm=1.0)
    with pytest.raises(AddressError, match="its gradients are clipped"):
        StepFacts(RunView(run), 1)
    model = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Linear(4, 1))
    trainer = Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1))
    inputs = np.ones((8, 3), np.float32)
    history = trainer.fit(inputs, inputs[:, :1], record=tmp_path / "norm")
    with pytest.raises(AddressError, match="the layer layer_norm has no formulas"):
        StepFacts(RunView(Run(Path(str(history.run)))), 1)
    plain = nn.Linear(3, 1)
    trainer = Trainer(plain, nn.MSELoss(), optim.SGD(plain.parameters(), lr=0.1))
    weights = np.arange(1, 9)
    trainer.fit(inputs, inputs[:, :1], sample_weight=weights, record=tmp_path / "weights")
    with pytest.raises(AddressError, match="its rows count differently"):
        StepFacts(RunView(Run(tmp_path / "weights")), 1)
