"""Runs on disk: found, read back exactly, refused with one sentence when they cannot be."""

import json
import shutil

import numpy as np
import pytest

from pellucid.cli.main import run as run_command
from pellucid.errors import InputError, ModelFileError
from pellucid.model.prepared import prepare_fit
from pellucid.runs import store
from pellucid.runs.finding import list_runs, open_run
from pellucid.runs.run import Run
from pellucid.runs.seal import write_seal
from pellucid.runs.writer import RunWriter, clean_name, next_number


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained") / "run"
    words = [
        "train",
        "students",
        "--epochs",
        "4",
        "--patience",
        "3",
        "--quiet",
        "--out",
        str(folder),
    ]
    assert run_command(words) == 0
    return folder


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def copy(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "copy")


def test_everything_is_read_back(trained):
    run = Run(trained)
    prepared = prepare_fit("students", "passed", epochs=4, patience=3)
    recipe = run.recipe
    assert recipe.table.sha256 == prepared.table.fingerprint()
    assert recipe.table.rows == 1250
    assert recipe.program == prepared.program
    assert (recipe.layers, recipe.activation, recipe.learning_rate) == ((5,), "relu", 0.03)
    assert (recipe.batch_size, recipe.epochs, recipe.patience, recipe.seed) == (100, 4, 3, 0)
    assert recipe.engine == "native"
    assert recipe.arithmetic == prepared.engine.arithmetic
    assert {each.name: each.kind for each in recipe.columns} == {
        "hours_studied": "number",
        "sleep_hours": "number",
        "prev_score": "number",
        "attendance": "number",
        "passed": "target",
    }
    assert run.states["first"].fingerprint() == prepared.state.fingerprint()
    assert run.states["last"].fingerprint() == run.outcome.fingerprint
    assert len(run.losses) == run.outcome.steps == 40
    assert len(run.validation_losses) == run.outcome.finished_epochs + 1
    np.testing.assert_array_equal(run.data["inputs"], prepared.training.inputs)
    np.testing.assert_array_equal(run.data["rows.training"], prepared.split.train)
    assert run.table.fingerprint() == prepared.table.fingerprint()
    assert run.table.units == prepared.table.units


def test_tables_with_gaps_and_words_come_back_exactly(tmp_path):
    from pellucid.data.reading import read_table  # noqa: PLC0415 (only here)

    table = read_table({"n": [1.5, None, -2], "w": ["a, b", None, "ü"]})
    store.write_table(tmp_path / "t", table)
    write_seal(tmp_path, ["t"])
    again = store.read_table_columns(tmp_path / "t")
    assert again.fingerprint() == table.fingerprint()
    assert again.row(1) == {"n": None, "w": None}


def test_names_count_up_and_the_latest_is_found(here):
    for _ in range(2):
        assert run_command(["train", "students", "--epochs", "1", "--quiet"]) == 0
    assert [each.name for each in list_runs()] == ["students-2", "students-1"]
    assert open_run().name == "students-2"
    assert open_run("students-1").name == "students-1"
    assert open_run(here / "runs" / "students-1").reference == "students-1"
    assert [each.name for each in (here / "runs").iterdir() if each.name.startswith(".")] == []


def test_an_unknown_name_is_answered_with_the_nearest(here):
    (here / "runs" / "students-1").mkdir(parents=True)
    shutil.copy(_recipe_of(here), here / "runs" / "students-1" / "recipe.json")
    with pytest.raises(ModelFileError, match=r"no run 'studens-1'\. Did you mean 'students-1'"):
        open_run("studens-1")


def _recipe_of(folder):
    run_command(["train", "students", "--epochs", "0", "--quiet", "--out", str(folder / "made")])
    return folder / "made" / "recipe.json"


def test_without_runs_it_says_how_to_make_one(here):
    with pytest.raises(ModelFileError, match="pellucid train students --target passed"):
        open_run()


