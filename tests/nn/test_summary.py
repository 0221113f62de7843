"""The summary of a model: right counts, shapes that came out, text within 80 columns."""

from typing import Any

import pytest

import pellucid
from pellucid import nn


def deep() -> nn.Module:
    inner = nn.Sequential(nn.ReLU(), nn.Dropout(0.5), nn.Linear(30, 10))
    return nn.Sequential(nn.Linear(784, 30), nn.BatchNorm1d(30), inner)


def test_counts_and_shapes() -> None:
    found = pellucid.summary(deep(), (32, 784))
    assert [(row.path, row.kind, row.output, row.parameters) for row in found.rows] == [
        ("0", "Linear", (32, 30), 23550),
        ("1", "BatchNorm1d", (32, 30), 60),
        ("2", "Sequential", (32, 10), 0),
        ("2.0", "ReLU", (32, 30), 0),
        ("2.1", "Dropout", (32, 30), 0),
        ("2.2", "Linear", (32, 10), 310),
    ]
    assert (found.parameters, found.learned, found.buffers) == (23920, 23920, 61)
    assert found.bytes == 23920 * 4 + 60 * 4 + 8


def test_the_counts_are_pytorchs(oracle: Any) -> None:
    theirs = oracle.torch.nn.Sequential(
        oracle.torch.nn.Linear(7, 5), oracle.torch.nn.LayerNorm(5), oracle.torch.nn.Linear(5, 2)
    )
    ours = nn.Sequential(nn.Linear(7, 5), nn.LayerNorm(5), nn.Linear(5, 2))
    assert pellucid.summary(ours).parameters == sum(each.numel() for each in theirs.parameters())


def test_nothing_in_the_model_changes() -> None:
    model = deep().train()
    model[2].eval()
    before = {name: each.tolist() for name, each in model.state_dict().items()}
    state = pellucid.random.default_generator.get_state().tolist()
    pellucid.summary(model, (4, 784))
    assert {name: each.tolist() for name, each in model.state_dict().items()} == before
    assert pellucid.random.default_generator.get_state().tolist() == state
    assert model.training
    assert not model[2].training
    assert not any(each.has_hooks for each in model.modules())


def test_a_model_that_fails_is_left_without_hooks() -> None:
    model = deep()
    with pytest.raises(RuntimeError, match="mat1 and mat2 shapes cannot be multiplied"):
        pellucid.summary(model, (4, 3))
    assert not any(each.has_hooks for each in model.modules())
    assert model.training


def test_frozen_and_shared_parameters() -> None:
    layer = nn.Linear(4, 4)
    model = nn.Sequential(layer, nn.Tanh(), nn.Linear(4, 4))
    model[2].weight = layer.weight
    layer.weight.requires_grad_(False)  # noqa: FBT003 (PyTorch's signature)
    found = pellucid.summary(model)
    assert (found.parameters, found.learned) == (24, 8)
    assert "24 parameters, 8 learned, 16 frozen; 96 bytes" in str(found)


def test_inputs_of_other_kinds() -> None:
    model = nn.Sequential(nn.Embedding(10, 3), nn.Flatten())
    assert pellucid.summary(model, (5, 2), dtype="int64").rows[-1].output == (5, 6)
    data = pellucid.tensor([[1, 2]])
    assert pellucid.summary(model, input_data=data).rows[0].output == (1, 2, 3)
    assert pellucid.summary(nn.Linear(2, 1)).rows[0].kind == "Linear"


def test_long_names_stay_within_80_columns() -> None:
    class ALayerWithAVeryLongNameIndeed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.an_attribute_with_a_long_name = nn.Linear(100, 100000)

        def forward(self, x: Any) -> Any:
            return self.an_attribute_with_a_long_name(x)

    model = nn.Sequential(*(ALayerWithAVeryLongNameIndeed() for _ in range(2)))
    model[1] = nn.Tanh()
    text = str(pellucid.summary(model, (128, 100)))
    assert max(map(len, text.splitlines())) <= 80
    assert "  an_attribute_wi…   Linear" in text
    widths = {len(line) for line in text.splitlines() if set(line) == {"─"}}
    assert len(widths) == 1
