"""Names, labels and cells that would steer a terminal are shown, whatever is printed of them."""

import numpy as np
import pytest

from pellucid.cli.main import run

EVIL = "\x1b]0;owned\x07\x1b[31m"


@pytest.fixture
def evil_run(tmp_path, monkeypatch, capsys):
    """A run on a table whose names, labels and cells all carry escape sequences."""
    monkeypatch.chdir(tmp_path)
    dice = np.random.default_rng(0)
    rows = [f'"size\n{EVIL}","kind{EVIL}","truth{EVIL}"']
    for _ in range(80):
        size = dice.random()
        rows.append(
            f'{size:.3f},"{dice.choice(["a", "b"])}{EVIL}","{"yes" if size > 0.5 else "no"}{EVIL}"'
        )
    (tmp_path / "evil.csv").write_text("\n".join(rows) + "\n")
    assert run(["train", "evil.csv", "--target", f"truth{EVIL}", "--epochs", "3"]) == 0
    return capsys


def is_harmless(text):
    return all(each.isprintable() or each == "\n" for each in text)


def test_nothing_that_is_printed_steers_the_terminal(evil_run):
    told = evil_run.readouterr()
    assert is_harmless(told.out)
    assert r"truth\x1b]0;owned" in told.out
    for words in (["show"], ["show", "row:1"], ["show", "@1"], ["predict", "evil.csv"]):
        assert run(words) == 0
        told = evil_run.readouterr()
        assert told.out
        assert is_harmless(told.out + told.err), words


def test_complaints_do_not_steer_it_either(evil_run):
    evil_run.readouterr()
    assert run(["predict", f"size{EVIL}=1"]) != 0
    assert is_harmless(evil_run.readouterr().err)
    assert run(["train", "evil.csv", "--target", f"odd{EVIL}"]) != 0
    assert is_harmless(evil_run.readouterr().err)
