"""A cursor walks a training to and fro, and what it stands on opens."""

from __future__ import annotations

from itertools import pairwise

import pytest

import pellucid
from pellucid.cli.main import run as run_command
from pellucid.errors import AddressError, InputError
from pellucid.explain.cursor import OPERATIONS

GRAINS = ("epoch", "batch", "example", "operation")
STEPS, PER_EPOCH = 30, 10


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cursor") / "students"
    assert run_command(["train", "students", "--epochs", "3", "--quiet", "--out", str(folder)]) == 0
    return pellucid.open_run(folder)


def walk(cursor, grain, count):
    places = [cursor]
    for _ in range(count):
        places.append(places[-1].next(grain))
    return places


def test_operations_come_in_their_order_and_then_the_next_step(run):
    places = walk(run.cursor(3), "operation", 5)
    assert [each.operation for each in places] == [*OPERATIONS, "forward"]
    assert [each.step for each in places] == [3] * 5 + [4]


def test_examples_are_the_rows_of_the_batch_in_its_order(run):
    rows = run.at(3).rows.tolist()
    places = walk(run.cursor(3), "example", len(rows))
    assert [each.row for each in places[:-1]] == rows
    assert (places[-1].step, places[-1].row) == (4, run.at(4).rows[0])


def test_epochs_begin_where_the_order_begins_anew(run):
    assert [each.step for each in walk(run.cursor(4), "epoch", 3)] == [4, 11, 21, None]
    assert run.cursor(11).previous("epoch").step == 1
    assert run.cursor(15).previous("epoch").step == 11
    assert run.cursor("last").previous("epoch").step == 21


@pytest.mark.parametrize("grain", GRAINS)
def test_back_is_where_one_came_from(run, grain):
    start = run.cursor(PER_EPOCH + 1)
    for before, after in pairwise(walk(start, grain, 7 if grain != "epoch" else 2)):
        back = after.previous(grain)
        assert (back.step, back.operation) == (before.step, before.operation)
        if grain == "example":
            assert back.row == before.row


@pytest.mark.parametrize("grain", GRAINS)
def test_the_end_can_be_left_backwards_only(run, grain):
    end = run.cursor("last")
    assert end.row is None
    assert str(end) == "@last"
    assert end.explain().address == "@last"
    with pytest.raises(AddressError, match="nothing comes after it"):
        end.next(grain)
    back = end.previous(grain)
    assert back.step == (STEPS if grain != "epoch" else 21)
    assert end.step is None
    if grain in ("example", "operation"):
        assert back.next(grain).step is None


@pytest.mark.parametrize("grain", GRAINS)
def test_nothing_comes_before_the_first_moment(run, grain):
    with pytest.raises(AddressError, match="@1 is the first moment"):
        run.cursor(1).previous(grain)


def test_what_it_stands_on_opens_and_checks(run):
    cursor = run.cursor(7, int(run.at(7).rows[3]))
    assert cursor.row == run.at(7).rows[3]
    opened = {}
    for _ in OPERATIONS:
        opened[cursor.operation] = cursor.explain()
        cursor = cursor.next("operation")
    row = f"@7 row:{run.at(7).rows[3]}"
    assert opened["forward"].address == row
    assert opened["loss"].address == f"{row} loss"
    assert opened["update"].address.endswith(".new")
    for name in ("loss", "backward", "update"):
        assert opened[name].check().ok


def test_what_does_not_exist_is_refused(run):
    outside = next(row for row in range(1, 999) if row not in run.at(3).rows)
    with pytest.raises(AddressError, match="is not in the batch of @3"):
        run.cursor(3, outside)
    with pytest.raises(AddressError, match="Nothing is there"):
        run.cursor("last", 1)
    with pytest.raises(InputError, match="walked by epoch, batch, example, operation"):
        run.cursor(3).next("layer")
