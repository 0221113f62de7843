"""The model file: nothing is lost, PyTorch reads the weights, and bad files get one sentence."""

from __future__ import annotations

import json
import re
import struct
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load_file as load_numpy
from safetensors.numpy import save_file
from safetensors.torch import load_file

from pellucid.data.reading import read_table
from pellucid.engine.fingerprint import fingerprint
from pellucid.errors import InputError, ModelFileError
from pellucid.model.contents import FORMAT
from pellucid.model.file import FILE_NAME, KEY, SEAL
from pellucid.model.fit import fit
from pellucid.model.model import Model, load

TARGETS = {"students": "passed", "penguins": "species", "houses": "price"}


@cache
def model_of(name: str, dtype: str = "float32") -> Model:
    return fit(name, TARGETS[name], epochs=3, dtype=dtype)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "students.safetensors"
    model_of("students").save(path)
    return path


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", TARGETS)
def test_a_round_trip_keeps_every_bit(name: str, dtype: str, tmp_path: Path) -> None:
    model = model_of(name, dtype)
    model.save(tmp_path / "model")
    again = load(tmp_path / "model")
    np.testing.assert_array_equal(np.asarray(again.predict(name)), np.asarray(model.predict(name)))
    assert repr(again) == repr(model)
    assert again.evaluate(name) == model.evaluate(name)
    assert (again.method, again.history) == (model.method, model.history)


def test_pytorch_reads_the_weights_under_its_own_names(saved: Path) -> None:
    network = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.ReLU(), torch.nn.Linear(5, 1))
    network.load_state_dict(load_file(saved))
    inputs = model_of("students").preparation.inputs(read_table("students"))
    expected = torch.sigmoid(network(torch.tensor(inputs))).detach().numpy()
    shares = model_of("students").predict_probabilities("students")[:, 1:]
    np.testing.assert_allclose(shares, expected, atol=1e-6)


def test_a_run_folder_stands_for_its_model(tmp_path: Path) -> None:
    model_of("students").save(tmp_path / FILE_NAME)
    assert repr(load(tmp_path)) == repr(model_of("students"))


def test_a_runs_name_stands_for_its_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "runs" / "students-1"
    folder.mkdir(parents=True)
    model_of("students").save(folder / FILE_NAME)
    assert repr(load("students-1")) == repr(model_of("students"))
    with pytest.raises(ModelFileError, match=r"no file students-2. Did you mean 'students-1'"):
        load("students-2")


def test_saving_again_replaces_the_file_and_leaves_nothing_beside(saved: Path) -> None:
    before = saved.read_bytes()
    fit("students", "passed", epochs=1).save(saved)
    assert saved.read_bytes() != before
    assert [each.name for each in saved.parent.iterdir()] == [saved.name]


def test_a_failed_write_leaves_the_old_file_whole(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = saved.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError, match=r"no space left on device. Name another place"):
        model_of("students").save(saved)
    assert saved.read_bytes() == before
    assert [each.name for each in saved.parent.iterdir()] == [saved.name]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be written to .*gone.*no such file or directory"):
        model_of("students").save(tmp_path / "gone" / "model")


def test_a_missing_file_is_answered_with_the_nearest(saved: Path) -> None:
    with pytest.raises(ModelFileError, match=r"There is no file .*Did you mean 'students.safe"):
        load(saved.with_name("student.safetensors"))


def test_a_folder_without_a_model_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"holds no model.safetensors, so it is no run"):
        load(tmp_path)


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hours,passed\n1,no\n" * 100)
    with pytest.raises(
        ModelFileError, match=r"notes.txt is damaged or no model file. Copy it again"
    ):
        load(tmp_path / "notes.txt")


