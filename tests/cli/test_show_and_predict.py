"""`show`, `predict` and `examples`: the words, the numbers, the machine-readable side."""

import json
import re

import pytest


def test_one_typed_row(terminal, students_run):
    row = ["hours_studied=10", "sleep_hours=7", "prev_score=75", "attendance=80"]
    said = terminal("predict", students_run, *row)
    assert re.fullmatch(r"\d+ % yes\n", said.out)
    told = json.loads(terminal("predict", students_run, *row, "--json").out)
    assert told["text"] + "\n" == said.out
    assert told["probabilities"]["yes"] + told["probabilities"]["no"] == pytest.approx(1)


def test_units_may_be_typed(terminal, students_run):
    plain = terminal(
        "predict",
        students_run,
        "hours_studied=10",
        "sleep_hours=7",
        "prev_score=75",
        "attendance=80",
    )
    units = terminal(
        "predict",
        students_run,
        "hours_studied=10 h",
        "sleep_hours=7h",
        "prev_score=75",
        "attendance=80",
    )
    assert plain.out == units.out


def test_a_table(terminal, students_run, tmp_path):
    said = terminal("predict", students_run, "students")
    lines = said.out.splitlines()
    assert re.fullmatch(r"row 1    \d+ % (yes|no) +truth yes", lines[0])
    assert lines[-1] == "… 1,230 more rows; --out predictions.csv writes all of them"
    assert terminal("predict", students_run, "students", "--out", "p.csv").code == 0
    written = (tmp_path / "p.csv").read_text().splitlines()
    assert written[0].endswith("passed,predicted passed,chance of yes")
    assert len(written) == 1251
    told = json.loads(terminal("predict", students_run, "students", "--json").out)
    assert [each.split(",")[-2] for each in written[1:]] == told["predictions"]


def test_the_latest_run_may_be_left_out(terminal):
    terminal("train", "houses", "--epochs", "2", "--quiet")
    assert terminal("predict", "size=100", "bedrooms=3", "age=10", "distance=2").out.endswith("€\n")
    assert terminal("predict", "houses").code == 0
    assert terminal("show", "row:2").out.startswith("Row 2 of houses: ")
    assert terminal("show", "@2").out.startswith("houses-1, step 2 of 20: ")


def test_an_unknown_level_in_a_table_is_noted(terminal, tmp_path):
    lines = ["city,sold", *(f"{'AB'[i % 2]},{'yn'[i % 2]}" for i in range(30))]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    terminal("train", "t.csv", "--target", "sold", "--epochs", "1", "--quiet")
    (tmp_path / "new.csv").write_text("city\nC\n")
    said = terminal("predict", "new.csv")
    assert said.code == 0
    assert "Note: city holds a level that no training row had in 1 row" in said.complaint


def test_show_draws_the_network_with_its_importances(terminal, students_run, reader):
    said = terminal("show", students_run)
    shares = [int(each) for each in re.findall(r"(\d+) % █", said.out)]
    assert len(shares) == 4
    assert sum(shares) == 100
    assert max(map(len, said.out.splitlines())) <= 80
    told = json.loads(terminal("show", students_run, "--json").out)
    assert sum(each["share"] for each in told["columns"]) == pytest.approx(1)


def test_show_row_as_json_names_every_part(terminal, students_run):
    told = json.loads(terminal("show", students_run, "row:1", "--json").out)
    nodes = {each["address"]: each for each in told["nodes"]}
    assert told["nodes"][0]["address"] == "row:1"
    for node in nodes.values():
        assert node["check"]["ok"]
        assert all(each["address"] in nodes for each in node["parts"])
    assert nodes["row:1 hours_studied.raw"]["value"] == 10.0
    assert nodes["row:1 hours_studied.raw"]["unit"] == "h"


def test_show_step_as_json(terminal, students_run):
    told = json.loads(terminal("show", students_run, "@3", "--json").out)
    assert told["nodes"][0]["address"] == "@3"
    assert len(told["nodes"][0]["parts"]) == 5
    assert all(each["check"]["ok"] for each in told["nodes"])


