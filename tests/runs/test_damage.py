"""A run whose files were changed: one sentence that names the file, exit code 2, no traceback.

Each damage is done twice: as it comes about, which the seal tells, and sealed anew, so that what
the files say must be found unfit by itself.
"""

import json
import re
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from pellucid.cli.main import run as run_command
from pellucid.engine.fingerprint import fingerprint
from pellucid.errors import ModelFileError
from pellucid.runs import seal, states
from pellucid.runs.run import Run
from pellucid.train.replay import state_after


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "run"
    words = ["train", "students", "--epochs", "2", "--quiet", "--out", str(folder)]
    assert run_command(words) == 0
    return folder


@pytest.fixture
def copy(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "copy")


def change_arrays(path, change):
    arrays = load_file(path)
    change(arrays)
    save_file(arrays, path)


def change_json(path, change):
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told))


def reshaped(name, shape):
    return lambda arrays: arrays.update({name: np.zeros(shape, arrays[name].dtype)})


def without(name):
    return lambda arrays: arrays.pop(name)


def put(value, *path):
    def change(told):
        for each in path[:-1]:
            told = told[each]
        told[path[-1]] = value

    return change


FIRST, LAST, BEST = "states/000000000000", "states/000000000020", "best"
STATES = {
    "no counter": (LAST, without("step")),
    "no generator": (FIRST, without("generator")),
    "no weight": (BEST, without("parameters/0.weight")),
    "no memory": (LAST, without("memory/0.weight.exp_avg")),
    "nothing": (FIRST, lambda arrays: arrays.clear()),
    "a generator of 3 words": (FIRST, reshaped("generator", 3)),
    "a narrower weight": (LAST, reshaped("parameters/0.weight", (5, 3))),
    "a narrower memory": (LAST, reshaped("memory/0.weight.exp_avg", (5, 3))),
    "two steps at once": (LAST, reshaped("step", 2)),
    "another last step": (LAST, reshaped("step", ())),
}
PROGRAM = {
    "a prediction that is no buffer": put("nowhere", "program", "loss", "prediction"),
    "no operations": put([], "program", "operations"),
    "a width that is not the weight's": put(6, "program", "operations", 0, "width"),
    "a huge width": put(10**15, "program", "operations", 0, "width"),
    "an activation of another width": put(7, "program", "operations", 1, "width"),
    "a width below one": put(-1, "program", "operations", 0, "width"),
    "an input that is no buffer": put(["nowhere"], "program", "operations", 1, "inputs"),
    "a weight that is no parameter": put(["9.weight"], "program", "operations", 0, "parameters"),
    "a transposed weight": put([4, 5], "program", "parameters", 0, 1),
    "another loss": put("guess", "program", "loss", "kind"),
    "more inputs": put(9, "program", "inputs", 0, 1),
    "another dtype": put("float64", "program", "dtype"),
    "no such dtype": put("float16", "dtype"),
    "no batch": put(0, "batch_size"),
    "rows below none": put(-1, "table", "rows"),
}
OUTCOME = {
    "a billion steps": put(10**9, "steps"),
    "no best epoch": put(99, "best_epoch"),
    "steps below none": put(-1, "steps"),
    "words for numbers": put("many", "steps"),
}
CURVES = {
    "empty": lambda path: path.write_bytes(b""),
    "a loss less": lambda path: path.write_bytes(path.read_bytes()[:-8]),
    "half a loss less": lambda path: path.write_bytes(path.read_bytes()[:-4]),
    "a loss more": lambda path: path.write_bytes(path.read_bytes() + bytes(8)),
}
DAMAGES = [
    *((f"{STATES[each][0]}.safetensors", each, STATES[each][1]) for each in STATES),
    *(("losses.f64", each, CURVES[each]) for each in CURVES),
    *(("validation.f64", each, CURVES[each]) for each in CURVES),
    *(("recipe.json", each, PROGRAM[each]) for each in PROGRAM),
    *(("outcome.json", each, OUTCOME[each]) for each in OUTCOME),
    ("data.safetensors", "nothing", lambda arrays: arrays.clear()),
    ("data.safetensors", "no targets", without("targets")),
    ("table.safetensors", "nothing", lambda arrays: arrays.clear()),
    ("table.safetensors", "a column less", without("0")),
]


