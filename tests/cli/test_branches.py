"""Branching, comparing and listing runs."""

import json
import os
import re
import time

import numpy as np
import pytest

from pellucid.model.branch import branch_of
from pellucid.report.keeping import keep_branch
from pellucid.runs.finding import open_run
from pellucid.train.replay import moment_at, state_after


@pytest.fixture
def trained(terminal):
    assert terminal("train", "students", "--epochs", 8, "--quiet").code == 0
    return open_run()


def branch(terminal, *words):
    said = terminal("branch", *words, "--quiet")
    assert said.complaint == ""
    return open_run(said.out.strip())


def compared(terminal, one, other):
    return json.loads(terminal("compare", one, other, "--json").out)


def test_another_rate_parts_at_its_step(terminal, trained):
    made = branch(terminal, "students-1", "@43", "--lr", 0.1)
    assert made.recipe.parent.run == "students-1"
    assert made.recipe.parent.changes == {"learning rate": "0.03 → 0.1"}
    assert (made.first_step, made.steps) == (43, trained.steps)
    np.testing.assert_array_equal(made.losses[:43], trained.losses[:43])
    assert not np.array_equal(made.losses[43:], trained.losses[43:])
    assert state_after(made, 42).parameters["0.weight"].tobytes() == (
        state_after(trained, 42).parameters["0.weight"].tobytes()
    )
    told = compared(terminal, "students-1", made.name)
    assert (told["step"], told["together"]) == (43, 42)
    assert "learning rate: 0.03 and 0.1" in told["differences"]
    said = terminal("compare", "students-1", made.name).out
    assert "part at step 43" in said
    assert "branched from students-1 @43: learning rate 0.03 → 0.1" in said


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("hidden1.3.weight.sleep_hours", "0.weight[2, 1]"),
        ("output.passed.bias", "2.bias[0]"),
        ("model[0].weight[2, 1]", "0.weight[2, 1]"),
        ("0.weight[2,1]", "0.weight[2,1]"),
    ],
)
def test_a_weight_is_set_by_its_address(terminal, trained, address, name):
    made = branch(terminal, "students-1", "@43", "--weight", f"{address}=0.25")
    assert list(made.recipe.parent.changes) == [name]
    assert made.recipe.parent.changes[name].endswith("→ 0.25")
    parameter, _, index = name.partition("[")
    place = tuple(int(each) for each in index[:-1].split(","))
    assert state_after(made, 42).parameters[parameter][place] == 0.25


@pytest.mark.parametrize("value", ["nan", "inf", "1e60"])
def test_a_weight_is_set_to_a_finite_number(terminal, trained, value):
    said = terminal("branch", "students-1", "@43", "--weight", f"hidden1.3.bias={value}")
    assert said.code == 2
    assert "must be a finite number" in said.complaint


def test_a_gradient_cannot_be_set(terminal, trained):
    said = terminal("branch", "students-1", "@43", "--weight", "hidden1.3.bias.grad=1")
    assert said.code == 2
    assert "no weight and no bias" in said.complaint


def test_every_step_that_a_branch_names_is_its_own(terminal, trained):
    printed = terminal("branch", "students-1", "@43", "--lr", 0.1).out
    name = open_run().name
    assert f"pellucid studio {name} " in printed
    assert re.findall(rf"pellucid show {name} (@\d+)", terminal("show", name).out) == ["@43"]


def test_what_differs_fits_the_screen(terminal, trained):
    terminal("train", "houses", "--epochs", 1, "--quiet")
    said = terminal("compare", "students-1", "houses-1").out
    assert max(map(len, said.splitlines())) <= 80


def test_long_names_leave_room_for_score_date_and_size(terminal, tmp_path):
    terminal("examples", "circles")
    name = "a-" + 10 * "long" + ".csv"
    (tmp_path / "circles.csv").rename(tmp_path / name)
    terminal("train", name, "--target", "inside", "--epochs", 1, "--quiet")
    lines = terminal("runs").out.splitlines()
    assert all(len(each) <= 80 and each.endswith((" MB", "size")) for each in lines)


def test_more_epochs_go_on_as_a_longer_run_would_have(terminal, trained):
    made = branch(terminal, "@last", "--epochs", 12)
    terminal("train", "students", "--epochs", 12, "--quiet", "--out", "long")
    long = open_run("long")
    assert made.outcome.fingerprint == long.outcome.fingerprint
    np.testing.assert_array_equal(made.losses, long.losses)
    said = terminal("compare", "students-1", "long").out
    assert "are the same for 80 steps, bit for bit; long goes on to step 120" in " ".join(
        said.split()
    )


def test_rows_taken_away_are_in_no_batch(terminal, trained):
    rows = (trained.data["rows.training"][:3] + 1).tolist()
    words = [each for row in rows for each in ("--without", row)]
    made = branch(terminal, "@35", *words)
    assert not set(rows) & set((made.data["rows.training"] + 1).tolist())
    assert len(made.data["inputs"]) == len(trained.data["inputs"]) - 3
    seen = moment_at(made, 35).trace.rows
    assert len(seen) == 100
    assert compared(terminal, "students-1", made.name)["step"] == 35


