"""What can be lowered, what cannot, and what is said then."""

from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid import nn, optim
from pellucid.engine.building import build_network
from pellucid.engine.exchange import read_state, write_state
from pellucid.engine.lowering import lower
from pellucid.engine.obstacle import CannotLower
from pellucid.engine.program import Loss, Operation, Optimizer, Program
from pellucid.errors import InputError
from pellucid.random import Generator


class OwnReLU(nn.ReLU):
    """A subclass with a forward of its own."""

    def forward(self, input: Any) -> Any:
        return input * 2


class OwnLoss(nn.MSELoss):
    """A subclass of a known loss."""


def chain(*layers: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 3), *layers, nn.Linear(3, 1))


def test_names_are_the_modules_paths() -> None:
    model = chain(nn.ReLU(), nn.Sequential(nn.Linear(3, 3, bias=False), nn.Softmax(dim=1)))
    program = lower(
        model, nn.BCELoss(reduction="sum"), optim.Adam(model.parameters()), input_width=4
    )
    assert program == Program(
        inputs=(("inputs", 4),),
        operations=(
            Operation("linear", ("inputs",), "0", 3, ("0.weight", "0.bias")),
            Operation("relu", ("0",), "1", 3),
            Operation("linear", ("1",), "2.0", 3, ("2.0.weight",)),
            Operation("softmax", ("2.0",), "2.1", 3),
            Operation("linear", ("2.1",), "3", 1, ("3.weight", "3.bias")),
        ),
        loss=Loss("bce", "sum", "3"),
        optimizer=Optimizer(
            "adam",
            (
                ("beta1", 0.9),
                ("beta2", 0.999),
                ("eps", 1e-8),
                ("weight_decay", 0),
                ("amsgrad", False),
                ("maximize", False),
            ),
        ),
        parameters=(
            ("0.weight", (3, 4)),
            ("0.bias", (3,)),
            ("2.0.weight", (3, 3)),
            ("3.weight", (1, 3)),
            ("3.bias", (1,)),
        ),
        dtype="float32",
    )
    assert hash(program) == hash(program)


def mixed() -> nn.Sequential:
    model = chain()
    model[0].double()
    return model


def with_forward() -> nn.Sequential:
    model = chain()
    model.forward = lambda x: x  # type: ignore[method-assign]
    return model


def shared_layer() -> nn.Sequential:
    layer = nn.Linear(3, 3)
    return nn.Sequential(nn.Linear(4, 3), layer, nn.ReLU(), layer)


def shared_weight() -> nn.Sequential:
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    model[1].weight = model[0].weight
    return model


def spare_parameter() -> nn.Sequential:
    model = chain()
    model.scale = nn.Parameter(pellucid.ones(1))
    return model


def spare_buffer() -> nn.Sequential:
    model = chain()
    model.register_buffer("seen", pellucid.ones(1))
    return model


MODELS = {
    "a layer alone": (lambda: nn.Linear(4, 1), "Linear is not a Sequential"),
    "own forward": (lambda: chain(OwnReLU()), "the forward of layer '1', OwnReLU uses `*`"),
    "replaced forward": (with_forward, "has a `forward` of its own"),
    "width": (lambda: chain(nn.Linear(5, 3)), "layer '1', Linear wants 5 inputs but gets 3"),
    "first axis": (lambda: chain(nn.Softmax(dim=0)), "write nn.Softmax"),
    "no axis": (lambda: chain(nn.Softmax()), "write nn.Softmax"),
    "a loss inside": (lambda: chain(nn.MSELoss()), "does not know layer '1', MSELoss"),
    "log softmax": (lambda: chain(nn.LogSoftmax(0)), "write nn.LogSoftmax(dim=1)"),
    "gelu": (lambda: chain(nn.GELU(approximate="no")), "has approximate='no'"),
    "batch norm": (lambda: chain(nn.BatchNorm1d(4)), "wants 4 columns but gets 3"),
    "no statistics": (
        lambda: chain(nn.BatchNorm1d(3, track_running_stats=False)),
        "keeps no running statistics",
    ),
    "no eps": (lambda: chain(nn.BatchNorm1d(3, eps=0)), "has eps=0"),
    "layer norm": (lambda: chain(nn.LayerNorm((1, 3))), "wants rows of the shape (1, 3)"),
    "flatten": (lambda: chain(nn.Flatten(0)), "flattens other axes"),
    "residual": (lambda: chain(nn.Residual(nn.Linear(3, 2))), "adds 3 inputs to 2 outputs"),
    "spare buffer": (spare_buffer, "the buffer 'seen' belongs to no layer"),
    "dtypes": (mixed, "different dtypes"),
    "shared layer": (shared_layer, "one layer is used in two places"),
    "shared weight": (shared_weight, "is used in two places"),
    "spare parameter": (spare_parameter, "'scale' belongs to no layer"),
}


@pytest.mark.parametrize("name", MODELS)
def test_models_that_cannot_be_lowered(name: str) -> None:
    make, words = MODELS[name]
    model = make()
    with pytest.raises(CannotLower) as caught:
        lower(model, nn.MSELoss(), optim.SGD(model.parameters()), input_width=4)
    assert words in caught.value.reason
    assert str(caught.value).endswith(f"because {caught.value.reason}.")


