"""PyTorch with `torch.compile` around the loss of a batch and around the optimizer's step.

Of the ways tried on the third network this was the fastest: only the model compiled, and the whole
step compiled as one function, took longer.
"""

from __future__ import annotations

import os
import tempfile

import torch

from benchmarks.peers import with_torch
from benchmarks.peers.peer import Peer
from benchmarks.task import Task

# Removed when the process ends.
CACHE = tempfile.TemporaryDirectory(prefix="pellucid-bench-", ignore_cleanup_errors=True)


def prepare(task: Task, threads: int) -> Peer:
    """The loop of `with_torch`, compiled anew: nothing is taken from an earlier run's cache."""
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = CACHE.name
    return with_torch.prepare(task, threads, torch.compile)