def test_weights_of_another_library_are_refused(tmp_path: Path) -> None:
    save_file({"0.weight": np.zeros((1, 4), np.float32)}, str(tmp_path / "other"))
    with pytest.raises(ModelFileError, match=r"holds weights but is no pellucid model"):
        load(tmp_path / "other")


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_truncated_or_changed_file_is_refused(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "model"
    model_of("students").save(path)
    whole = path.read_bytes()
    if data.draw(st.booleans()):
        damaged = whole[: data.draw(st.integers(0, len(whole) - 1))]
    else:
        header = 8 + struct.unpack("<Q", whole[:8])[0]
        at = data.draw(st.integers(header, len(whole) - 1))
        damaged = (
            whole[:at] + bytes([whole[at] ^ 1 << data.draw(st.integers(0, 7))]) + whole[at + 1 :]
        )
    path.write_bytes(damaged)
    with pytest.raises(ModelFileError, match=r"is damaged"):
        load(path)
    assert path.read_bytes() == damaged


def change_json(path: Path, *, is_sealed: bool = True, **changes: object) -> None:
    """Change what the file says beside the weights; a dict changes a part of what was there."""
    weights = load_numpy(path)
    with safe_open(str(path), framework="numpy") as opened:
        metadata = dict(opened.metadata())
    contents = json.loads(metadata[KEY])
    for name, change in changes.items():
        is_part = isinstance(change, dict) and isinstance(contents[name], dict)
        contents[name] = contents[name] | change if is_part else change
    metadata[KEY] = json.dumps(contents)
    if is_sealed:
        metadata[SEAL] = fingerprint(weights, metadata[KEY])
    save_file(weights, str(path), metadata=metadata)


def test_a_later_version_asks_for_an_update(saved: Path) -> None:
    change_json(saved, format=FORMAT + 1, preparation="something new")
    with pytest.raises(
        ModelFileError, match=r"by a later pellucid \(format 2; .* up to 1\). Update"
    ):
        load(saved)


def test_a_changed_word_of_the_description_is_found(saved: Path) -> None:
    change_json(saved, is_sealed=False, target={"labels": ["yes", "no"]})
    with pytest.raises(ModelFileError, match=r"is damaged: its bytes are not those"):
        load(saved)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"method": None}, "its description cannot be read"),
        ({"format": "one"}, "its description cannot be read"),
        ({"target": {"kind": 3}}, "its description cannot be read"),
        ({"history": {"steps": -1}}, "its description cannot be read"),
        ({"method": {"optimizer": "zz"}}, "The optimizer can be adam or sgd. Got 'zz'"),
        ({"method": {"optimizer": "Adam"}}, "its optimizer is 'Adam', which is written 'adam'"),
        ({"method": {"dtype": "float16"}}, "The dtype can be float32 or float64. Got 'float16'"),
        ({"method": {"dtype": "float64"}}, "its weights are not of its type float64"),
        ({"method": {"learning_rate": -1}}, "The learning rate must be a number above 0"),
        ({"method": {"activation": "wave"}}, "The activation can be"),
        ({"method": {"batch_size": 0}}, "The batch size must be a whole number, at least 1"),
        ({"method": {"layers": [6]}}, "its weights do not fit its layers 4-6-1"),
        ({"method": {"layers": [60_000, 60_000]}}, "do not fit its layers 4-60000-60000-1"),
        ({"method": {"layers": [0]}}, "Hidden layers are whole numbers"),
        ({"target": {"kind": "maybe"}}, "its target cannot be of the kind 'maybe'"),
        ({"target": {"kind": "number", "std": 0.0}}, "its target has no standard deviation"),
        ({"target": {"labels": ["no"]}}, "two classes or more, each with a label"),
        ({"target": {"labels": [], "classes": []}}, "two classes or more, each with a label"),
        ({"target": {"labels": ["a", "b", "c"]}}, "cannot be of the kind 'yes/no'"),
        ({"preparation": {"columns": []}}, "it has no inputs"),
    ],
)
def test_a_description_that_cannot_be_meant_is_refused_in_words(
    saved: Path, changes: dict[str, object], why: str
) -> None:
    change_json(saved, **changes)
    with pytest.raises(ModelFileError, match=rf"is damaged: .*{re.escape(why)}.*Copy it again"):
        load(saved)


def test_a_column_without_a_spread_is_refused(saved: Path) -> None:
    columns = msgspec.to_builtins(model_of("students").preparation)["columns"]
    columns[0]["std"] = 0.0
    change_json(saved, preparation={"columns": columns})
    with pytest.raises(ModelFileError, match="'hours_studied' has no standard deviation"):
        load(saved)


def test_weights_that_do_not_fit_cost_no_memory(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(*_: object) -> None:
        pytest.fail("a network was built before its widths were compared with the weights")

    monkeypatch.setattr("pellucid.model.model.build_network", build)
    change_json(saved, method={"layers": [60_000, 60_000]})
    with pytest.raises(ModelFileError):
        load(saved)


def test_nothing_in_the_file_is_a_pickle(saved: Path) -> None:
    data = saved.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    weights = {name: each for name, each in header.items() if name != "__metadata__"}
    assert set(weights) == {"0.weight", "0.bias", "2.weight", "2.bias"}
    assert header["__metadata__"]["format"] == "pt"
    assert len(data) == 8 + size + 4 * 31
