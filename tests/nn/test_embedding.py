"""`Embedding` against PyTorch: rows, gradients, first values, words."""

from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid import nn
from pellucid.errors import InputError

PLACES = np.array([[1, 4, 1], [0, 2, 4]])


@pytest.mark.parametrize(
    "settings",
    [{}, {"padding_idx": 4}, {"padding_idx": -1}, {"scale_grad_by_freq": True}],
    ids=str,
)
@pytest.mark.parametrize("places", [PLACES, PLACES[0], PLACES[0, 1], PLACES[:0]], ids=np.shape)
def test_rows_and_gradients(oracle: Any, settings: Any, places: Any) -> None:
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        lib.manual_seed(2)
        layer = lib.nn.Embedding(5, 3, **settings)
        first = layer.weight.detach().clone()
        out = layer(lib.tensor(places))
        weights = lib.arange(out.numel(), dtype=lib.float32).reshape(out.shape)
        (out * weights).sum().backward()
        results.append((first, out.detach(), layer.weight.grad))
    oracle.values(*results, ulps=32)


def test_words(oracle: Any) -> None:
    oracle.text(lambda lib: lib.nn.Embedding(10, 3))
    oracle.text(lambda lib: lib.nn.Embedding(10, 3, -1, norm_type=1.0, scale_grad_by_freq=True))
    for lib in (oracle.pellucid, oracle.torch):
        layer = lib.nn.Embedding(4, 2, dtype=lib.float64, device="cpu")
        assert layer.weight.dtype == lib.float64
        assert list(layer.state_dict()) == ["weight"]


def test_a_table_that_exists(oracle: Any) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        table = lib.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        layer = lib.nn.Embedding.from_pretrained(table)
        assert not layer.weight.requires_grad
        assert layer(lib.tensor([2, 0])).tolist() == [[5.0, 6.0], [1.0, 2.0]]
        learned = lib.nn.Embedding.from_pretrained(table, freeze=False, padding_idx=1)
        learned(lib.tensor([1, 2])).sum().backward()
        assert learned.weight.grad.tolist() == [[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]]
        assert (learned.num_embeddings, learned.embedding_dim, learned.padding_idx) == (3, 2, 1)


@pytest.mark.parametrize(
    "question",
    [
        lambda lib: lib.nn.Embedding(3, 2)(lib.tensor([0.0])),
        lambda lib: lib.nn.Embedding(3, 2)(lib.tensor([0, 3])),
        lambda lib: lib.nn.Embedding(3, 2)(lib.tensor([-1])),
        lambda lib: lib.nn.Embedding(3, 2)([0]),
        lambda lib: lib.nn.Embedding(3, 2, padding_idx=3),
        lambda lib: lib.nn.Embedding(3, 2, padding_idx=-4),
        lambda lib: lib.nn.Embedding.from_pretrained(lib.zeros(3)),
    ],
)
def test_mistakes(oracle: Any, question: Any) -> None:
    oracle.error(question)


def test_what_is_not_offered_is_refused_with_the_reason() -> None:
    with pytest.raises(InputError, match=r"max_norm=None.*Got 1\.0: it would change the table"):
        nn.Embedding(3, 2, max_norm=1.0)
    with pytest.raises(InputError, match="sparse=False"):
        nn.Embedding(3, 2, sparse=True)


def test_the_same_training_as_pytorch(oracle: Any) -> None:
    def train(lib: Any) -> Any:
        lib.manual_seed(0)
        layer, head = lib.nn.Embedding(6, 4), lib.nn.Linear(4, 1)
        rule = lib.optim.Adam([*layer.parameters(), *head.parameters()], lr=0.1)
        places, wanted = lib.arange(6), lib.linspace(-1, 1, 6).reshape(6, 1)
        for _ in range(20):
            rule.zero_grad()
            loss = ((head(layer(places)) - wanted) ** 2).mean()
            loss.backward()
            rule.step()
        return loss.detach(), layer.weight.detach()

    ours, theirs = train(oracle.pellucid), train(oracle.torch)
    for mine, wanted in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine.numpy(), wanted.numpy(), atol=1e-5)
    assert isinstance(ours[0], pellucid.Tensor)
