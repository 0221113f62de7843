"""All that is known before the first step: rows, split, inputs, network and first state.

The order of the random draws, each from PyTorch's generator:

1. The split is dealt by a generator of its own, started from the seed.
2. A fresh generator, started from the same seed, draws the weights and biases layer by layer, so
   that `torch.manual_seed(seed)` before the same `nn.Sequential` gives the same ones.
3. That generator goes on and draws each epoch's order as a shuffling `DataLoader` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pellucid.data.preparation import Preparation
from pellucid.data.reading import read_table
from pellucid.data.split import Split, split_rows
from pellucid.data.table import Rows, Table
from pellucid.data.target import Target, usable_rows
from pellucid.engine.engine import Engine
from pellucid.engine.native import NativeEngine
from pellucid.engine.program import Program
from pellucid.engine.state import State, initial_state
from pellucid.model.defaults import choose_method
from pellucid.model.network import build_network, lower_network, seeded, take_weights
from pellucid.model.settings import Method, Settings, read_settings
from pellucid.nn import Module, Sequential
from pellucid.train.loop import Examples


@dataclass(frozen=True, slots=True)
class Prepared:
    """A training that has not begun.

    Attributes:
        table: every row, as read.
        preparation: from cells to inputs, fitted on the training rows.
        target: from the target's cells to numbers and back.
        split: row numbers of the table: to learn from, to choose the best epoch, never seen.
        settings: what was asked for.
        method: what will be done.
        engine: does the steps.
        network: with its first weights.
        program: the network, its loss and its optimizer.
        state: before step 1.
        training: the rows to learn from, as arrays.
        validation: the rows that choose the best epoch, as arrays.
    """

    table: Table
    preparation: Preparation
    target: Target
    split: Split
    settings: Settings
    method: Method
    engine: Engine
    network: Module
    program: Program
    state: State
    training: Examples
    validation: Examples

    def without_hidden_layer(self) -> Prepared:
        """Give the same training for a network without a hidden layer: one neuron an output."""
        method = replace(self.method, layers=())
        network, program, state = _begin(method, self.preparation, self.target)
        return replace(self, method=method, network=network, program=program, state=state)


def prepare_fit(
    table: Any,
    target: str,
    *,
    kinds: Mapping[str, str] | None = None,
    header: bool = True,
    **settings: Any,
) -> Prepared:
    """Do everything up to the first step. Arguments and errors are those of `fit`.

    Example:
        >>> prepared = prepare_fit("students", "passed")
        >>> len(prepared.training), prepared.method.layers
        (1000, (5,))
    """
    asked = read_settings(**settings)
    read = read_table(table, header=header)
    decoder = Target.of(read, target, asked.task)
    split = split_rows(usable_rows(read, target), asked.seed)
    decoder = decoder.fit(read, split.train)
    preparation = Preparation.fit(read, split.train, target, kinds)
    method = choose_method(
        asked,
        task=decoder.kind,
        rows=len(split.train),
        inputs=len(preparation.input_names),
    )
    network, program, state = _begin(method, preparation, decoder)
    training, validation = (
        _examples(read, rows, preparation, decoder, method.dtype)
        for rows in (split.train, split.validation)
    )
    return Prepared(
        table=read,
        preparation=preparation,
        target=decoder,
        split=split,
        settings=asked,
        method=method,
        engine=NativeEngine(),
        network=network,
        program=program,
        state=state,
        training=training,
        validation=validation,
    )


def _examples(
    table: Table, rows: Rows, preparation: Preparation, target: Target, dtype: str
) -> Examples:
    inputs = preparation.inputs(table.take(rows), dtype)
    targets = target.encode(table, rows, dtype)
    return Examples(np.ascontiguousarray(inputs), np.ascontiguousarray(targets))


def _begin(
    method: Method, preparation: Preparation, target: Target
) -> tuple[Sequential, Program, State]:
    inputs = len(preparation.input_names)
    with seeded(method.seed) as generator:
        network = build_network(method, inputs, target.outputs)
        words = generator.words.copy()
    if method.weights is not None:
        take_weights(network, method.weights, preparation.input_names)
    program = lower_network(network, method, target.kind, inputs)
    parameters = {name: each.array for name, each in network.named_parameters()}
    return network, program, initial_state(program, parameters, method.learning_rate, words)
