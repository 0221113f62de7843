"""`pellucid train`: what it prints and keeps, with every option."""

import json
import re

import pytest

from pellucid.runs.finding import open_run


def test_json_is_one_object_and_nothing_else(terminal):
    said = terminal("train", "students", "--epochs", "3", "--json")
    told = json.loads(said.out)
    assert said.complaint == ""
    assert told["steps"] == 30
    assert told["rows"] == {"training": 1000, "validation": 125, "test": 125}
    assert told["fingerprint"] == open_run().outcome.fingerprint
    assert told["folder"] == "runs/students-1"
    assert [each["step"] for each in told["losses"]] == [1, 10, 30]
    assert [each["name"] for each in told["rivals"]][1] == "one neuron, no hidden layer"


def test_quiet_prints_the_folder_only(terminal):
    assert terminal("train", "students", "--epochs", "1", "--quiet").out == "runs/students-1\n"
    said = terminal("train", "students", "--epochs", "1", "--quiet", "--out", "mine")
    assert said.out == "mine\n"


def test_the_same_seed_gives_the_same_network(terminal):
    prints = [
        json.loads(terminal("train", "circles", "--epochs", "3", "--seed", seed, "--json").out)
        for seed in (7, 7, 8)
    ]
    assert prints[0]["fingerprint"] == prints[1]["fingerprint"] != prints[2]["fingerprint"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--layers", "16,16"], "16 × ReLU"),
        (["--layers", "none"], "sigmoid → passed"),
        (["--activation", "tanh"], "5 × tanh"),
        (["--activation", "none"], "5 × sum"),
        (["--optimizer", "sgd"], "SGD · learning rate 0.3 · seed 0"),
        (["--learning-rate", "0.05"], "learning rate 0.05"),
        (["--lr", "0.002"], "learning rate 0.002"),
        (["--batch-size", "64"], "1,000 ÷ 64 → 16 an epoch (the last with 40) × 2 epochs = 32"),
        (["--seed", "3"], "seed 3"),
    ],
)
def test_options_are_done_and_said(terminal, words, expected):
    said = terminal("train", "students", "--epochs", "2", *words)
    assert said.code == 0
    assert expected in said.out


def test_patience_stops_and_says_so(terminal):
    said = terminal("train", "students", "--patience", "2")
    assert re.search(r"stopped after epoch \d+: no better epoch than \d+ since", said.out)
    assert open_run().outcome.ending == "patience"


def test_given_weights_decide_without_learning(terminal, reader):
    words = ["--layers", "none", "--weights", "-0.9,-0.6,-0.3,0.8", "--epochs", "0"]
    said = terminal("train", "restaurants", *words)
    assert "0 epochs = 0" in said.out
    assert "@1" not in said.out
    shown = terminal("show")
    assert re.search(r"food +−0\.900 +0\.9", shown.out)
    assert re.search(r"reviews +0\.800 +0\.8", shown.out)
    assert all(each.holds for each in reader.equations(said.out))


def test_one_neuron_learns_the_rule_of_the_restaurants(terminal):
    terminal("train", "restaurants", "--layers", "none", "--quiet")
    shown = terminal("show").out
    pairs = re.findall(r"^  (?:food|price|distance|reviews) +(\S+) +(−?0\.\d)$", shown, re.M)
    assert len(pairs) == 4
    for learned, rule in pairs:
        wanted = float(rule.replace("−", "-"))
        assert float(learned.replace("−", "-")) == pytest.approx(wanted, abs=0.15)


def test_columns_left_out_and_gaps_are_said(terminal, tmp_path):
    lines = ["id,age,city,sold"]
    lines += [
        f"{i},{'' if i % 7 == 0 else 20 + i % 30},{'AB'[i % 2]},{i % 3 == 0}" for i in range(90)
    ]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    said = terminal("train", "t.csv", "--target", "sold", "--epochs", "2")
    assert "columns        left out: id (it only numbers the rows) · gaps filled: age" in said.out
    assert "3 columns" not in said.out


@pytest.mark.parametrize("name", ["houses", "spam", "circles", "digits", "penguins", "restaurants"])
def test_every_bundled_table_fits_the_screen_and_adds_up(terminal, reader, name):
    said = terminal("train", name, "--epochs", "4")
    lines = said.out.splitlines()
    assert said.code == 0
    assert max(map(len, lines)) <= 80
    assert len(lines) + 1 <= 30
    equations = reader.equations(said.out)
    assert len(equations) >= 2
    assert [each for each in equations if not each.holds] == []
    assert "✓ adds up" in said.out


def test_ctrl_c_keeps_what_was_learnt(terminal, monkeypatch):
    from pellucid.engine.native import NativeEngine  # noqa: PLC0415 (only here)

    real, calls = NativeEngine.run, []

    def interrupted(self, *words, **settings):
        calls.append(settings["steps"])
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(self, *words, **settings)

    monkeypatch.setattr(NativeEngine, "run", interrupted)
    said = terminal("train", "students")
    assert said.code == 0
    assert f"stopped by Ctrl-C at step {sum(calls[:3])}: epoch" in said.out
    run = open_run()
    assert run.outcome.ending == "interrupted"
    assert run.outcome.steps == len(run.losses) == sum(calls[:3])


def test_a_second_ctrl_c_leaves_a_run_to_resume(terminal, monkeypatch, tmp_path):
    import pellucid.cli.recording as judging  # noqa: PLC0415 (only here)

    def interrupted(*_words):
        raise KeyboardInterrupt

    monkeypatch.setattr(judging, "judge", interrupted)
    said = terminal("train", "students", "--epochs", "1")
    assert said.code == 130
    assert "What was learnt lies in runs/students-1" in said.complaint
    run = open_run(tmp_path / "runs" / "students-1")
    assert (run.outcome.ending, run.is_finished) == ("unfinished", False)


def test_the_plan_names_text_among_numbers(terminal, tmp_path):
    rows = [f"{'oops' if row == 16 else row / 7},{row % 2}" for row in range(200)]
    (tmp_path / "t.csv").write_text("\n".join(["a,y", *rows]))
    said = terminal("train", "t.csv", "--target", "y", "--epochs", 1)
    assert "gaps filled: a (1 cell is no number: 'oops', row 17)" in said.out
