"""Batches come in PyTorch's order, with PyTorch's draws, from PyTorch's kinds of datasets."""

from collections import namedtuple
from itertools import islice
from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid.data.dataset import Subset
from pellucid.random import Generator, default_generator

Pair = namedtuple("Pair", "x y")


def loaders(oracle: Any) -> tuple[Any, Any]:
    return pellucid.DataLoader, oracle.torch.utils.data.DataLoader


def datasets(oracle: Any, *arrays: Any) -> tuple[Any, Any]:
    return (
        pellucid.TensorDataset(*map(pellucid.tensor, arrays)),
        oracle.torch.utils.data.TensorDataset(*map(oracle.torch.tensor, arrays)),
    )


def same_words(oracle: Any, ours: Generator, theirs: Any) -> bool:
    """Whether two generators stand at the same place."""
    copy = Generator(0).set_state(ours.get_state())
    other = oracle.torch.Generator()
    other.set_state(theirs.get_state())
    return copy.permutation(50).tolist() == oracle.torch.randperm(50, generator=other).tolist()


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize(("rows", "batch_size"), [(10, 3), (9, 3), (2, 5), (1, 1), (700, 64)])
def test_batches_and_draws(  # noqa: PLR0917 (the cases)
    oracle: Any, shuffle: bool, own: bool, drop_last: bool, rows: int, batch_size: int
) -> None:
    inputs = np.arange(rows * 2, dtype=np.float32).reshape(rows, 2)
    ours, theirs = datasets(oracle, inputs, np.arange(rows))
    mine, other = loaders(oracle)
    pellucid.manual_seed(5)
    oracle.torch.manual_seed(5)
    generators = Generator(3), oracle.torch.Generator().manual_seed(3)
    settings = {"batch_size": batch_size, "shuffle": shuffle, "drop_last": drop_last}
    one = mine(ours, **settings, generator=generators[0] if own else None)
    two = other(theirs, **settings, generator=generators[1] if own else None)
    assert len(one) == len(two)
    for _ in range(3):
        oracle.values(list(one), list(two))
        assert same_words(oracle, default_generator, oracle.torch.default_generator)
        assert same_words(oracle, *generators)


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("taken", [0, 1, 3, 4])
def test_draws_of_an_epoch_that_is_left_early(oracle: Any, own: bool, taken: int) -> None:
    ours, theirs = datasets(oracle, np.arange(10))
    mine, other = loaders(oracle)
    pellucid.manual_seed(5)
    oracle.torch.manual_seed(5)
    generators = Generator(3), oracle.torch.Generator().manual_seed(3)
    one = iter(mine(ours, batch_size=3, shuffle=True, generator=generators[0] if own else None))
    two = iter(other(theirs, batch_size=3, shuffle=True, generator=generators[1] if own else None))
    oracle.values(list(islice(one, taken)), list(islice(two, taken)))
    assert same_words(oracle, default_generator, oracle.torch.default_generator)
    assert same_words(oracle, *generators)


@pytest.mark.parametrize(
    "rows",
    [
        [1, 2, 3],
        [1.5, 2.5, 3.5],
        [(1, 2.0), (3, 4.0), (5, 6.0)],
        [{"a": 1, "b": [2]}, {"a": 3, "b": [4]}],
        [np.ones(2), np.zeros(2)],
        [np.float32(1), np.float32(2)],
        [True, False],
    ],
)
def test_lists_of_rows(oracle: Any, rows: Any) -> None:
    mine, other = loaders(oracle)
    for one, two in zip(mine(rows, batch_size=2), other(rows, batch_size=2), strict=True):
        if isinstance(two, dict):
            assert one.keys() == two.keys()
            one, two = list(one.values()), list(two.values())  # noqa: PLW2901 (the values are meant)
        oracle.values(one, two)


def test_rows_of_other_kinds() -> None:
    load = pellucid.DataLoader
    assert next(iter(load(["a", "b"], batch_size=2))) == ["a", "b"]
    batch = next(iter(load([Pair(1, 2), Pair(3, 4)], batch_size=2)))
    assert isinstance(batch, Pair)
    assert batch.y.tolist() == [2, 4]
    assert next(iter(load([1, 2], batch_size=2, collate_fn=sum))) == 3


class Squares:
    """A dataset of one's own."""

    def __len__(self) -> int:
        return 4

    def __getitem__(self, place: int) -> Any:
        return pellucid.tensor([float(place**2)]), place


def test_a_dataset_of_ones_own() -> None:
    squares, places = next(iter(pellucid.DataLoader(Squares(), batch_size=4)))
    assert squares.tolist() == [[0.0], [1.0], [4.0], [9.0]]
    assert places.tolist() == [0, 1, 2, 3]


def test_a_batch_is_a_copy() -> None:
    data = pellucid.arange(4.0)
    (batch,) = next(iter(pellucid.DataLoader(pellucid.TensorDataset(data), batch_size=4)))
    batch += 1
    assert data.tolist() == [0.0, 1.0, 2.0, 3.0]


def test_gradients_go_through_a_batch() -> None:
    data = pellucid.arange(4.0).requires_grad_()
    for (batch,) in pellucid.DataLoader(pellucid.TensorDataset(data), batch_size=3):
        (batch * 2).sum().backward()
    assert data.grad is not None
    assert data.grad.tolist() == [2.0, 2.0, 2.0, 2.0]


