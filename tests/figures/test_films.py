"""Films: pictures of the run's own numbers, in order, readable, with the same bytes every time."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pellucid.errors import AddressError
from pellucid.figures.film import write_film
from pellucid.figures.run_film import choose_steps, film_run
from pellucid.figures.run_view import RunView
from pellucid.figures.saving import save
from pellucid.figures.stage_picture import STAGES
from pellucid.figures.step_film import StepStory, tell_stages
from pellucid.runs.run import Run


@pytest.mark.parametrize("table", ["students", "houses", "penguins", "digits"])
@pytest.mark.parametrize("step", [1, 3])
def test_a_step_is_told_in_its_five_stages(runs: dict[str, Run], table: str, step: int) -> None:
    story = StepStory(RunView(runs[table]), step)
    stages = list(tell_stages(story))
    assert [each.number for each in stages] == sorted(each.number for each in stages)
    assert {each.number for each in stages} == set(range(len(STAGES)))
    trace = story.trace
    zero = next(each for each in stages if each.number == 2)
    assert all(not each.any() for each in zero.look.lines.values())
    last_backward = [each for each in stages if each.number == 3][-1]
    for number, layer in enumerate(story.layers, 1):
        np.testing.assert_array_equal(
            last_backward.look.lines[number], trace.gradients[layer.weight]
        )
    after = trace.after.parameters
    assert all(stages[-1].values[name] is after[name] for name in after)
    assert str(story.opened.row) in stages[0].title.replace(",", "")


def test_the_chosen_row_is_followed(runs: dict[str, Run]) -> None:
    view = RunView(runs["students"])
    rows = view.run.data["rows.training"][view.moment(2).trace.rows] + 1
    assert StepStory(view, 2, int(rows[5])).opened.row == rows[5]
    unseen = int(view.run.data["rows.test"][0]) + 1
    with pytest.raises(AddressError, match="is not in the batch of step 2"):
        StepStory(view, 2, unseen)


def test_the_film_of_a_step(runs: dict[str, Run], tmp_path: Path) -> None:
    paths = [save(runs["circles"], ["@2"], tmp_path / f"{each}.gif") for each in "ab"]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with Image.open(paths[0]) as film:
        assert film.n_frames >= 7
        assert film.size == (960, 540)
        assert film.info["duration"] >= 2000


def test_the_film_of_a_run(runs: dict[str, Run], tmp_path: Path) -> None:
    view = RunView(runs["circles"])
    path = tmp_path / "run.gif"
    assert write_film(film_run(view, frames=3, theme="dark"), path) == 3
    with Image.open(path) as film:
        pictures = []
        for number in range(film.n_frames):
            film.seek(number)
            pictures.append(np.asarray(film.convert("RGB"), dtype=int))
    assert len(pictures) == 3
    assert all((a != b).any() for a, b in itertools.pairwise(pictures))
    assert pictures[0][2, 2].max() < 40  # the ground of the dark theme


@pytest.mark.parametrize(("last", "count"), [(0, 5), (1, 5), (7, 3), (10**6, 32)])
def test_moments_of_a_run(last: int, count: int) -> None:
    steps = choose_steps(last, count)
    assert steps == sorted(set(steps))
    assert (steps[0], steps[-1]) == (0, last)
    assert len(steps) <= count


def test_a_row_alone_makes_no_film(runs: dict[str, Run], tmp_path: Path) -> None:
    with pytest.raises(AddressError, match=r"Name a step: pellucid show .* @1 --save"):
        save(runs["circles"], ["row:1"], tmp_path / "a.gif")