def test_a_weight_set_by_hand_and_another_activation(terminal, trained):
    made = branch(terminal, "@20", "--weight", "0.weight[1,2]=0.5", "--activation", "tanh")
    first = made.states["first"].parameters["0.weight"].copy()
    assert first[1, 2] == np.float32(0.5)
    first[1, 2] = state_after(trained, 19).parameters["0.weight"][1, 2]
    np.testing.assert_array_equal(first, state_after(trained, 19).parameters["0.weight"])
    assert made.recipe.activation == "tanh"
    told = compared(terminal, "students-1", made.name)
    assert (told["step"], told["together"]) == (20, 19)


def test_another_optimizer_begins_without_memory(terminal, trained):
    made = branch(terminal, "@20", "--optimizer", "sgd")
    assert made.states["first"].memory == {}
    assert made.recipe.program.optimizer.kind == "sgd"


def test_a_branch_of_a_branch_and_its_resumption(terminal, trained):
    middle = branch(terminal, "students-1", "@20", "--lr", 0.1)
    leaf = branch(terminal, middle.name, "@50", "--lr", 0.001)
    assert leaf.recipe.parent.run == middle.name
    said = terminal("show", leaf.name, "@30")
    assert said.code == 2
    assert f"`pellucid show {middle.name} @30` opens it" in said.complaint
    assert terminal("show", leaf.name, "@50").code == 0


def test_a_run_and_itself_by_another_way_are_the_same(terminal, trained):
    terminal("train", "students", "--epochs", 8, "--quiet", "--out", "again")
    assert "are the same in all their 80 steps" in terminal("compare", "students-1", "again").out
    terminal("train", "students", "--epochs", 8, "--seed", 1, "--quiet", "--out", "other")
    said = terminal("compare", "students-1", "other").out
    assert "nothing in common" in said
    assert "seed: 0 and 1" in said


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["@20"], "A branch changes something"),
        (["@99", "--lr", "1"], "it has the steps @1 to @80"),
        (["--lr", "1"], "Name a step such as @120, or @last"),
        (["@last", "--lr", "1"], "All 8 epochs are done there. Plan more: --epochs 16"),
        (["@2", "--lr", "0"], "learning rate must be a number above 0"),
        (["@2", "--optimizer", "lion"], "adam or sgd"),
        (["@2", "--weight", "0.weight[9,9]=1"], "has the shape (5, 4)"),
        (["@2", "--weight", "weight=1"], "There is no number '@2 weight'"),
        (["@2", "--weight", "0.weight[0,0]=x"], "must be ADDRESS=NUMBER"),
        (["@2", "--without", "9999"], "Row 9999 of students is not among the rows"),
        (["nothere", "@2", "--lr", "1"], "There is no run 'nothere'"),
    ],
)
def test_what_cannot_be_meant(terminal, trained, words, complaint):
    said = terminal("branch", *words)
    assert (said.code, said.out) == (2, "")
    assert complaint in said.complaint


def test_unknown_changes_are_named(trained):
    from pellucid.errors import InputError  # noqa: PLC0415 (only here)

    with pytest.raises(
        InputError, match=r"cannot change 'learning_rat'.*Did you mean 'learning_rate'"
    ):
        branch_of(trained, 2, learning_rat=0.1)


def test_runs_are_listed_the_latest_first(terminal, trained):
    branch(terminal, "@20", "--lr", 0.1)
    lines = terminal("runs").out.splitlines()
    assert lines[0].split() == ["run", "table", "score", "steps", "when", "size"]
    assert [each.split()[0] for each in lines[1:]] == ["students-2", "students-1"]
    assert "% right" in lines[1]
    told = json.loads(terminal("runs", "--json").out)["runs"]
    assert told[0]["parent"] == "students-1 @20"
    assert told[1]["fingerprint"] == trained.outcome.fingerprint
    (trained.folder / "outcome.json").write_text("{}")
    said = terminal("runs")
    assert said.code == 0
    assert "students-1: " in said.out
    assert "outcome.json is damaged" in said.out


def test_without_runs_the_list_says_how_to_make_one(terminal):
    assert "There are no runs here yet" in terminal("runs").out


def test_in_python_a_branch_is_a_run(trained):
    made = keep_branch(trained, 43, None, learning_rate=0.1, weights={"0.bias[0]": 1.0})
    assert (made.name, made.first_step) == ("students-2", 43)
    assert made.states["first"].parameters["0.bias"][0] == 1


def test_a_table_that_has_changed_since_is_told_and_the_run_stays(terminal, tmp_path):
    table = tmp_path / "t.csv"
    terminal("examples", "students")
    table.write_bytes((tmp_path / "students.csv").read_bytes())
    assert terminal("train", "t.csv", "--target", "passed", "--epochs", 2, "--quiet").code == 0
    before = terminal("show", "row:1").out
    assert "changed since" not in terminal("show").out
    lines = table.read_text().splitlines()
    table.write_text("\n".join([*lines[:1], *reversed(lines[1:])]))
    ahead = time.time() + 60
    os.utime(table, (ahead, ahead))
    said = " ".join(terminal("show").out.split())
    assert "t.csv has changed since the run was made. The run keeps a copy" in said
    table.unlink()
    assert "t.csv is no longer where it was" in " ".join(terminal("show").out.split())
    assert terminal("show", "row:1").out == before
    assert terminal("show", "@3").code == 0