def libraries(oracle: Any) -> tuple[Any, Any]:
    """The two places where these words live."""
    return pellucid, oracle.torch.utils.data


REFUSED = {
    "size mismatch": lambda lib, t: lib.TensorDataset(t([1]), t([1, 2])),
    "batch of 0": lambda lib, _: lib.DataLoader([1], batch_size=0),
    "batch of 1.5": lambda lib, _: lib.DataLoader([1], batch_size=1.5),
    "shuffling nothing": lambda lib, _: lib.DataLoader([], shuffle=True),
    "uneven rows": lambda lib, t: list(lib.DataLoader([t([1]), t([1, 2])], batch_size=2)),
    "rows of nothing": lambda lib, _: list(lib.DataLoader([None])),
    "split too short": lambda lib, _: lib.random_split(range(3), [1, 1]),
    "split beyond 1": lambda lib, _: lib.random_split(range(3), [0.5, 0.6]),
    "negative share": lambda lib, _: lib.random_split(range(3), [1.5, -0.5]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_mistakes_get_the_familiar_sentence(oracle: Any, name: str) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011 (ours is compared with it)
        REFUSED[name](oracle.torch.utils.data, oracle.torch.tensor)
    with pytest.raises(type(theirs.value)) as ours:
        REFUSED[name](pellucid, pellucid.tensor)
    assert str(ours.value).startswith(str(theirs.value).rstrip("."))


@pytest.mark.parametrize(
    ("rows", "lengths"),
    [
        (10, [7, 3]),
        (10, [0.5, 0.5]),
        (11, [0.55, 0.25, 0.2]),
        (1250, [1000, 125, 125]),
        (3, [3, 0]),
    ],
)
def test_random_split_deals_as_torch(oracle: Any, rows: int, lengths: Any) -> None:
    results = []
    for lib, seed in zip(
        libraries(oracle), (pellucid.manual_seed, oracle.torch.manual_seed), strict=True
    ):
        seed(4)
        results.append([list(part.indices) for part in lib.random_split(range(rows), lengths)])
    assert results[0] == results[1]
    assert same_words(oracle, default_generator, oracle.torch.default_generator)


def test_random_split_with_a_generator_of_its_own(oracle: Any) -> None:
    ours = pellucid.random_split(range(9), [4, 5], generator=Generator(1))
    theirs = oracle.torch.utils.data.random_split(
        range(9), [4, 5], generator=oracle.torch.Generator().manual_seed(1)
    )
    assert [part.indices for part in ours] == [part.indices for part in theirs]


def test_an_empty_part_warns() -> None:
    with pytest.warns(UserWarning, match="Length of split at index 1 is 0"):
        pellucid.random_split(range(1), [0.9, 0.1])


def test_batches_of_a_subset(oracle: Any) -> None:
    ours, theirs = datasets(oracle, np.arange(10.0), np.arange(10))
    places = [7, 3, 5]
    mine, other = loaders(oracle)
    subset = Subset(ours, places)
    assert len(subset) == 3
    assert subset[1][1].item() == 3
    assert subset[[0, 2]][1].tolist() == [7, 5]
    wanted = other(oracle.torch.utils.data.Subset(theirs, places), batch_size=2)
    oracle.values(list(mine(subset, batch_size=2)), list(wanted))
    nested = Subset(Subset([10, 11, 12], [2, 1]), [1, 0])
    assert next(iter(mine(nested, batch_size=2))).tolist() == [11, 12]


def test_what_is_no_dataset_is_told() -> None:
    with pytest.raises(TypeError, match="must have a length"):
        pellucid.DataLoader(iter([1, 2]))
    with pytest.raises(TypeError, match="TensorDataset holds tensors, got ndarray"):
        pellucid.TensorDataset(np.ones(3))


def test_the_keywords_of_ordinary_scripts(oracle: Any) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        data = lib.utils.data
        lib.manual_seed(0)
        rows = data.TensorDataset(lib.arange(6))
        settings = {"num_workers": 0, "pin_memory": False, "persistent_workers": False}
        loader = data.DataLoader(rows, batch_size=2, shuffle=None, drop_last=True, **settings)
        assert [batch.tolist() for (batch,) in loader] == [[0, 1], [2, 3], [4, 5]]
        assert loader.num_workers == 0
    oracle.error(lambda lib: lib.utils.data.DataLoader([1], num_workers=-1))
    oracle.error(lambda lib: lib.utils.data.DataLoader([1], persistent_workers=True))
    with pytest.raises(ValueError, match=r"`num_workers` must be 0\. Got 2"):
        oracle.pellucid.DataLoader([1], num_workers=2)


def test_a_subclass_of_dataset(oracle: Any) -> None:
    for lib in (oracle.pellucid, oracle.torch):

        class Squares(lib.utils.data.Dataset):
            def __init__(self, count: int) -> None:
                self.count = count

            def __len__(self) -> int:
                return self.count

            def __getitem__(self, place: int) -> Any:
                return place * place

        loader = lib.utils.data.DataLoader(Squares(3), batch_size=3)
        assert [batch.tolist() for batch in loader] == [[0, 1, 4]]
