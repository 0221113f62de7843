"""Several pages and runs at once, pages that go and come back, trainings that end early."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.studio.pages import Said, Studio

from pellucid.cli.main import run as command
from pellucid.run import open_run
from pellucid.studio.learning import Learning
from pellucid.studio.open_run import begin_run

TYPED = {"hours_studied": "12 h", "sleep_hours": "8", "prev_score": "70", "attendance": "90"}


def visible(frame: Said) -> dict[str, object]:
    """What somebody sees of a moment."""
    hidden = ("frame", "numbers", "done")
    arrays = {name: array.tolist() for name, array in frame["numbers"].items()}
    return {name: each for name, each in frame.items() if name not in hidden} | arrays


def test_two_pages_look_at_one_run_at_different_moments(studio: Studio) -> None:
    one, other = studio.page(), studio.page()
    one.look()
    one.play_to_the_end()
    assert other.look(step=30, row=5)["step"] == 30
    one.say("go", step=70)
    assert one.until("frame")["step"] == 70
    other.say("step", by=1)
    frame = other.until("frame")
    assert (frame["step"], frame["shown"]["row"], frame["done"]) == (31, 5, 500)


def test_a_page_sees_what_another_one_trains(studio: Studio) -> None:
    one, other = studio.page(), studio.page()
    assert other.look()["done"] == 0
    one.look()
    one.play_to_the_end()
    frame = other.until("frame", lambda frame: frame["is_finished"])
    assert (frame["step"], frame["done"]) == (1, 500)
    assert other.ask("explain", address="loss")["card"]["address"] == "@1 loss"


def test_runs_stand_side_by_side(studio: Studio, place: Path) -> None:
    one, other = studio.page(), studio.page()
    one.look()
    other.look()
    scene = other.ask("begin", table="circles", seed=3)
    assert (scene["run"], scene["table"]) == ("new-1", "circles")
    other.play_to_the_end()
    one.play_to_the_end()
    assert {each.name for each in (place / "runs").iterdir()} == {"students-1", "circles-1"}
    assert studio.page().look(run="circles-1", step=5)["run"] == "new-1"
    assert studio.page().look(run="of an earlier studio")["run"] == "first"


@pytest.mark.parametrize("cells", [{}, TYPED], ids=["row", "typed"])
def test_a_page_that_comes_back_sees_the_same_moment(studio: Studio, cells: dict[str, str]) -> None:
    page = studio.page()
    page.look()
    page.play_to_the_end()
    page.say("look", step=77, row=3, cells=cells, stage=2)
    before = page.until("frame", lambda frame: frame["step"] == 77)
    page.socket.close()
    assert visible(studio.page().look(step=77, row=3, cells=cells, stage=2)) == visible(before)


def test_a_page_that_was_lost_while_playing_goes_on(
    studio: Studio, capfd: pytest.CaptureFixture[str]
) -> None:
    page = studio.page()
    page.look()
    page.say("play", speed=500)
    frame = page.until("frame", lambda frame: (frame["step"] or 0) > 10)
    page.socket.close()
    back = studio.page()
    again = back.look(step=frame["step"], speed=500)
    assert again["is_playing"]
    assert back.until("frame", lambda frame: frame["is_finished"])["done"] == 500
    assert "Traceback" not in capfd.readouterr().err


def test_a_typed_row_goes_through_the_network(studio: Studio) -> None:
    page = studio.page()
    page.look(step=41)
    page.say("type", cells=TYPED | {"attendance": "many"})
    assert page.until("failed")["message"].startswith("'attendance' must be a finite number")
    page.say("type", cells=TYPED)
    frame = page.until("frame", lambda frame: frame["shown"]["is_typed"])
    assert frame["shown"]["cells"] == ["12 h", "8 h", "70", "90"]
    assert frame["shown"]["truth"] == ""
    row = frame["shown"]["row"]
    card = page.ask("explain", address=f"@41 row:{row} output.passed.a")["card"]
    assert card["value"] == pytest.approx(float(frame["numbers"]["output.a"][0]), rel=1e-6)
    assert page.ask("check", address=card["below"]["address"])["proof"]["ok"]
    page.say("choose", row=2)
    assert page.until("frame", lambda frame: frame["shown"]["row"] == 2)["shown"]["truth"]


def test_other_rows_are_listed(studio: Studio) -> None:
    page = studio.page()
    page.look()
    page.say("page", first=1249)
    rows = page.until("rows")
    assert [each["row"] for each in rows["rows"]] == list(range(1241, 1251))
    assert len(page.until("frame")["predictions"]) == 10


def test_a_studio_that_was_only_looked_at_leaves_nothing(
    opened: Callable[..., Studio], place: Path
) -> None:
    studio = opened()
    studio.page().look()
    studio.close()
    assert list((place / "runs").iterdir()) == []


def test_a_training_that_was_left_goes_on_another_day(
    opened: Callable[..., Studio], place: Path
) -> None:
    command(["train", "students", "--quiet", "--out", "whole"])
    studio = opened()
    page = studio.page()
    page.look()
    page.say("go", step=124)
    page.until("frame", lambda frame: frame["done"] == 123)
    studio.close()
    left = open_run("students-1")
    assert (left.is_finished, left.steps) == (False, 123)
    page = opened("students-1").page()
    frame = page.look()
    assert (frame["step"], frame["done"], len(frame["numbers"]["losses.low"])) == (124, 123, 123)
    page.play_to_the_end()
    page.say("go", step=60)
    seen = page.until("frame", lambda frame: frame["step"] == 60)["numbers"]["0.weight"]
    ours, theirs = open_run("students-1"), open_run("whole")
    assert ours.outcome.fingerprint == theirs.outcome.fingerprint
    assert np.array_equal(seen, theirs.at(60).parameters["0.weight"])


def test_numbers_that_run_away_are_told(place: Path) -> None:
    run = begin_run("students", "students", "passed", learning_rate=1e30, optimizer="sgd")
    run.want(500)
    assert run.learning is not None
    wait_for(run.learning)
    assert run.learning.failure.startswith("Step 2: layer '2' gave -inf")
    run.close()


def wait_for(learning: Learning) -> None:
    over = threading.Event()
    forget = learning.listen(lambda: over.set() if learning.is_over else None)
    assert learning.is_over or over.wait(60)
    forget()


def test_ctrl_c_ends_the_studio(place: Path) -> None:
    words = [sys.executable, "-c", SERVE]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=place) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("The studio is at http://127.0.0.1:")
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(60) == 0
    assert not (place / "runs").exists() or list((place / "runs").iterdir()) == []


SERVE = """
import signal
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
from pellucid.studio import server
server.find_page = lambda: Path("page")
server.serve(server.Shelf(), opens=False, say=lambda told: print(told, flush=True))
"""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "There is no run 'nowhere'."),
        (["marks.csv"], "Which column of marks.csv shall be predicted?"),
        (["students", "--port", "99999"], "--port"),
    ],
)
def test_what_cannot_be_opened_is_said_before_a_browser_opens(
    place: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "marks.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert command(["studio", *words, "--no-browser"]) == 2
    assert message in capsys.readouterr().err