@pytest.mark.parametrize("is_sealed", [False, True], ids=["as it comes", "sealed anew"])
@pytest.mark.parametrize(
    ("name", "change"),
    [(name, change) for name, _, change in DAMAGES],
    ids=[f"{name}-{told}" for name, told, _ in DAMAGES],
)
def test_every_damage_is_one_sentence(copy, capsys, name, change, is_sealed):
    damage(copy / name, change)
    if is_sealed:
        seal_again(copy)
    blamed = re.escape(name)
    with pytest.raises(ModelFileError, match=rf"{blamed} is damaged.*Restore.*train again"):
        read_everything(copy)
    codes, said = [], []
    for words in (["show", copy], ["show", copy, "row:1"], ["show", copy, "@2"]):
        codes.append(run_command([str(each) for each in words]))
        told = capsys.readouterr()
        said += told.err.splitlines()
    assert set(codes) <= {0, 2}
    assert len(said) == codes.count(2)
    assert all(re.search(f"{blamed} is damaged", each) for each in said)


def damage(path, change):
    if path.suffix == ".f64":
        change(path)
    elif path.suffix == ".json":
        change_json(path, change)
    else:
        change_arrays(path, change)


def seal_again(folder):
    names = [each.name for each in folder.iterdir() if each.is_file()]
    states = [folder / "best.safetensors", *(folder / "states").iterdir()]
    sealed = {}
    for path in states:
        arrays = load_file(path)
        sealed[path.relative_to(folder).as_posix()] = fingerprint(arrays)
        save_file(arrays, path, {"sha256": fingerprint(arrays)})
    own = {seal.NAME, "best.safetensors"}
    seal.write_seal(folder, sorted({*names} - own), sealed)


def read_everything(folder):
    run = Run(folder)
    numbers = run.outcome, run.states, run.losses, run.validation_losses
    return numbers, run.data, run.table, run.model_path, run.incidents


@pytest.mark.parametrize("change", [lambda path: path.unlink(), lambda path: path.write_text("{")])
def test_without_the_seal_nothing_is_read(copy, change):
    change(copy / seal.NAME)
    with pytest.raises(ModelFileError, match=rf"{seal.NAME} is (missing|damaged)"):
        Run(copy)


def test_a_damaged_state_in_between_costs_time_only(copy):
    """The steps after it are done again from an earlier one, with the same bits."""
    whole = state_after(Run(copy), 15).fingerprint()
    between = state_after(Run(copy), 10)
    states.write_state(states.state_path(copy, 10), between, 0.0)
    seal_again(copy)
    assert Run(copy).nearest_state(15).step == 10
    states.state_path(copy, 10).write_bytes(b"no state")
    run = Run(copy)
    assert run.nearest_state(15).step == 0
    assert state_after(run, 15).fingerprint() == whole


def test_another_runs_model_is_found(copy, tmp_path):
    words = ["train", "students", "--layers", "7", "--epochs", "1", "--quiet"]
    assert run_command([*words, "--out", str(tmp_path / "other")]) == 0
    shutil.copy(tmp_path / "other" / "model.safetensors", copy / "model.safetensors")
    with pytest.raises(ModelFileError, match=r"model\.safetensors is damaged"):
        _ = Run(copy).model_path


def test_the_seal_covers_every_file(trained):
    told = json.loads((trained / seal.NAME).read_text())["sha256"]
    assert set(told) == {
        each.relative_to(trained).as_posix() for each in trained.rglob("*") if each.is_file()
    } - {seal.NAME}
