"""Small promises of the commands: near options only, a run checked as a whole, a report cut short."""

import json
from pathlib import Path

import pytest

import pellucid
from pellucid.cli import recording
from pellucid.errors import AddressError
from pellucid.report import judge
from pellucid.runs import states
from pellucid.runs.finding import open_run


@pytest.mark.parametrize(
    ("typed", "near"),
    [("--foo", ""), ("--xyzzy", ""), ("--epoch", "--epochs"), ("--lr_rate", "--learning-rate")],
)
def test_an_option_is_offered_only_if_it_is_near(terminal, typed, near):
    said = terminal("train", "students", typed, 3)
    assert said.code == 2
    assert said.complaint.startswith(f"There is no option '{typed}'.")
    assert ("Did you mean" in said.complaint) == bool(near)
    assert near in said.complaint


def test_a_run_is_checked_as_a_whole(terminal):
    terminal("train", "students", "--epochs", 3, "--quiet")
    said = terminal("show", "--check")
    assert said.code == 0
    assert "are as they were written" in said.out
    assert "✓ 30 steps, done again, end with the same bits" in said.out
    run = open_run()
    (run.folder / "losses.f64").write_bytes(b"x" * 240)
    said = terminal("show", "--check")
    assert (said.code, said.out) == (2, "")
    assert "losses.f64 is damaged" in said.complaint


def test_a_state_that_is_not_what_the_steps_leave_is_found(terminal):
    terminal("train", "students", "--epochs", 3, "--quiet")
    run = open_run()
    last = run.states["last"]
    last.parameters["0.bias"][0] += 1
    path = states.state_path(run.folder, 30)
    states.write_state(path, last, 0.0)
    record = run.folder / "files.json"
    sealed = json.loads(record.read_text())
    sealed["sha256"]["states/000000000030.safetensors"] = last.fingerprint()
    record.write_text(json.dumps(sealed))
    said = terminal("show", "--check")
    assert said.code == 2
    assert "The steps 1 to 30 of students-1, done again, leave other numbers" in said.complaint


def test_a_report_cut_short_says_where_the_run_lies_and_is_made_up_for(terminal, monkeypatch):
    whole = terminal("train", "students", "--epochs", 4, "--out", "whole").out

    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(recording, "judge", interrupted)
        said = terminal("train", "students", "--epochs", 4, "--out", "cut")
    assert said.code == 130
    assert "What was learnt lies in cut" in said.complaint
    assert "pellucid train --resume cut" in said.complaint
    again = terminal("train", "--resume", "cut")
    assert again.code == 0
    assert open_run("cut").outcome.fingerprint == open_run("whole").outcome.fingerprint
    assert open_run("cut").outcome.sentences == open_run("whole").outcome.sentences
    assert whole.splitlines()[:12] == again.out.splitlines()[:12]
    assert judge.judge is recording.judge


def test_python_records_and_branches_as_the_commands_do(terminal):
    terminal("train", "students", "--epochs", 3, "--quiet")
    run = pellucid.record("students", "passed", epochs=3)
    assert run.name == "students-2"
    assert run.outcome.fingerprint == open_run("students-1").outcome.fingerprint
    assert run.outcome.sentences == open_run("students-1").outcome.sentences
    terminal("branch", "students-1", "@12", "--weight", "hidden1.2.bias=0.5", "--quiet")
    made = run.branch(12, weights={"hidden1.2.bias": 0.5}, out="mine")
    assert made.outcome.fingerprint == open_run("students-3").outcome.fingerprint
    assert made.at(12).parameters["0.bias"][1] == 0.5
    assert run.branch("last", epochs=4).first_step == 31
    with pytest.raises(AddressError, match="no step 99"):
        run.branch(99, learning_rate=0.1)
    assert sorted(each.name for each in Path("runs").iterdir()) == [
        f"students-{each}" for each in (1, 2, 3, 4)
    ]
