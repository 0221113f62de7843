"""The studio's first moment, and how it moves: it is a real run, the terminal's, bit for bit."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from tests.studio.pages import Page, Studio

from pellucid.cli.main import run as command
from pellucid.run import open_run


def test_the_untrained_network_is_there_at_once(studio: Studio, place: Path) -> None:
    page = studio.page()
    page.say("look")
    scene = page.until("scene")
    assert scene["sentence"] == "This network learns who will pass from 1,000 students."
    assert [each["name"] for each in scene["layers"]] == ["hidden1", "output"]
    assert scene["rows"][0]["cells"] == ["10 h", "7 h", "75", "80"]
    assert len(scene["rows"]) == 10
    frame = page.until("frame")
    assert (frame["step"], frame["done"], frame["position"]) == (
        1,
        0,
        "step 1 of 500, epoch 1, batch 1",
    )
    assert frame["shown"]["sentence"] == "Row 1: 10 h studied, 7 h sleep."
    assert frame["numbers"]["0.weight"].shape == (5, 4)
    assert len(frame["predictions"]) == 10
    assert [each.name for each in (place / "runs").iterdir() if each.name[0] != "."] == []


def test_play_trains_the_run_that_the_terminal_trains(studio: Studio, place: Path) -> None:
    command(["train", "students", "--quiet", "--out", "terminal"])
    page = studio.page()
    page.look()
    frame = page.play_to_the_end()
    assert (frame["step"], frame["owner"], frame["done"]) == (None, "@last ", 500)
    page.say("pause")
    name = page.look()["run"]
    ours, theirs = open_run("students-1"), open_run("terminal")
    assert ours.outcome.fingerprint == theirs.outcome.fingerprint
    assert ours.outcome.scores == theirs.outcome.scores
    assert np.array_equal(ours.losses, theirs.losses)
    assert name == "first"
    assert np.array_equal(frame["numbers"]["losses.low"], theirs.losses.astype(np.float32))


def test_the_card_of_the_answer_adds_up_as_it_is_written(studio: Studio) -> None:
    page = studio.page()
    page.say("look", step=33)
    opening = page.until("scene")["opening"]
    frame = page.until("frame")
    card = page.ask("explain", address=f"{frame['owner']}row:1 {opening}")["card"]
    assert card["text"] == frame["shown"]["prediction"]["text"]
    assert card["owner"] == "row 1"
    total = sum(Decimal(each["written"].replace("−", "-")) for each in card["below"]["parts"])
    assert total == Decimal(card["below"]["written"].replace("−", "-"))
    proof = page.ask("check", address=card["below"]["address"])["proof"]
    assert proof["ok"]
    assert proof["sentence"].startswith("Computed again from its parts:")


def test_a_step_is_told_in_five_stages_that_open(studio: Studio) -> None:
    page = studio.page()
    page.look(step=12)
    told = page.ask("tell")
    assert [each["name"] for each in told["stages"]] == [
        "forward", "loss", "zero", "backward", "update",
    ]  # fmt: skip
    for each in told["stages"]:
        if each["address"]:
            assert page.ask("explain", address=each["address"])["kind"] == "explained"
    page.say("go", step=None)
    page.until("frame", lambda frame: frame["step"] is None)
    assert page.ask("tell")["kind"] == "failed"


def test_every_moment_is_that_of_the_run(studio: Studio) -> None:
    page = studio.page()
    page.look()
    page.play_to_the_end()
    run = open_run("students-1")
    for step in (1, 137, 500):
        page.say("go", step=step)
        frame = page.until("frame", lambda frame, step=step: frame["step"] == step)
        trace = run.at(step).trace
        for name, array in trace.before.parameters.items():
            assert np.array_equal(frame["numbers"][name], array)
            assert np.array_equal(frame["numbers"][f"grad {name}"], trace.gradients[name])
            assert np.array_equal(frame["numbers"][f"update {name}"], trace.updates()[name])
        assert frame["batch_loss"] == trace.loss


def test_steps_of_every_grain_go_both_ways(studio: Studio) -> None:
    page = studio.page()
    page.look(step=25)

    for by, grain, place in (
        (1, "batch", (26, 0)),
        (-1, "epoch", (21, 0)),
        (-1, "epoch", (11, 0)),
        (1, "epoch", (21, 0)),
        (-1, "operation", (20, 4)),
        (1, "operation", (21, 0)),
        (3, "operation", (21, 3)),
        (-30, "batch", (1, 0)),
        (-1, "operation", (1, 0)),
    ):
        page.say("step", by=by, grain=grain)
        page.until("frame", lambda frame, place=place: (frame["step"], frame["stage"]) == place)


def test_examples_come_in_the_order_of_the_batch(studio: Studio) -> None:
    page = studio.page()
    page.look(step=3)
    shown = []
    for _ in range(3):
        page.say("step", by=1, grain="example")
        place = len(shown) + 1
        frame = page.until("frame", lambda frame, place=place: frame["example"] == place)
        shown.append(frame["shown"]["row"])
        assert frame["numbers"]["hidden1.delta"].shape == (5,)
    page.play_to_the_end()
    assert shown == open_run("students-1").at(3).rows[:3].tolist()


def test_play_goes_at_the_pace_that_is_asked_for_and_trains_no_further(studio: Studio) -> None:
    page = studio.page()
    page.look()
    page.say("play", speed=200)
    frame = page.until("frame", lambda frame: (frame["step"] or 0) >= 20)
    page.say("pause")
    frame = page.until("frame", lambda frame: not frame["is_playing"])
    assert 0 <= frame["done"] - (frame["step"] - 1) < 40  # what was under way, and no more
    page.say("restart")
    frame = page.until("frame")
    assert frame["step"] == 1
    assert 19 <= frame["done"] < 500
    assert len(frame["numbers"]["losses.low"]) == frame["done"]


def test_only_the_newest_moment_is_sent_and_only_to_who_draws(studio: Studio) -> None:
    page = studio.page()
    page.is_drawing = False
    frame = page.look()
    page.say("play", speed=0)
    while studio.shelf.first().done < 500:
        assert page.ask("explain", address="@1 loss")["kind"] == "explained"  # and no frame
    page.is_drawing = True
    page.say("ack", frame=frame["frame"])
    frame = page.until("frame")
    assert frame["frame"] == 2
    assert frame["step"] is None


def test_a_run_of_the_terminal_opens_at_its_end(opened: Callable[..., Studio], place: Path) -> None:
    command(["train", "penguins", "--quiet", "--epochs", "3"])
    page = opened("penguins-1").page()
    page.say("look")
    scene = page.until("scene")
    assert scene["name"] == "penguins-1"
    assert scene["target"]["type"] == "classes"
    frame = page.until("frame")
    assert frame["step"] is None
    assert frame["is_finished"]
    assert frame["numbers"]["output.a"].sum() == pytest.approx(1, abs=1e-6)


def test_numbers_are_predicted_in_their_unit(opened: Callable[..., Studio]) -> None:
    page = opened("houses").page()
    page.say("look")
    opening = page.until("scene")["opening"]
    frame = page.until("frame")
    card = page.ask("explain", address=f"{frame['owner']}row:1 {opening}")["card"]
    assert card["text"] == frame["shown"]["prediction"]["text"]
    assert card["below"]["op"] == "sum"
    assert frame["shown"]["prediction"]["text"].endswith("€")
    assert frame["shown"]["prediction"]["is_right"] is None
    assert frame["predictions"][0]["error"]


def test_what_a_page_may_not_wish_is_refused(studio: Studio) -> None:
    page: Page = studio.page()
    assert "Look at a run first" in page.ask("tell")["message"]
    page.look()
    page.socket.send("nonsense")
    assert "no wish" in page.until("failed")["message"]
    page.say("choose", row=0)
    assert page.until("failed")["message"] == "There is no row 0: the rows are 1 to 1,250."
    page.say("play", speed=-1)
    assert "speed" in page.until("failed")["message"]
    assert "Open a file first" in page.ask("begin", table="nothing")["message"]
