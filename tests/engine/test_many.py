"""Many networks side by side: each as if it were alone, whatever becomes of the others."""

from __future__ import annotations

import signal
import threading
from dataclasses import replace

import numpy as np
import pytest

from pellucid.engine.job import Job
from pellucid.engine.native import NativeEngine
from pellucid.engine.program import Optimizer
from pellucid.engine.state import State
from pellucid.engine.watch import Watch
from pellucid.errors import InputError, TrainingError

ENGINE = NativeEngine()


@pytest.fixture
def jobs(dense_program, examples, start):
    """Networks of several shapes and types, some on data that they share."""
    made = []
    for seed in range(24):
        widths = ((2, 8, 8, 1), (5, 30, 3), (3, 1))[seed % 3]
        activations = ("relu",) * (len(widths) - 2) + (None,)
        program = dense_program(
            widths,
            activations,
            optimizer=Optimizer(("adam", "sgd")[seed % 2]),
            dtype=("float32", "float64")[seed // 3 % 2],
        )
        inputs, targets = examples(program, 40 + seed // 12)
        made.append(
            Job(program, start(program, seed=seed), inputs, targets, 30 + seed, 7 + seed % 4)
        )
    return made


def alone(job: Job) -> State:
    fields = {name: getattr(job, name) for name in job.__slots__}
    return ENGINE.run(**fields)


@pytest.mark.parametrize("threads", [None, 1, 2, 5])
def test_each_has_the_bits_that_it_has_alone(jobs, threads):
    together = ENGINE.run_many(jobs, threads=threads)
    assert [each.fingerprint() for each in together] == [alone(job).fingerprint() for job in jobs]


def test_each_has_its_own_losses_rows_and_watch(jobs, examples):
    def with_more(job: Job) -> Job:
        return replace(
            job,
            rows=np.arange(3, len(job.inputs), 2),
            losses=np.full(job.steps, np.nan),
            watch=Watch(*examples(job.program, 30, seed=2), patience=2, losses=np.full(50, np.nan)),
        )

    first, second = ([with_more(job) for job in jobs] for _ in range(2))
    together = ENGINE.run_many(first)
    for job, reached, single in zip(first, together, second, strict=True):
        assert reached.fingerprint() == alone(single).fingerprint()
        np.testing.assert_array_equal(job.losses, single.losses)
        np.testing.assert_array_equal(job.watch.losses, single.watch.losses)


def test_one_that_runs_away_does_not_spoil_the_others(jobs):
    wanted = [each.fingerprint() for each in ENGINE.run_many(jobs)]
    bad = jobs[5].inputs.copy()
    bad[11, 2] = np.nan
    jobs[5] = replace(jobs[5], inputs=bad)
    jobs[9].state.parameters["0.bias"][0] = np.inf
    reached = ENGINE.run_many(jobs, threads=2)
    with pytest.raises(TrainingError) as caught:
        alone(jobs[5])
    for i, each in enumerate(reached):
        if i in {5, 9}:
            assert isinstance(each, TrainingError)
        else:
            assert each.fingerprint() == wanted[i]
    assert str(reached[5]) == str(caught.value)


def test_ctrl_c_and_a_stop_flag_leave_all_between_two_steps(jobs):
    long = [replace(job, steps=10_000_000) for job in jobs[:6]]
    stopped = ENGINE.run_many(long, threads=2, stop=lambda: True)
    handed = []
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.1, signal.raise_signal, [signal.SIGINT])
    timer.daemon = True
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            ENGINE.run_many(long, threads=2, interrupted=handed.extend)
    finally:
        signal.signal(signal.SIGINT, before)
        timer.cancel()
    for reached in (stopped, handed):
        assert len(reached) == len(long)
        assert 0 < max(each.step for each in reached) < 10_000_000
        for job, each in zip(long, reached, strict=True):
            if each.step < 300_000:
                again = alone(replace(job, steps=each.step))
                assert each.fingerprint() == again.fingerprint()


def test_what_cannot_be_run_is_refused_before_the_first_step(jobs):
    losses = np.full(jobs[0].steps, np.nan)
    wrong = [replace(jobs[0], losses=losses), replace(jobs[1], batch_size=0)]
    with pytest.raises(InputError, match=r"`batch_size` must be 1 or more\. Got 0"):
        ENGINE.run_many(wrong)
    assert np.isnan(losses).all()
    with pytest.raises(InputError, match=r"`steps` must be 0 or more\. Got -1"):
        ENGINE.run_many([jobs[0], replace(jobs[0], steps=-1)])
    with pytest.raises(InputError, match=r"`threads` must be 1 or more, or None\. Got 0"):
        ENGINE.run_many(jobs, threads=0)
    assert ENGINE.run_many([]) == []


def test_shared_data_is_told_apart_by_what_is_done_with_it(jobs):
    """Programs and arrays that are the same need one check; settings may differ all the same."""
    job = jobs[0]
    varied = [
        job,
        replace(job, shuffle=False),
        replace(job, batch_size=3),
        replace(job, rows=np.arange(9)),
        replace(job, row_weights=np.arange(len(job.inputs)) % 3.0),
        replace(job, steps=4),
    ]
    together = [each.fingerprint() for each in ENGINE.run_many(varied)]
    assert together == [alone(each).fingerprint() for each in varied]
    assert len(set(together)) == len(varied)
