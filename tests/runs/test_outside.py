"""Runs of tables that are too large to be copied: they open while the table is there as it was."""

import os
import time

import pytest

from pellucid.cli.main import run as command
from pellucid.data.bundled.examples import bundled_table
from pellucid.data.writing import write_csv
from pellucid.errors import ModelFileError
from pellucid.report import record
from pellucid.run import open_run


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of houses.csv that holds no copy, and one that does."""
    folder = tmp_path_factory.mktemp("outside")
    table = write_csv(bundled_table("houses"), folder / "houses.csv")
    words = ["train", str(table), "--target", "price", "--epochs", "4", "--quiet", "--out"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record, "LARGEST_COPY", 1000)
        assert command([*words, str(folder / "run")]) == 0
    assert command([*words, str(folder / "copied")]) == 0
    return folder


@pytest.fixture
def lost(trained):
    """Take the table away for a test, or change it."""
    table, aside = trained / "houses.csv", trained / "aside.csv"
    content = table.read_bytes()

    def lose(*, changes: bool):
        table.replace(aside)
        if changes:
            table.write_bytes(content.replace(b"1", b"2"))
            later = time.time() + 10
            os.utime(table, (later, later))

    yield lose
    aside.replace(table)


def test_the_run_holds_no_cell_and_opens_all_the_same(trained):
    run, copied = open_run(trained / "run"), open_run(trained / "copied")
    assert not (trained / "run" / "table.safetensors").exists()
    assert run.recipe.data_sha256 == copied.recipe.data_sha256
    assert run.outcome.fingerprint == copied.outcome.fingerprint
    assert run.at(7).trace.loss == copied.at(7).trace.loss == run.losses[6]
    address = f"@7 row:{run.at(7).rows[0]} loss"
    assert run.explain(address).value == copied.explain(address).value
    assert run.at(7).batch.row(0) == copied.at(7).batch.row(0)


@pytest.mark.parametrize("changes", [False, True], ids=["gone", "changed"])
def test_without_its_table_the_run_says_what_still_opens(changes, trained, lost, capsys):
    lost(changes=changes)
    run = open_run(trained / "run")
    said = "houses.csv has changed since" if changes else "houses.csv is no longer there"
    with pytest.raises(ModelFileError, match=said) as told:
        _ = run.at(2).trace
    assert "until then the losses, the model and the stored states still open" in str(told.value)
    assert len(run.losses) == run.steps
    assert run.nearest_state(run.steps).step == run.steps
    assert command(["show", str(run.folder)]) == 0
    assert "too large to be copied" in " ".join(capsys.readouterr().out.split())
    assert command(["show", str(run.folder), "@2"]) == 2
    assert said in capsys.readouterr().err
    names = [each.name for each in run.recipe.columns if each.kind == "number"]
    cells = [f"{name}=10" for name in names]
    assert command(["predict", str(run.folder), *cells]) == 0


def test_a_branch_of_such_a_run_is_trained_from_the_table(trained, monkeypatch):
    monkeypatch.setattr(record, "LARGEST_COPY", 1000)
    out = trained / "branch"
    words = ["branch", str(trained / "run"), "@20", "--lr", "0.1", "--quiet", "--out", str(out)]
    assert command(words) == 0
    branch = open_run(out)
    assert branch.recipe.outside
    assert branch.at(21).trace.loss == branch.losses[20]
