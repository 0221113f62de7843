"""Whatever a person gets wrong: one sentence with the cure, exit code 2, nothing harmed."""

import shutil

import pytest

TABLES = {
    "good.csv": "a,b,c\n" + "\n".join(f"{i},{i * i % 7},{'xy'[i % 2]}" for i in range(40)),
    "header.csv": "a,b\n",
    "empty.csv": "",
    "few.csv": "a,b\n1,2\n3\n5,6\n",
    "many.csv": "a,b\n1,2\n3,4,5\n",
    "one.csv": "a,b\n1,x\n",
    "same.csv": "a,b\n1,x\n2,x\n3,x\n4,x\n",
    "infinite.csv": "a,b\n1,x\ninf,y\n3,x\n4,y\n5,x\n",
    "binary.csv": "\x00\x01\x02\x03" * 50,
    "other.csv": "p,q\n1,2\n",
    "words.csv": "hours_studied,sleep_hours,prev_score,attendance\nten,7,75,80\n",
}

TRAIN = {
    "no such file": (["nothere.csv", "--target", "a"], "no file nothere.csv"),
    "unknown column": (["good.csv", "--target", "B2"], "no column 'B2'"),
    "nearest column": (["students", "--target", "pased"], "Did you mean 'passed'?"),
    "no target named": (["good.csv"], "Add --target COLUMN, one of: a, b, c"),
    "one value": (["same.csv", "--target", "b"], "the same value in 'b'"),
    "empty table": (["empty.csv", "--target", "b"], "empty.csv is empty"),
    "header only": (["header.csv", "--target", "b"], "no rows"),
    "too few cells": (["few.csv", "--target", "b"], "few.csv, line 3"),
    "too many cells": (["many.csv", "--target", "b"], "many.csv, line 3"),
    "infinite number": (["infinite.csv", "--target", "b"], "infinite number"),
    "one row": (["one.csv", "--target", "b"], ""),
    "no table at all": (["binary.csv", "--target", "b"], "binary.csv"),
    "layers": (["students", "--layers", "5,x"], "Got '5,x'"),
    "activation": (["students", "--activation", "rely"], "Did you mean 'relu'?"),
    "optimizer": (["students", "--optimizer", "lion"], "adam or sgd"),
    "learning rate word": (["students", "--lr", "abc"], "--lr must be a number. Got 'abc'."),
    "learning rate": (["students", "--lr", "-1"], "above 0"),
    "batch size": (["students", "--batch-size", "0"], "at least 1"),
    "epochs": (["students", "--epochs", "1.5"], "--epochs must be a whole number"),
    "weights": (["students", "--layers", "none", "--weights", "1,2"], "for each of the 4 inputs"),
    "weights and layers": (["students", "--weights", "1,2,3,4"], "--layers none"),
    "dtype": (["students", "--dtype", "float16"], "float32 or float64"),
    "numbers run away": (["students", "--lr", "1e30"], "smaller learning rate"),
    "unknown option": (["students", "--epoch", "3"], "Did you mean '--epochs'?"),
    "too many words": (["students", "houses"], "too much"),
    "no table": ([], "TABLE is missing"),
    "place": (["students", "--out", "good.csv/run"], "--out FOLDER"),
    "folder taken": (["students", "--out", "taken"], "stays as it is"),
}


@pytest.fixture
def folder(tmp_path):
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "letter").write_text("dear")
    return tmp_path


def snapshot(folder):
    return {
        str(each.relative_to(folder)): each.read_bytes() if each.is_file() else None
        for each in folder.rglob("*")
        if each.name != "runs"
    }


def check_complaint(said, expected):
    assert said.code == 2
    assert expected in said.complaint
    assert "Traceback" not in said.complaint
    assert len(said.complaint.strip().splitlines()) == 1
    assert said.complaint.strip().endswith((".", "?", "help`"))


@pytest.mark.parametrize("case", TRAIN)
def test_train(terminal, folder, case):
    words, expected = TRAIN[case]
    before = snapshot(folder)
    said = terminal("train", *words)
    check_complaint(said, expected)
    assert snapshot(folder) == before


ROW = ["hours_studied=10", "sleep_hours=7", "prev_score=75", "attendance=80"]
PREDICT = {
    "a column missing": (ROW[:3], "attendance=…"),
    "an unknown column": ([*ROW[:3], "attendence=80"], "Did you mean 'attendance'?"),
    "text for a number": (["hours_studied=ten", *ROW[1:]], "Got 'ten'"),
    "twice": ([*ROW, "attendance=81"], "given twice"),
    "nothing": ([], "hours_studied=…"),
    "no pair": ([*ROW, "80"], "'80' is no column=value"),
    "another table": (["other.csv"], "lacks the columns"),
    "text in a table": (["words.csv"], "holds 'ten'"),
    "no such table": (["nothere.csv"], "no file nothere.csv"),
    "file exists": (["students", "--out", "good.csv"], "stays as it is"),
    "row into a file": ([*ROW, "--out", "p.csv"], "--out is for a table"),
}


