"""The native engine as a guest in a Python process: interrupts, forks, threads, subnormal numbers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from pellucid.engine.native import NativeEngine
from pellucid.engine.program import Optimizer

ENGINE = NativeEngine()


@pytest.fixture
def training(dense_program, examples, start):
    program = dense_program((6, 20, 20, 2), ("tanh", "relu", None), optimizer=Optimizer("adam"))
    inputs, targets = examples(program, 64)
    return {
        "program": program,
        "state": start(program),
        "inputs": inputs,
        "targets": targets,
        "batch_size": 16,
    }


@pytest.fixture
def ctrl_c():
    """Ctrl-C as Python handles it by itself; whoever started the tests may have it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: signal.raise_signal(signal.SIGINT)
    signal.signal(signal.SIGINT, before)


def interrupt_once_it_runs(losses, interrupt):
    while np.isnan(losses[0]):
        os.sched_yield() if hasattr(os, "sched_yield") else None
    interrupt()


@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupt_ends_a_long_run_and_leaves_the_state_as_it_was(training, threads, ctrl_c):
    before = training["state"].fingerprint()
    losses = np.full(2_000_000, np.nan)

    watcher = threading.Thread(target=interrupt_once_it_runs, args=(losses, ctrl_c))
    watcher.start()
    with pytest.raises(KeyboardInterrupt):
        ENGINE.run(**training, steps=len(losses), losses=losses, threads=threads)
    watcher.join()
    assert np.isnan(losses[-1])
    assert training["state"].fingerprint() == before
    assert ENGINE.run(**training, steps=3).step == 3


def test_other_python_threads_run_meanwhile(training):
    losses = np.zeros(3000)
    started = threading.Event()
    seen = []

    def watch():
        started.set()
        while losses[-1] == 0:
            seen.append(int(np.count_nonzero(losses)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    started.wait()
    ENGINE.run(**training, steps=len(losses), losses=losses)
    watcher.join()
    assert seen


def test_two_runs_at_once_give_the_bits_of_one(training):
    wanted = ENGINE.run(**training, steps=300).fingerprint()
    found = []
    runs = [
        threading.Thread(
            target=lambda: found.append(ENGINE.run(**training, steps=300, threads=2).fingerprint())
        )
        for _ in range(3)
    ]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    assert found == [wanted] * 3


@pytest.mark.skipif(
    not hasattr(os, "fork") or sys.version_info >= (3, 12),
    reason="needs fork, which warns beside threads from Python 3.12 on",
)
def test_threads_work_after_a_fork(training):
    wanted = ENGINE.run(**training, steps=20, threads=2).fingerprint()
    child = os.fork()
    if child == 0:
        is_same = ENGINE.run(**training, steps=20, threads=2).fingerprint() == wanted
        os._exit(0 if is_same else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_subnormal_numbers_count_again_after_a_run(training):
    parameters = training["state"].parameters
    ENGINE.run(**training, steps=2, threads=1)
    ENGINE.trace(**training)
    ENGINE.predict(training["program"], parameters, training["inputs"])
    ENGINE.evaluate(training["program"], parameters, training["inputs"], training["targets"])
    smallest = np.array([np.finfo(float).smallest_normal])
    assert (smallest * 0.5)[0] > 0


def test_subnormal_numbers_count_in_a_signal_handler(training, ctrl_c):
    tiny = np.array([1e-310])
    seen = []

    def look(*_):
        seen.append((tiny * 1.0)[0])
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, look)
    losses = np.full(2_000_000, np.nan)

    watcher = threading.Thread(target=interrupt_once_it_runs, args=(losses, ctrl_c))
    watcher.start()
    with pytest.raises(KeyboardInterrupt):
        ENGINE.run(**training, steps=len(losses), losses=losses, threads=1)
    watcher.join()
    assert seen == [1e-310]


def test_subnormal_numbers_count_as_zero_within(training):
    training["state"].parameters["0.weight"][:] = 1e-310
    trace = ENGINE.trace(**training)
    bias = training["state"].parameters["0.bias"]
    np.testing.assert_array_equal(trace.values["0"], np.tile(bias, (16, 1)))


@pytest.mark.skipif(sys.platform != "linux", reason="limits a process's memory as Linux does")
def test_a_system_that_starts_no_more_threads_changes_no_bit():
    """Each thread wants its own stack, and there is room for a few."""
    result = subprocess.run(
        [sys.executable, "-c", FEW_THREADS], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (0, "same bits\n"), result.stderr


FEW_THREADS = """
import resource
import numpy as np
from pellucid.engine.native import NativeEngine
from pellucid.engine.program import Loss, Operation, Optimizer, Program
from pellucid.engine.state import initial_state
from pellucid.random import Generator

program = Program(
    inputs=(("inputs", 3),),
    operations=(Operation("linear", ("inputs",), "0", 1, ("0.weight",)),),
    loss=Loss("mse", "mean", "0"),
    optimizer=Optimizer("sgd"),
    parameters=(("0.weight", (1, 3)),),
)
start = initial_state(program, {"0.weight": np.ones((1, 3))}, 0.1, Generator(0).get_state())
inputs = np.random.default_rng(0).normal(size=(1024, 3)).astype("float32")

def train(threads):
    after = NativeEngine().run(
        program, start, inputs, inputs[:, :1], steps=5, batch_size=1024, threads=threads
    )
    return after.fingerprint()

alone = train(1)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 60_000_000, resource.RLIM_INFINITY))
print("same bits" if train(64) == train(10**6) == alone else "other bits")
"""
