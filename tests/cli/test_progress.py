"""The live view: nothing for short trainings, a growing line and a bar for long ones."""

import io

import numpy as np
from rich.console import Console

from pellucid.cli.progress import PATIENCE, LiveLoss
from pellucid.engine.state import State
from pellucid.train.loop import Progress

STATE = State({}, {}, 0, 0, 0, 0, np.zeros(625, np.uint32), 0.1, 0.0)


def told(step: int, elapsed: float) -> Progress:
    losses = np.linspace(0.7, 0.2, 1000)[:step]
    return Progress(step, 1000, step // 10, 100, losses, np.array([0.5]), elapsed, STATE, 0, None)


def draw(*moments: Progress) -> str:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80, no_color=True)
    with LiveLoss(console) as live:
        for moment in moments:
            live.update(moment)
    return screen.getvalue()


def test_a_short_training_draws_nothing():
    assert draw(told(10, PATIENCE / 4), told(1000, PATIENCE / 2)) == ""


def test_a_long_training_shows_speed_time_left_and_the_loss():
    seen = draw(told(0, 0.0), told(100, 1.0), told(500, 5.0))
    assert "500 of 1,000 steps" in seen
    assert "100 a second" in seen
    assert "step      1     10     50    100    500" in seen


def test_it_is_not_drawn_more_often_than_an_eye_can_follow():
    seen = draw(told(100, 1.0), told(101, 1.01), told(102, 1.02))
    assert "100 of 1,000 steps" in seen
    assert "101 of 1,000 steps" not in seen