@pytest.mark.parametrize("case", PREDICT)
def test_predict(terminal, folder, students_run, case):
    words, expected = PREDICT[case]
    before = snapshot(folder)
    check_complaint(terminal("predict", students_run, *words), expected)
    assert snapshot(folder) == before


MODELS = {
    "damaged": (lambda data: data[: len(data) // 2], "damaged"),
    "empty": (lambda _: b"", "damaged"),
    "changed": (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "damaged"),
    "text": (lambda _: b"hello", "damaged"),
}


@pytest.mark.parametrize("case", MODELS)
def test_damaged_models(terminal, folder, students_run, case):
    change, expected = MODELS[case]
    data = (students_run / "model.safetensors").read_bytes()
    (folder / "m.safetensors").write_bytes(change(data))
    check_complaint(terminal("predict", "m.safetensors", "students"), expected)
    copy = shutil.copytree(students_run, folder / "copy")
    (copy / "model.safetensors").write_bytes(change(data))
    for command in (["predict", copy, "students"], ["show", copy], ["show", copy, "row:1"]):
        check_complaint(terminal(*command), expected)


def test_a_foreign_model(terminal, folder):
    import numpy as np  # noqa: PLC0415 (only here)
    from safetensors.numpy import save_file  # noqa: PLC0415 (only here)

    save_file({"x": np.zeros(3)}, str(folder / "foreign.safetensors"))
    said = terminal("predict", "foreign.safetensors", "students")
    check_complaint(said, "is no pellucid model")


SHOW = {
    "unknown run": (["studens"], "no run 'studens'"),
    "no neuron": (["RUN", "hidden1.9"], "There are 'hidden1.1'"),
    "no quantity": (["RUN", "row:1", "hidden1.3.y"], "There are 'row:1 hidden1.3.z'"),
    "no row": (["RUN", "hidden1.3.z"], "Put a row in front: 'row:1 hidden1.3.z'"),
    "row of a weight": (["RUN", "row:1", "hidden1.3.bias"], "Leave the row out: 'hidden1.3.bias'"),
    "no step": (["RUN", "hidden1.3.bias.grad"], "Put a step in front, such as @1"),
    "after the end": (["RUN", "@last", "hidden1.3.bias.new"], "numbers after the last step"),
    "two moments": (["RUN", "@1", "@last"], "names two moments"),
    "two steps": (["RUN", "@1", "@2"], "Name one of each"),
    "two rows": (["RUN", "row:1", "row:2"], "Name one of each"),
    "outside PyTorch's index": (["RUN", "0.weight[9, 9]"], "goes from [0, 0] to [4, 3]"),
    "no such word": (["RUN", "nothere"], "There are 'hidden1', 'output', 'loss'"),
    "no sum": (["RUN", "row:1", "hidden1.3.a.more:3"], "is no sum of more than 3 terms"),
    "no depth": (["RUN", "row:1", "hidden1.3.a", "--depth", "-1"], "counts levels"),
    "row 0": (["RUN", "row:0"], "count from 1"),
    "row beyond": (["RUN", "row:2000"], "1,250 rows"),
    "step beyond": (["RUN", "@51"], "@1 to @50"),
    "no number": (["RUN", "@x"], "is no address"),
    "no run here": ([], "pellucid train students"),
    "a folder": (["taken"], "is no run"),
}


@pytest.mark.parametrize("case", SHOW)
def test_show(terminal, folder, students_run, case):
    words, expected = SHOW[case]
    before = snapshot(folder)
    typed = [students_run if each == "RUN" else each for each in words]
    check_complaint(terminal("show", *typed), expected)
    assert snapshot(folder) == before


def test_commands(terminal):
    check_complaint(terminal("trian", "students"), "Did you mean 'train'?")
    commands = "The commands are train, predict, show, runs, compare, branch, studio, examples."
    check_complaint(terminal("fly"), commands)
    check_complaint(terminal("examples", "studnts"), "Did you mean 'students'?")


def test_too_many_epochs_are_named_before_the_plan(terminal):
    said = terminal("train", "students", "--epochs", 10**12)
    assert (said.code, said.out) == (2, "")
    assert said.complaint.startswith("epochs must be at most 100,000,000 for 1,000 training rows")
