"""Numbers as they stand on the screen: whole, with one minus, with digits that say something."""

import re
from pathlib import Path

import numpy as np
import pytest

from pellucid.cli.main import run


@pytest.fixture
def screen(tmp_path, monkeypatch, capsys):
    """Run a command in a folder of its own and give what it printed."""
    monkeypatch.chdir(tmp_path)

    def show(*words):
        assert run(list(words)) == 0
        return capsys.readouterr().out

    return show


def write_table(scale, shift=0.0):
    dice = np.random.default_rng(0)
    a, b = 10 * dice.random(120), dice.random(120)
    rows = [f"{x:.3f},{y:.3f},{(3 * x + y + shift) * scale!r}" for x, y in zip(a, b, strict=True)]
    rows = [each.replace("np.float64(", "").rstrip(")") for each in rows]
    text = "\n".join(["a,b,y", *rows]) + "\n"
    Path("far.csv").write_text(text, "utf-8")


@pytest.mark.parametrize("scale", [1e34, 1e16, 1e7, 1.0, 1e-6, 1e-35])
def test_no_number_is_cut_at_any_scale(screen, reader, scale):
    write_table(scale)
    for words in (["train", "far.csv", "--target", "y"], ["show"], ["show", "row:1"]):
        text = screen(*words)
        assert max(map(len, text.splitlines())) <= 80
        assert not re.search(r"\d…|\.…", text)
        assert not re.search(r"\d{16}|0{12}|(\d{3},){5}", text)
    assert [each for each in reader.equations(text) if not each.holds] == []
    text = screen("show", "@300")
    assert not re.search(r"\d…|\.…|0{12}|(\d{3},){5}", text)


def test_every_printed_minus_is_a_true_one(screen):
    write_table(-1.0, shift=4.0)
    texts = [screen("train", "far.csv", "--target", "y", "--epochs", "3")]
    texts += [screen("show", "row:1"), screen("show", "@1"), screen("predict", "far.csv")]
    texts += [screen("predict", "a=3", "b=1")]
    assert all(re.search(r"−\d", each) for each in texts)
    assert "always −" in texts[0]
    assert not re.search(r"(?<![\w-])-\.?\d", "".join(texts))


def test_the_sums_of_a_step_name_the_rows_of_its_tables_and_say_something_late(screen):
    write_table(1.0)
    screen("train", "far.csv", "--target", "y")
    for step in ("@1", "@450"):
        stages = re.split(r"\n\n(?=\d )", screen("show", step))
        for stage in (stages[2], stages[4]):
            rows = len(re.findall(r"^  row \d", stage, re.MULTILINE))
            total = " ".join(
                re.search(r"  sum: [^✓m]*? = \S+|  sum: .*?= \S+", stage, re.S)[0].split()
            )
            assert rows == 4
            assert len(re.findall(r"^  row \d.* [=≈] \S*\d", stage, re.MULTILINE)) == rows
            assert "more)" in total
            terms = re.findall(r"\d[\d.]*", re.sub(r" \(\d+ more\)", "", total))
            assert len(terms) - ("rounding" in total) == rows + 2
            assert len(terms[-1].replace(".", "").lstrip("0")) >= 2


def test_the_epoch_that_is_kept_is_named_if_it_is_not_the_last(screen):
    text = screen("train", "students")
    assert "  epoch 12 of 50 is kept: it was best on the 125 rows for choosing\n" in text
    assert len(text.splitlines()) <= 30
    assert "is kept" not in screen("train", "students", "--epochs", "1")


def test_without_training_nothing_is_called_learned(screen):
    weights = ["--layers", "none", "--epochs", "0", "--weights", "1,2,3,-4"]
    text = screen("train", "restaurants", *weights) + screen("show")
    assert "learned" not in text
    assert "best epoch 0" not in text
    assert not re.search("Adam|learning rate", text)
    assert re.search(r"weights +given", text)
    assert "no training" in text
