"""ModuleList, ModuleDict and Flatten behave and look as PyTorch's."""

# ruff: noqa: ARG005 (every edit is given both the library and the container)

from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid import nn


def three(lib: Any) -> Any:
    return lib.nn.ModuleList([lib.nn.Linear(2, 3), lib.nn.ReLU(), lib.nn.Linear(2, 3)])


def after(make: Any, change: Any) -> Any:
    """What an edit leaves behind."""

    def do(lib: Any) -> Any:
        made = make(lib)
        result = change(lib, made)
        return made, None if result is made else result, list(made.state_dict())

    return do


def set_item(modules: Any, key: Any, value: Any) -> None:
    modules[key] = value


LISTS = {
    "as made": lambda lib, m: None,
    "append": lambda lib, m: m.append(lib.nn.Tanh()),
    "extend": lambda lib, m: m.extend([lib.nn.Tanh(), lib.nn.Tanh()]),
    "insert": lambda lib, m: m.insert(1, lib.nn.Tanh()),
    "pop": lambda lib, m: m.pop(0),
    "pop from the end": lambda lib, m: m.pop(-1),
    "delete": lambda lib, m: m.__delitem__(1),
    "delete several": lambda lib, m: m.__delitem__(slice(0, 2)),
    "item": lambda lib, m: m[-1],
    "slice": lambda lib, m: m[1:],
    "set": lambda lib, m: set_item(m, -1, lib.nn.Tanh()),
    "add": lambda lib, m: m + [lib.nn.Tanh()],  # noqa: RUF005 (the addition is what is tested)
    "add to itself": lambda lib, m: m.__iadd__([lib.nn.Tanh()]),
    "length": lambda lib, m: len(m),
    "walk": lambda lib, m: list(m),
}


@pytest.mark.parametrize("name", LISTS)
def test_lists(oracle: Any, name: str) -> None:
    oracle.text(after(three, LISTS[name]))


def named(lib: Any) -> Any:
    return lib.nn.ModuleDict({"one": lib.nn.Linear(2, 3), "bend": lib.nn.ReLU()})


DICTS = {
    "as made": lambda lib, m: None,
    "set": lambda lib, m: set_item(m, "two", lib.nn.Tanh()),
    "replace": lambda lib, m: set_item(m, "one", lib.nn.Tanh()),
    "delete": lambda lib, m: m.__delitem__("one"),
    "pop": lambda lib, m: m.pop("bend"),
    "clear": lambda lib, m: m.clear(),
    "pairs": lambda lib, m: m.update([("two", lib.nn.Tanh())]),
    "another": lambda lib, m: m.update(lib.nn.ModuleDict({"two": lib.nn.Tanh()})),
    "views": lambda lib, m: [list(m), list(m.keys()), list(m.values()), list(m.items()), len(m)],
    "has": lambda lib, m: ["one" in m, "two" in m, m["one"]],
}


@pytest.mark.parametrize("name", DICTS)
def test_dicts(oracle: Any, name: str) -> None:
    oracle.text(after(named, DICTS[name]))


REFUSED = {
    "number in a list": lambda lib: lib.nn.ModuleList([1]),
    "no such place": lambda lib: three(lib)[3],
    "no such place to delete": lambda lib: three(lib).__delitem__(5),
    "a list is no layer": lambda lib: three(lib)(lib.ones(2)),
    "a number as list": lambda lib: lib.nn.ModuleList(3),
    "number in a dict": lambda lib: lib.nn.ModuleDict({"a": 1}),
    "a method's name": lambda lib: lib.nn.ModuleDict({"items": lib.nn.ReLU()}),
    "a point": lambda lib: lib.nn.ModuleDict({"a.b": lib.nn.ReLU()}),
    "no pairs": lambda lib: lib.nn.ModuleDict([1]),
    "three": lambda lib: lib.nn.ModuleDict([(1, 2, 3)]),
    "a number as dict": lambda lib: lib.nn.ModuleDict(3),
    "no such name": lambda lib: named(lib)["two"],
    "no such name to delete": lambda lib: named(lib).__delitem__("two"),
    "flatten backwards": lambda lib: lib.nn.Flatten(2, 1)(lib.ones(3, 2, 2)),
    "flatten a row": lambda lib: lib.nn.Flatten()(lib.ones(3)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_mistakes_get_the_familiar_sentence(oracle: Any, name: str) -> None:
    oracle.error(REFUSED[name])


def test_parameters_of_a_list_are_found() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))

    assert len(list(Net().parameters())) == 6
    assert "layers.2.bias" in Net().state_dict()


@pytest.mark.parametrize("dims", [(), (0,), (1, 2), (2, -1), (0, -2)])
def test_flatten(oracle: Any, dims: Any) -> None:
    array = np.arange(24.0).reshape(2, 3, 4)
    ours, theirs = nn.Flatten(*dims), oracle.torch.nn.Flatten(*dims)
    oracle.gradients(lambda x: (ours if isinstance(x, pellucid.Tensor) else theirs)(x), array)
    oracle.text(lambda lib: lib.nn.Flatten(*dims))
