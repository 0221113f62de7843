"""`fit_many`: every network ends as its own `fit` would have left it."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid
from pellucid import Trainer, fit_many, manual_seed, nn, optim
from pellucid.errors import InputError
from pellucid.random import default_generator

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 2))
Y = np.sin(X[:, :1]) + 0.3 * RANDOM.normal(size=(60, 1))
OTHERS = (RANDOM.normal(size=(30, 2)), RANDOM.normal(size=(30, 1)))
SEEDS = [7, 8, 9, 10]


def build(count: int = 4) -> list[Trainer]:
    """Networks of two shapes, with Adam and SGD."""
    made = []
    for seed in range(count):
        manual_seed(seed)
        model = nn.Sequential(nn.Linear(2, 8 - seed % 2), nn.ReLU(), nn.Linear(8 - seed % 2, 1))
        rule = (optim.Adam, optim.SGD)[seed // 2 % 2]
        made.append(Trainer(model, nn.MSELoss(), rule(model.parameters(), lr=0.02)))
    return made


def contents(trainer: Trainer) -> bytes:
    arrays = [each.array for each in trainer.model.parameters()]
    for memory in trainer.optimizer.state.values():
        arrays += [np.asarray(each) for each in memory.values() if each is not None]
    return b"".join(each.tobytes() for each in arrays)


@pytest.mark.parametrize("threads", [None, 1, 3])
@pytest.mark.parametrize("watched", [{}, {"validation": OTHERS, "patience": 2}])
def test_each_ends_as_its_own_fit_leaves_it(watched, threads):
    alone, wanted = build(), []
    for trainer, seed in zip(alone, SEEDS, strict=True):
        manual_seed(seed)
        wanted.append(trainer.fit(X, Y, 7, 20, **watched))
    manual_seed(3)
    before = default_generator.get_state()
    together = build()
    manual_seed(3)
    found = fit_many(together, X, Y, 7, 20, seeds=SEEDS, threads=threads, **watched)
    np.testing.assert_array_equal(default_generator.get_state(), before)
    assert [contents(each) for each in together] == [contents(each) for each in alone]
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(a.losses, b.losses)
        np.testing.assert_array_equal(a.validation_losses, b.validation_losses)
        assert (a.best_epoch, a.ending, a.engine) == (b.best_epoch, b.ending, b.engine)


def test_each_may_have_rows_of_its_own():
    folds = [np.arange(60) % 4 != fold for fold in range(4)]
    found = fit_many(
        together := build(),
        [X[each] for each in folds],
        [Y[each] for each in folds],
        9,
        5,
        seeds=SEEDS,
        validation=[(X[~each], Y[~each]) for each in folds],
    )
    for trainer, own, fold, seed in zip(build(), together, folds, SEEDS, strict=True):
        manual_seed(seed)
        alone = trainer.fit(X[fold], Y[fold], 9, 5, validation=(X[~fold], Y[~fold]))
        assert contents(trainer) == contents(own)
        np.testing.assert_array_equal(
            found[SEEDS.index(seed)].validation_losses, alone.validation_losses
        )


def test_seeds_are_drawn_from_the_default_generator():
    three = [build() for _ in range(3)]
    manual_seed(1)
    first = fit_many(three[0], X, Y, 7, 3)
    manual_seed(1)
    again, other = (fit_many(each, X, Y, 7, 3) for each in three[1:])
    for a, b, c in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(a.losses, b.losses)
        assert not np.array_equal(a.losses, c.losses)


def test_a_network_that_runs_away_is_named_and_left_as_it_was():
    trainers, alone = build(), build()
    trainers[2].optimizer.param_groups[0]["lr"] = 1e30
    before = contents(trainers[2])
    with pytest.warns(UserWarning, match=r"1 of 4 networks failed .*; network 3: Step 2"):
        found = fit_many(trainers, X, Y, 60, 20, seeds=SEEDS)
    assert contents(trainers[2]) == before
    assert (found[2].ending, found[2].steps) == ("failed", 0)
    assert found[2].failure.startswith("Step 2")
    assert "failed" in repr(found[2])
    for i in (0, 1, 3):
        manual_seed(SEEDS[i])
        alone[i].fit(X, Y, 60, 20)
        assert contents(trainers[i]) == contents(alone[i])


def test_a_stop_flag_ends_them_all():
    found = fit_many(build(), X, Y, 7, 500_000, stop=lambda: True)
    assert {each.ending for each in found} == {"stopped"}


def test_what_cannot_be_meant_is_refused():
    trainers = build()
    with pytest.raises(InputError, match=r"`seeds` must have one for each of the 4 .* Got 3"):
        fit_many(trainers, X, Y, seeds=[1, 2, 3])
    with pytest.raises(InputError, match="`inputs` is a list, so it must have one entry for each"):
        fit_many(trainers, [X, X], Y)
    with pytest.raises(InputError, match=r"'0.weight' of network 2 is one of network 1"):
        fit_many([trainers[0], trainers[0]], X, Y)
    with pytest.raises(InputError, match="needs rows to judge the epochs by"):
        fit_many(trainers, X, Y, patience=3)
    own = nn.Sequential(nn.Linear(2, 1), nn.Sequential(nn.Module()))
    odd = Trainer(own, nn.MSELoss(), optim.SGD(own.parameters(), lr=0.1))
    with pytest.raises(InputError, match="Network 5 cannot be trained beside others, because"):
        fit_many([*trainers, odd], X, Y)
    assert fit_many([], X, Y) == []


def test_it_is_part_of_the_public_face():
    assert pellucid.fit_many is fit_many


@pytest.mark.parametrize("own", [False, True])
def test_rows_and_classes_count_as_in_ones_own_fit(own):
    """One of the networks' weights leaves rows out, so that its batches are other ones."""
    classes = (X[:, 0] > 0).astype(int)
    weights = [np.arange(60) % 3, np.linspace(0.5, 2, 60)] if own else [np.arange(60) % 3] * 2
    each = {0: 2.0, 1: 0.5}

    def trainers() -> list[Trainer]:
        manual_seed(1)
        models = [nn.Sequential(nn.Linear(2, 2)) for _ in range(2)]
        return [Trainer(m, nn.CrossEntropyLoss(), optim.Adam(m.parameters())) for m in models]

    together, alone = trainers(), trainers()
    given = weights if own else weights[0]
    found = fit_many(
        together, X, classes, 7, 3, seeds=[1, 2], sample_weight=given, class_weight=each
    )
    for trainer, weight, seed, history in zip(alone, weights, (1, 2), found, strict=True):
        manual_seed(seed)
        wanted = trainer.fit(X, classes, 7, 3, sample_weight=weight, class_weight=each)
        np.testing.assert_array_equal(history.losses, wanted.losses)
    assert [contents(each) for each in together] == [contents(each) for each in alone]
