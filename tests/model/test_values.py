"""`pellucid.save` and `pellucid.load`: what goes in comes back, and what cannot is said."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st

import pellucid
from pellucid import nn, optim
from pellucid.errors import InputError, ModelFileError
from pellucid.model.values import describe, restore

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
THINGS = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner)
    ),
    max_leaves=12,
)


@given(THINGS)
def test_whatever_is_described_comes_back(thing: Any) -> None:
    arrays: dict[str, Any] = {}
    assert restore(describe(thing, (), arrays), arrays) == thing
    assert not arrays


def test_a_training_goes_on_from_a_checkpoint(tmp_path: Path) -> None:
    x, y = pellucid.randn(20, 3), pellucid.randn(20, 1)

    def step(network: Any, optimizer: Any) -> float:
        optimizer.zero_grad()
        loss = nn.MSELoss()(network(x), y)
        loss.backward()
        optimizer.step()
        return float(loss.item())

    def make() -> tuple[Any, Any]:
        network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
        return network, optim.AdamW(network.parameters(), lr=0.1)

    network, optimizer = make()
    for _ in range(3):
        step(network, optimizer)
    path = tmp_path / "checkpoint.safetensors"
    saved = {"model": network.state_dict(), "optimizer": optimizer.state_dict(), "best": math.inf}
    pellucid.save(saved, path)
    wanted = [step(network, optimizer) for _ in range(3)]
    back = pellucid.load(path)
    network, optimizer = make()
    network.load_state_dict(back["model"])
    optimizer.load_state_dict(back["optimizer"])
    assert back["best"] == math.inf
    assert [step(network, optimizer) for _ in range(3)] == wanted


def test_pytorch_reads_a_state_dict_and_ours_reads_pytorchs(tmp_path: Path) -> None:
    network, theirs = nn.Linear(3, 2), torch.nn.Linear(3, 2)
    pellucid.save(network.state_dict(), tmp_path / "ours.safetensors")
    read = safetensors.torch.load_file(tmp_path / "ours.safetensors")
    assert sorted(read) == ["bias", "weight"]
    np.testing.assert_array_equal(read["weight"].numpy(), network.weight.detach().numpy())
    safetensors.torch.save_file(theirs.state_dict(), tmp_path / "theirs.safetensors")
    network.load_state_dict(pellucid.load(tmp_path / "theirs.safetensors"))
    np.testing.assert_array_equal(theirs.weight.detach().numpy(), network.weight.detach().numpy())


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "bool", "uint8"])
def test_tensors_of_every_kind_and_shape_come_back(tmp_path: Path, dtype: str) -> None:
    things = [pellucid.tensor(np.ones(shape, dtype)) for shape in ((), (0,), (2, 3))]
    turned = pellucid.tensor(np.arange(6).reshape(2, 3).astype(dtype)).t()
    generator = pellucid.Generator(3).get_state()
    path = tmp_path / "things.safetensors"
    pellucid.save({"a": [*things, turned], "a.0": 1.5, "chance": generator}, path)
    back = pellucid.load(path)
    for one, other in zip([*things, turned], back["a"], strict=True):
        assert one.dtype == other.dtype
        assert one.tolist() == other.tolist()
    np.testing.assert_array_equal(back["chance"], generator)


def test_names_that_meet_are_kept_apart(tmp_path: Path) -> None:
    things = {"a": {"b": pellucid.ones(1)}, "a.b": pellucid.zeros(1)}
    pellucid.save(things, tmp_path / "names.safetensors")
    back = pellucid.load(tmp_path / "names.safetensors")
    assert (back["a"]["b"].item(), back["a.b"].item()) == (1.0, 0.0)


def test_a_model_is_saved_as_it_saves_itself(tmp_path: Path) -> None:
    model = pellucid.fit("students", "passed", epochs=1)
    pellucid.save(model, tmp_path / "students.safetensors")
    assert repr(pellucid.load(tmp_path / "students.safetensors")) == repr(model)


@pytest.mark.parametrize(
    ("thing", "sentence"),
    [
        (nn.Linear(1, 1), r"An object of Linear cannot be saved.*Save `model.state_dict\(\)`"),
        ({"epoch": [1, object()]}, r"An object of object at epoch\.1 cannot be saved"),
        ({("a", 1): 2}, r"An object of tuple at key cannot be saved"),
    ],
)
def test_what_needs_code_is_refused(tmp_path: Path, thing: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        pellucid.save(thing, tmp_path / "thing.safetensors")
    assert not list(tmp_path.iterdir())


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(1)}, tmp_path / "theirs.pt")
    with pytest.raises(ModelFileError, match=r"written by torch\.save.*safetensors"):
        pellucid.load(tmp_path / "theirs.pt")
    with pytest.raises(ModelFileError, match="There is no file"):
        pellucid.load(tmp_path / "nothing.safetensors")
    with pytest.raises(InputError, match="Name the file by its path"):
        pellucid.save({}, io.BytesIO())  # type: ignore[arg-type]
    with pytest.raises(InputError, match="The values cannot be written to"):
        pellucid.save({}, tmp_path / "no" / "folder")
    with pytest.raises(InputError, match="pellucid computes on the CPU"):
        pellucid.load(tmp_path / "theirs.pt", map_location="cuda")
    with pytest.raises(InputError, match="no code"):
        pellucid.load(tmp_path / "theirs.pt", weights_only=False)
