"""The command as a process of its own: encodings, pipes, colours, exit codes."""

import os
import subprocess
import sys

import pytest

from pellucid.runs.finding import open_run

COMMAND = [sys.executable, "-c", "from pellucid.cli.main import main; main()"]


def start(folder, *words, **settings):
    return subprocess.run(
        [*COMMAND, *words], cwd=folder, capture_output=True, check=False, timeout=120, **settings
    )


def test_a_plain_c_locale_still_gets_utf8(tmp_path):
    plain = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = start(tmp_path, "train", "students", "--epochs", "2", env=plain)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "✓ adds up" in done.stdout.decode("utf-8")


def test_a_mistake_leaves_with_2_and_one_sentence(tmp_path):
    done = start(tmp_path, "train", "nothere.csv", "--target", "a")
    assert done.returncode == 2
    assert done.stdout == b""
    assert len(done.stderr.decode().splitlines()) == 1


def test_version_and_help(tmp_path):
    import pellucid  # noqa: PLC0415 (only here)

    assert start(tmp_path, "--version").stdout.decode().strip() == pellucid.__version__
    told = start(tmp_path, "--help").stdout.decode()
    for command in ("train", "predict", "show", "examples"):
        assert command in told


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_no_colour_is_respected_on_a_terminal(tmp_path):
    import pty  # noqa: PLC0415 (not on Windows)

    screen, keyboard = pty.openpty()
    environment = os.environ | {"NO_COLOR": "1", "TERM": "xterm", "COLUMNS": "80"}
    words = ["train", "digits", "--epochs", "3"]
    with subprocess.Popen(
        [*COMMAND, *words], cwd=tmp_path, stdout=keyboard, stderr=keyboard, env=environment
    ) as process:
        os.close(keyboard)
        seen = b""
        while True:
            try:
                piece = os.read(screen, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
    os.close(screen)
    text = seen.decode("utf-8", errors="replace")
    assert process.returncode == 0
    assert "\x1b[3" not in text.replace("\x1b[3m", "")  # no colours
    assert "Kept in runs/digits-1" in text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no Ctrl-C to one process")
@pytest.mark.parametrize("module", ["cyclopts", "pellucid.cli.train"])
def test_ctrl_c_while_it_loads_says_stopped(tmp_path, module):
    code = f"""
import signal, sys
class Stopper:
    def find_spec(self, name, *rest):
        if name == {module!r}:
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Stopper())
from pellucid.cli.main import main
main(["train", "students"])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr.decode().split()) == (130, ["Stopped."])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no Ctrl-C to one process")
def test_a_second_ctrl_c_ends_the_process_and_leaves_a_run_to_resume(tmp_path):
    code = """
import signal
from pellucid.model import fit
from pellucid.train import loop
wait = loop._Run._tell
def tell(self):
    wait(self)
    if self.epoch >= 3:
        signal.raise_signal(signal.SIGINT)
loop._Run._tell = tell
from pellucid.cli.main import main
main(["train", "students", "--epochs", "60000"])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False, timeout=60
    )
    said = " ".join(done.stderr.decode().split())
    assert done.returncode == 130
    assert said.startswith("Stopped before the report was ready. What was learnt lies in runs/")
    assert "`pellucid train --resume runs/students-1` goes on from there" in said
    assert "Traceback" not in said
    run = open_run(tmp_path / "runs" / "students-1")
    assert (run.outcome.ending, run.is_finished) == ("unfinished", False)
