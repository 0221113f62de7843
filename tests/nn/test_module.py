"""Modules register, walk, name and show their parts as PyTorch's do."""

import copy
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid import nn


def network(lib: Any) -> Any:
    return lib.nn.Sequential(
        lib.nn.Linear(3, 4),
        lib.nn.ReLU(),
        lib.nn.Sequential(lib.nn.Linear(4, 2, bias=False), lib.nn.Softmax(dim=1)),
    )


def own_class(lib: Any) -> Any:
    class Net(lib.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = lib.nn.Linear(2, 3)
            self.scale = lib.nn.Parameter(lib.ones(3))
            self.register_buffer("mean", lib.zeros(3))
            self.second = lib.nn.Linear(3, 1)
            self.hidden = [lib.nn.Linear(1, 1)]

        def forward(self, x: Any) -> Any:
            return self.second(self.first(x).relu() * self.scale - self.mean)

    return Net()


def assign_early(lib: Any, part: Any) -> Any:
    class Net(lib.nn.Module):
        def __init__(self) -> None:
            self.part = part

    return Net()


SAME = {
    "repr": network,
    "repr of an own class": own_class,
    "repr with names": lambda lib: lib.nn.Sequential(OrderedDict(a=lib.nn.Tanh(), b=lib.nn.ReLU())),
    "repr of losses": lambda lib: [
        lib.nn.MSELoss(),
        lib.nn.BCELoss(reduction="sum"),
        lib.nn.BCEWithLogitsLoss(),
        lib.nn.CrossEntropyLoss(),
    ],
    "repr of nothing": lambda lib: [lib.nn.Module(), lib.nn.Sequential(), lib.nn.Identity(3, a=4)],
    "state_dict keys": lambda lib: list(network(lib).state_dict()),
    "keys of an own class": lambda lib: list(own_class(lib).state_dict()),
    "parameters": lambda lib: [tuple(p.shape) for p in own_class(lib).parameters()],
    "named_parameters": lambda lib: [name for name, _ in network(lib).named_parameters()],
    "own parameters": lambda lib: [n for n, _ in own_class(lib).named_parameters(recurse=False)],
    "with prefix": lambda lib: [n for n, _ in network(lib).named_parameters(prefix="net")],
    "buffers": lambda lib: [name for name, _ in own_class(lib).named_buffers()],
    "named_modules": lambda lib: list(dict(network(lib).named_modules())),
    "modules": lambda lib: [type(each).__name__ for each in network(lib).modules()],
    "named_children": lambda lib: list(dict(own_class(lib).named_children())),
    "children": lambda lib: [type(each).__name__ for each in network(lib).children()],
    "a part": lambda lib: network(lib)[2],
    "the last": lambda lib: network(lib)[-1][0],
    "a slice": lambda lib: network(lib)[:2],
    "length": lambda lib: len(network(lib)),
    "iteration": lambda lib: [type(each).__name__ for each in network(lib)],
    "append": lambda lib: network(lib).append(lib.nn.Sigmoid()),
    "train": lambda lib: [each.training for each in network(lib).eval().train().modules()],
    "eval": lambda lib: [each.training for each in network(lib).eval().modules()],
    "frozen": lambda lib: [
        p.requires_grad for p in network(lib).requires_grad_(requires_grad=False).parameters()
    ],
    "converted": lambda lib: [p.dtype == lib.float64 for p in network(lib).double().parameters()],
    "loaded": lambda lib: network(lib).load_state_dict(network(lib).state_dict()),
    "loaded loosely": lambda lib: lib.nn.Linear(1, 1).load_state_dict(
        {"weight": lib.ones(1, 1), "x": lib.ones(1)}, strict=False
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_modules_answer_as_in_torch(oracle: Any, name: str) -> None:
    oracle.text(SAME[name])


REFUSED = {
    "missing forward": lambda lib: lib.nn.Module()(1),
    "unknown attribute": lambda lib: lib.nn.Linear(2, 3).foo,
    "early module": lambda lib: assign_early(lib, lib.nn.Linear(1, 1)),
    "early parameter": lambda lib: assign_early(lib, lib.nn.Parameter(lib.ones(1))),
    "not a module": lambda lib: lib.nn.Sequential(1),
    "a place beyond the end": lambda lib: network(lib)[3],
    "tensor for a parameter": lambda lib: setattr(lib.nn.Linear(1, 1), "weight", lib.ones(1, 1)),
    "number for a module": lambda lib: setattr(own_class(lib), "first", 3),
    "name taken": lambda lib: lib.nn.Linear(1, 1).add_module("weight", lib.nn.ReLU()),
    "mode": lambda lib: lib.nn.ReLU().train(3),
    "whole parameter": lambda lib: lib.nn.Parameter(lib.arange(2)),
    "missing and unexpected": lambda lib: network(lib).load_state_dict({"1.weight": lib.ones(1)}),
    "missing": lambda lib: lib.nn.Linear(1, 1).load_state_dict({"weight": lib.ones(1, 1)}),
    "not a dict": lambda lib: lib.nn.Linear(1, 1).load_state_dict([1]),
    "sizes": lambda lib: lib.nn.Linear(3, 2).load_state_dict(lib.nn.Linear(3, 3).state_dict()),
    "width": lambda lib: lib.nn.Linear(3, 2)(lib.ones(4, 5)),
    "width of a row": lambda lib: lib.nn.Linear(3, 2)(lib.ones(5)),
    "width of a cube": lambda lib: lib.nn.Linear(3, 2)(lib.ones(2, 4, 5)),
    "dtype": lambda lib: lib.nn.Linear(3, 2)(lib.ones(4, 3).double()),
    "whole input": lambda lib: lib.nn.Linear(3, 2)(lib.ones(4, 3).long()),
    "array input": lambda lib: lib.nn.Linear(3, 2)(np.ones((4, 3))),
    "array into relu": lambda lib: lib.nn.ReLU()(np.ones(3)),
    "list into sigmoid": lambda lib: lib.nn.Sigmoid()([1.0]),
    "number input": lambda lib: lib.nn.Linear(3, 2)(1),
    "negative size": lambda lib: lib.nn.Linear(-1, 3),
}


@pytest.mark.parametrize("name", REFUSED)
def test_mistakes_get_the_familiar_sentence(oracle: Any, name: str) -> None:
    oracle.error(REFUSED[name])


def test_a_wrong_width_names_the_layer_and_the_cure() -> None:
    net = nn.Sequential(nn.Linear(4, 5), nn.Sequential(nn.ReLU(), nn.Linear(3, 1)))
    with pytest.raises(RuntimeError) as caught:
        net(pellucid.ones(2, 4))
    assert str(caught.value) == (
        "mat1 and mat2 shapes cannot be multiplied (2x5 and 3x1)\n"
        "Layer '1.1', Linear(in_features=3, out_features=1, bias=True): `input` must have shape "
        "(…, in_features) = (…, 3). Got (2, 5). Give it 3 columns, or make the layer "
        "`nn.Linear(5, 1)`."
    )


def test_a_wrong_width_in_an_own_class_names_the_attribute() -> None:
    with pytest.raises(RuntimeError, match="Layer 'first', Linear"):
        own_class(pellucid)(pellucid.ones(2, 3))


def test_loading_copies_in_place_and_all_or_nothing(oracle: Any) -> None:
    net = network(pellucid)
    view = net[0].weight.array
    theirs = network(oracle.torch)
    net.load_state_dict(theirs.state_dict())
    assert net[0].weight.array is view
    np.testing.assert_array_equal(view, theirs[0].weight.detach().numpy())
    before = view.copy()
    wrong = {name: value * 0 for name, value in theirs.state_dict().items()}
    wrong["2.0.weight"] = np.zeros((9, 9))
    with pytest.raises(RuntimeError, match=r"size mismatch for 2\.0\.weight"):
        net.load_state_dict(wrong)
    np.testing.assert_array_equal(view, before)


def test_torch_loads_ours(oracle: Any) -> None:
    ours = {
        name: oracle.torch.tensor(np.asarray(v))
        for name, v in network(pellucid).state_dict().items()
    }
    assert repr(network(oracle.torch).load_state_dict(ours)) == "<All keys matched successfully>"


def test_state_dict_shares_memory() -> None:
    layer = nn.Linear(1, 1)
    layer.state_dict()["weight"].fill_(7)
    assert layer.weight.item() == 7
    assert not layer.state_dict()["weight"].requires_grad


def test_parts_can_be_replaced_and_removed() -> None:
    net = own_class(pellucid)
    net.first = nn.Linear(2, 3, bias=False)
    net.scale = None
    del net.mean
    assert list(net.state_dict()) == ["first.weight", "second.weight", "second.bias"]
    assert net.scale is None
    assert not hasattr(net, "mean")
    chain = network(pellucid)
    chain[1] = nn.Tanh()
    assert isinstance(chain[1], nn.Tanh)
    del chain[1]
    assert [name for name, _ in chain.named_children()] == ["0", "1"]


def test_a_shared_module_is_walked_once(oracle: Any) -> None:
    def names(lib: Any) -> list[str]:
        layer = lib.nn.Linear(2, 2)
        net = lib.nn.Sequential(layer, lib.nn.ReLU(), layer)
        return [name for name, _ in net.named_parameters()] + list(net.state_dict())

    assert names(oracle.pellucid) == names(oracle.torch)


def test_apply_goes_from_the_inside_out(oracle: Any) -> None:
    def order(lib: Any) -> list[str]:
        seen: list[str] = []
        network(lib).apply(lambda each: seen.append(type(each).__name__))
        return seen

    assert order(oracle.pellucid) == order(oracle.torch)


def test_a_module_can_be_copied(oracle: Any) -> None:
    net = network(pellucid)
    twin = copy.deepcopy(net)
    twin[0].weight.array[...] = 0
    assert np.any(np.asarray(net[0].weight))
    assert [name for name, _ in twin.named_parameters()] == [n for n, _ in net.named_parameters()]
    twin(pellucid.ones(1, 3)).sum().backward()
    assert net[0].weight.grad is None
    assert twin[0].weight.grad is not None


def test_zero_grad_forgets_or_zeroes() -> None:
    layer = nn.Linear(2, 1)
    layer(pellucid.ones(1, 2)).sum().backward()
    layer.zero_grad(set_to_none=False)
    assert layer.weight.grad is not None
    assert layer.weight.grad.tolist() == [[0.0, 0.0]]
    layer.zero_grad()
    assert layer.weight.grad is None


NAMES = {
    "module with a point": lambda lib: lib.nn.Module().add_module("a.b", lib.nn.ReLU()),
    "module without a name": lambda lib: lib.nn.Module().add_module("", lib.nn.ReLU()),
    "module named as a method": lambda lib: lib.nn.Module().add_module("train", lib.nn.ReLU()),
    "buffer with a point": lambda lib: lib.nn.Module().register_buffer("a.b", None),
    "buffer without a name": lambda lib: lib.nn.Module().register_buffer("", None),
    "buffer named as a method": lambda lib: lib.nn.Module().register_buffer("train", None),
    "a number as buffer": lambda lib: lib.nn.Module().register_buffer("x", 3),
}


@pytest.mark.parametrize("name", NAMES)
def test_names_that_cannot_be_given(oracle: Any, name: str) -> None:
    with pytest.raises((KeyError, TypeError)) as theirs:
        NAMES[name](oracle.torch)
    with pytest.raises(type(theirs.value)) as ours:
        NAMES[name](oracle.pellucid)
    assert str(ours.value.args[0]).startswith(str(theirs.value.args[0]))


def test_zero_grad_forgets_what_is_no_number_too() -> None:
    layer = nn.Linear(1, 1)
    layer.weight.grad = pellucid.tensor([[np.nan]])
    layer.bias.grad = pellucid.tensor([np.inf])
    layer.zero_grad(set_to_none=False)
    assert layer.weight.grad.tolist() == [[0.0]]
    assert layer.bias.grad.tolist() == [0.0]
