"""A terminal for tests: commands run in this process, in a folder of their own."""

from typing import NamedTuple

import pytest

from pellucid.cli.main import run


class Said(NamedTuple):
    """What a command left: its exit code, what it printed and what it complained."""

    code: int
    out: str
    complaint: str


@pytest.fixture
def terminal(tmp_path, monkeypatch, capsys):
    """Run a command and give what it said."""
    monkeypatch.chdir(tmp_path)

    def command(*words: object) -> Said:
        code = run([str(each) for each in words])
        told = capsys.readouterr()
        return Said(code, told.out, told.err)

    return command


@pytest.fixture(scope="session")
def students_run(tmp_path_factory):
    """A short run on the students table, as a folder; not to be changed."""
    folder = tmp_path_factory.mktemp("students") / "run"
    assert run(["train", "students", "--epochs", "5", "--quiet", "--out", str(folder)]) == 0
    return folder