def test_a_model_without_parameters() -> None:
    other = chain()
    with pytest.raises(CannotLower, match="no parameters to learn"):
        lower(nn.Sequential(nn.ReLU()), nn.MSELoss(), optim.SGD(other.parameters()), input_width=4)


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (OwnLoss(), "the loss is OwnLoss"),
        (lambda p, y: (p - y).sum(), "the loss is <lambda>"),
        (nn.MSELoss(reduction="none"), "reduction='none'"),
        (nn.CrossEntropyLoss(weight=pellucid.ones(3)), r"a `weight` of shape \(3,\) for 1 outputs"),
        (nn.CrossEntropyLoss(label_smoothing=1.5), "the loss has label_smoothing=1.5"),
        (nn.BCELoss(weight=pellucid.ones(5, 1)), r"the loss has a `weight` of shape \(5, 1\)"),
        (nn.BCEWithLogitsLoss(weight=pellucid.ones(3)), "the loss has a `weight` of shape"),
        (nn.BCEWithLogitsLoss(pos_weight=pellucid.ones(3, 1)), "the loss has a `pos_weight`"),
        (nn.QuantileLoss([0.1, 0.9]), r"`quantiles` of shape \(2,\) for 1 outputs"),
        (nn.HuberLoss(delta=0), "the loss has delta=0"),
        (nn.SmoothL1Loss(beta=-1), "the loss has beta=-1"),
    ],
)
def test_losses_that_cannot_be_lowered(loss: Any, words: str) -> None:
    model = chain()
    with pytest.raises(CannotLower, match=words):
        lower(model, loss, optim.SGD(model.parameters()), input_width=4)


class OwnSGD(optim.SGD):
    """A subclass of a known optimizer."""


def twice(model: nn.Module) -> optim.SGD:
    parameters = list(model.parameters())
    with pytest.warns(UserWarning, match="duplicate parameters"):
        return optim.SGD([*parameters, parameters[0]])


OPTIMIZERS = {
    "own": (lambda m: OwnSGD(m.parameters()), "the optimizer is OwnSGD"),
    "twice": (twice, "has a parameter twice"),
    "another model's": (
        lambda _: optim.SGD(chain().parameters()),
        "none of the model's parameters",
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_that_cannot_be_lowered(name: str) -> None:
    make, words = OPTIMIZERS[name]
    model = chain()
    with pytest.raises(CannotLower, match=words):
        lower(model, nn.MSELoss(), make(model), input_width=4)


def test_groups_keep_their_parameters_settings_and_rates() -> None:
    model = chain()
    groups = [{"params": model[1].parameters(), "momentum": 0.5}, {"params": model[0].parameters()}]
    rule = optim.SGD(groups, lr=0.1, momentum=0.9)
    rule.param_groups[1]["lr"] = 0.3
    optimizer = lower(model, nn.MSELoss(), rule, input_width=4).optimizer
    assert [each.parameters for each in optimizer.groups] == [
        ("1.weight", "1.bias"),
        ("0.weight", "0.bias"),
    ]
    assert optimizer.setting("momentum", parameter="0.bias") == 0.9
    assert optimizer.setting("momentum", parameter="1.bias") == 0.5
    assert read_state(model, rule, Generator(0)).learning_rates().tolist() == [0.1, 0.3]


def test_what_an_optimizer_does_not_hold_is_not_learned() -> None:
    model = chain(nn.Linear(3, 3))
    model[1].bias.requires_grad_(requires_grad=False)
    rule = optim.Adam([*model[1].parameters(), pellucid.ones(1, requires_grad=True)])
    optimizer = lower(model, nn.MSELoss(), rule, input_width=4).optimizer
    assert [each.parameters for each in optimizer.groups] == [("1.weight",)]
    names = ("0.weight", "1.bias", "1.weight")
    assert [optimizer.learns(name) for name in names] == [False, False, True]
    assert optimizer.memory_names("1.bias") == ()
    assert set(read_state(model, rule, Generator(0)).memory) == {
        "1.weight.step",
        "1.weight.exp_avg",
        "1.weight.exp_avg_sq",
    }


def test_memory_of_different_ages_cannot_be_read() -> None:
    model = chain()
    rule = optim.Adam(model.parameters())
    model[0](pellucid.ones(1, 4)).sum().backward()
    rule.step()
    with pytest.raises(CannotLower, match="more steps for some parameters"):
        read_state(model, rule, Generator(0))


def test_a_state_is_a_copy_and_is_written_in_place() -> None:
    model = chain()
    rule = optim.SGD(model.parameters(), momentum=0.9)
    state = read_state(model, rule, Generator(0))
    assert state.memory == {}
    state.parameters["0.weight"][:] = 7
    assert not np.any(np.asarray(model[0].weight) == 7)
    view, version = model[0].weight.array, model[0].weight.edits[0]
    write_state(state, model, rule)
    assert view.tolist() == [[7.0] * 4] * 3
    assert model[0].weight.edits[0] == version + 1


def test_only_chains_of_known_operations_become_modules() -> None:
    model = chain()
    program = lower(model, nn.MSELoss(), optim.SGD(model.parameters()), input_width=4)
    with pytest.raises(InputError, match="'1' reads '0', which no operation"):
        build_network(
            Program(
                program.inputs,
                program.operations[::-1],
                program.loss,
                program.optimizer,
                program.parameters,
            )
        )
    with pytest.raises(InputError, match="No module computes 'fold'"):
        build_network(
            Program(
                program.inputs,
                (Operation("fold", ("inputs",), "0", 4),),
                program.loss,
                program.optimizer,
                (),
            )
        )


def test_building_draws_nothing() -> None:
    model = chain()
    program = lower(model, nn.MSELoss(), optim.SGD(model.parameters()), input_width=4)
    words = pellucid.manual_seed(3).get_state()
    built = build_network(program, {name: np.asarray(p) for name, p in model.named_parameters()})
    np.testing.assert_array_equal(pellucid.random.default_generator.get_state(), words)
    assert repr(built) == repr(model)
    x = pellucid.ones(2, 4)
    np.testing.assert_array_equal(np.asarray(built(x)), np.asarray(model(x)))
