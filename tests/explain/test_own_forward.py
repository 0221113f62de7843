"""A network with a forward of its own, recorded: joined buffers, two readers, and frozen numbers."""

import numpy as np
import pytest

import pellucid
from pellucid import nn, optim
from pellucid.errors import AddressError


class Branching(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(3, 4), nn.Linear(3, 2)
        self.norm, self.last, self.out = nn.BatchNorm1d(6), nn.Linear(6, 4), nn.Linear(4, 1)

    def forward(self, x):
        first = pellucid.relu(self.first(x))
        both = pellucid.cat([first, pellucid.tanh(self.second(x))], 1)
        return self.out(pellucid.relu(self.last(self.norm(both))) + first)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    pellucid.manual_seed(0)
    inputs = np.random.default_rng(0).normal(size=(60, 3)).astype("float32")
    targets = (inputs[:, :1] > inputs[:, 1:2]).astype("float32")
    model = Branching()
    for each in model.second.parameters():
        each.requires_grad = False
    learned = [each for each in model.parameters() if each.requires_grad]
    trainer = pellucid.Trainer(model, nn.BCEWithLogitsLoss(), optim.Adam(learned, lr=0.01))
    folder = tmp_path_factory.mktemp("own") / "run"
    trainer.fit(inputs, targets, batch_size=16, epochs=3, record=folder)
    return pellucid.open_run(folder)


def test_every_buffer_opens_forwards_and_backwards(run):
    moment = run.at(7)
    trace, row = moment.trace, int(moment.rows[1])
    for buffer, deltas in trace.deltas.items():
        for unit in range(deltas.shape[1]):
            node = run.explain(f"@7 row:{row} {buffer}[{unit}]")
            back = run.explain(f"@7 row:{row} {buffer}[{unit}].delta")
            assert (node.value, back.value) == (
                float(trace.values[buffer][1, unit]),
                float(deltas[1, unit]),
            )
            assert node.check_all() == []
            assert back.check_all() == []


def test_what_is_frozen_says_so(run):
    assert run.explain("@7 first.weight[0, 0].new").check_all() == []
    still = run.explain("@7 second.weight[0, 0].new")
    assert still.value == run.explain("@7 second.weight[0, 0]").value
    assert "not learnt" in still.sentence
    assert run.explain("@7 second.bias[1].grad").value == 0.0
    with pytest.raises(AddressError, match="nothing is remembered"):
        run.explain("@7 second.bias[1].exp_avg")