def test_a_folder_that_is_no_run(tmp_path):
    with pytest.raises(ModelFileError, match="is no run"):
        open_run(tmp_path)


@pytest.mark.parametrize("name", ["recipe.json", "outcome.json"])
def test_damaged_records_are_told(copy, name):
    (copy / name).write_text('{"format": 1, "version": ')
    with pytest.raises(ModelFileError, match=rf"{name} is damaged.*Restore|train again"):
        _read_everything(copy)


@pytest.mark.parametrize(
    "name", ["best.safetensors", "losses.f64", "events.jsonl", "data.safetensors"]
)
def test_a_damaged_file_is_told(copy, name):
    path = copy / name
    path.write_bytes(path.read_bytes()[:-50] + b"?")
    with pytest.raises(ModelFileError, match=rf"{name} is damaged"):
        _read_everything(copy)


def test_missing_files_are_told(copy):
    (copy / "best.safetensors").unlink()
    with pytest.raises(ModelFileError, match=r"best\.safetensors is missing"):
        _read_everything(copy)


def test_a_changed_byte_of_the_data_is_found(copy):
    path = copy / "data.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"data\.safetensors is damaged"):
        _read_everything(copy)


def test_a_later_format_is_told(copy):
    recipe = json.loads((copy / "recipe.json").read_text())
    recipe |= {"format": 99, "version": "9.0"}
    (copy / "recipe.json").write_text(json.dumps(recipe))
    with pytest.raises(ModelFileError, match=r"written by pellucid 9.0.*Install that version"):
        Run(copy)
    recipe |= {"format": 1, "version": "0.0.1"}
    (copy / "recipe.json").write_text(json.dumps(recipe))
    with pytest.raises(ModelFileError, match=r"written by pellucid 0.0.1.*Train again"):
        Run(copy)


def _read_everything(folder):
    run = Run(folder)
    return run.outcome, run.states, run.losses, run.data, run.table, run.incidents


def test_an_existing_folder_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="already exists and stays as it is"):
        RunWriter("x", tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"


def test_an_unwritable_place_is_told_before_training(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"Cannot write to .*--out FOLDER"):
        RunWriter("x", tmp_path / "file" / "run")


def test_what_is_not_committed_does_not_look_like_a_run(here):
    writer = RunWriter("students")
    (writer.folder / "recipe.json").write_text("{}")
    assert list_runs() == []
    writer.discard()
    assert list((here / "runs").iterdir()) == []


@pytest.mark.parametrize(
    ("stem", "name"), [("my data (2)", "my-data-2"), ("..", "run"), ("größe", "größe")]
)
def test_names_are_safe_for_folders(stem, name):
    assert clean_name(stem) == name


def _fill(folder):
    folder.mkdir(parents=True)
    (folder / "recipe.json").write_text("{}")


def test_a_gap_in_the_numbers_is_not_filled(here):
    for number in (1, 3):
        _fill(here / "runs" / f"students-{number}")
    assert next_number("students") == 4
    writer = RunWriter("students")
    assert writer.publish().name == "students-4"
    writer.release()


def test_two_writers_that_choose_one_name_both_get_one(here, monkeypatch):
    from pellucid.runs import writer  # noqa: PLC0415 (only here)

    _fill(here / "runs" / "students-1")
    numbers = iter([1, 1, 2])  # the name was free when the second writer looked
    monkeypatch.setattr(writer, "next_number", lambda _: next(numbers))
    late = RunWriter("students")
    (late.folder / "recipe.json").write_text("late")
    assert late.publish().name == "students-2"
    late.release()
    assert (here / "runs" / "students-1" / "recipe.json").read_text() == "{}"
    assert (here / "runs" / "students-2" / "recipe.json").read_text() == "late"


def test_a_name_that_cannot_be_given_is_told(here, monkeypatch):
    from pathlib import Path  # noqa: PLC0415 (only here)

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    late = RunWriter("students")
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(InputError, match=r"Cannot write to .*students-1: permission denied"):
        late.publish()