def test_examples_are_listed_and_written_once(terminal, tmp_path):
    listed = terminal("examples").out
    for name in ("students", "houses", "restaurants", "spam", "circles", "digits", "penguins"):
        assert f"  {name} " in listed
    assert terminal("examples", "circles").code == 0
    assert "is here already" in terminal("examples", "circles").out
    (tmp_path / "circles.csv").write_text("my,own\n1,2\n")
    said = terminal("examples", "circles")
    assert said.code == 2
    assert (tmp_path / "circles.csv").read_text() == "my,own\n1,2\n"


def test_a_typed_value_far_from_the_training_rows_and_a_typed_target_are_noted(
    terminal, students_run
):
    row = ["hours_studied=10", "prev_score=75", "attendance=80", "sleep_hours=-500", "passed=yes"]
    said = terminal("predict", students_run, *row)
    assert said.code == 0
    assert said.complaint.splitlines() == [
        "Note: sleep_hours −500 lies outside what the network learnt from: 4 to 10 h.",
        "Note: passed is what is predicted; the value typed for it is not used.",
    ]
    row[3:] = ["sleep_hours=7"]
    assert terminal("predict", students_run, *row).complaint == ""


def test_any_number_is_shown_and_its_parts_can_be_typed(terminal, students_run):
    said = terminal("show", students_run, "row:17", "hidden1.3.z")
    assert said.out.startswith("row:17 hidden1.3.z = ")
    assert "PyTorch: model[:1](x)[2]" in said.out
    assert "✓ computed again from its parts" in said.out
    for address in re.findall(r"row:17 hidden1\.3\.z\.\w+", said.out):
        assert terminal("show", students_run, *address.split()).out.startswith(address)
    assert max(map(len, said.out.splitlines())) <= 80


def test_a_cell_is_said_once_and_one_neuron_is_one(terminal, students_run):
    said = terminal("show", students_run, "row:1", "hours_studied.raw").out
    assert said.startswith("row:1 hours_studied.raw = 10 h\n")
    assert "has 1 neuron and" in terminal("show", students_run, "output").out


def test_no_number_is_explained_by_itself(terminal):
    terminal("train", "houses", "--epochs", "2", "--quiet")
    parts = terminal("show", "row:1", "loss").out.split("Made of")[1]
    assert "row:1 output.price.z\n" in parts
    terminal("train", "penguins", "--epochs", "1", "--quiet")
    said = terminal("show", "row:4", "bill_length_mm").out
    assert "counts as the mean, which the network reads as 0" in " ".join(said.split())


def test_help_flows_and_fits(terminal):
    for command in ("show", "train", "branch"):
        said = terminal(command, "--help").out
        assert max(map(len, said.splitlines())) <= 80
        assert "for the network,  " not in said


def test_a_number_as_json_has_the_promised_keys(terminal, students_run):
    told = json.loads(terminal("show", students_run, "@3 hidden1.2.bias.grad", "--json").out)
    keys = {"address", "value", "unit", "op", "formula", "numbers", "parts", "sentence", "check"}
    assert keys <= set(told)
    assert told["address"] == "@3 hidden1.2.bias.grad"
    assert told["check"]["ok"]
    assert told["check"]["method"] == "finite difference"
    assert sum(each["value"] for each in told["parts"]) == pytest.approx(told["value"])
    assert sum(abs(each["share"]) for each in told["parts"]) == pytest.approx(1)
    deep = json.loads(
        terminal("show", students_run, "@3 hidden1.2.bias.grad", "--json", "--depth", "2").out
    )
    assert len(deep["nodes"]) > len(told["nodes"])


def test_a_deep_tree_is_drawn_and_checked(terminal, students_run):
    said = terminal("show", students_run, "@3", "output.passed.bias.new", "--depth", "3", "--check")
    assert "├─ @3 output.passed.bias = " in said.out
    assert re.search(r"✓ (\d+) of \1 numbers come out", said.out)
    assert max(map(len, said.out.splitlines())) <= 80


def test_a_first_word_that_is_no_run_may_be_an_address(terminal, students_run):
    terminal("train", "houses", "--epochs", "2", "--quiet")
    assert terminal("show", "loss").out.startswith("loss = ")
    assert "no run 'losss'" in terminal("show", "losss").complaint
