"""Steps told in five stages: recomputed, measured by finite differences, re-added, and PyTorch's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.cli.main import run as run_command
from pellucid.cli.opening import open_step
from pellucid.errors import AddressError
from pellucid.explain.explanation import given as leaf
from pellucid.explain.update import explain_update
from pellucid.figures.step_text import write_step
from pellucid.model.model import load
from pellucid.runs.finding import open_run

RUNS = {
    "adam": ["students"],
    "sgd": ["students", "--optimizer", "sgd", "--layers", "4", "--activation", "tanh"],
    "classes": ["penguins", "--layers", "6,4", "--activation", "sigmoid"],
    "number": ["houses", "--dtype", "float64", "--layers", "3,3"],
    "neuron": ["restaurants", "--layers", "none"],
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("steps")
    for name, words in RUNS.items():
        command = ["train", *words, "--epochs", "6", "--quiet", "--out", str(root / name)]
        assert run_command(command) == 0
    return root


@pytest.mark.parametrize("name", RUNS)
@settings(max_examples=8, deadline=None)
@given(part=st.floats(0, 1))
def test_every_number_of_a_step_is_made_of_its_parts(reader, folders, name, part):
    run = open_run(folders / name)
    step = 1 + int(part * (run.outcome.steps - 1))
    opened = open_step(run, load(run.model_path), step)
    assert opened.root.check_all() == []
    lines = write_step(opened, "A step")
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert [each for each in reader.equations(text) if not each.holds] == []
    assert [each.name for each in opened.root.parts] == [
        "forward",
        "loss",
        "zero",
        "backward",
        "update",
    ]


@pytest.mark.parametrize("name", RUNS)
def test_the_gradient_agrees_with_the_finite_difference(folders, name):
    run = open_run(folders / name)
    opened = open_step(run, load(run.model_path), run.outcome.steps)
    gradient = opened.root.part("backward")
    check = gradient.check()
    assert check.method == "finite difference"
    assert check.ok
    assert check.recomputed == pytest.approx(gradient.value, rel=2e-2, abs=1e-6)


def test_the_shown_weight_is_the_one_that_moved_most(folders):
    from pellucid.train.replay import moment_at  # noqa: PLC0415 (only here)

    run = open_run(folders / "sgd")
    opened = open_step(run, load(run.model_path), 7)
    moved = opened.root.part("update").value - opened.root.part("update").parts[0].value
    updates = moment_at(run, 7).trace.updates()
    largest = max(float(np.abs(each).max()) for name, each in updates.items() if "weight" in name)
    assert abs(moved) == pytest.approx(largest, rel=1e-2)


def test_the_first_step_has_nothing_to_clear_and_the_second_has(folders):
    run = open_run(folders / "adam")
    first, second = (open_step(run, load(run.model_path), each) for each in (1, 2))
    assert first.root.part("zero").parts == ()
    assert "nothing is left over" in first.root.part("zero").sentence
    [left] = second.root.part("zero").parts
    assert left.address.startswith("@1 ")
    assert "would be added" in second.root.part("zero").sentence


@pytest.mark.parametrize(
    ("kind", "settings_", "make"),
    [
        ("sgd", (), lambda torch, p: torch.optim.SGD(p, lr=0.01)),
        (
            "sgd",
            (("momentum", 0.9), ("dampening", 0.1), ("weight_decay", 0.02)),
            lambda torch, p: torch.optim.SGD(
                p, lr=0.01, momentum=0.9, dampening=0.1, weight_decay=0.02
            ),
        ),
        (
            "sgd",
            (("momentum", 0.9), ("nesterov", True), ("weight_decay", 0.02)),
            lambda torch, p: torch.optim.SGD(
                p, lr=0.01, momentum=0.9, nesterov=True, weight_decay=0.02
            ),
        ),
        (
            "sgd",
            (("maximize", True), ("weight_decay", 0.02)),
            lambda torch, p: torch.optim.SGD(p, lr=0.01, maximize=True, weight_decay=0.02),
        ),
        (
            "adam",
            (("beta1", 0.8), ("beta2", 0.99), ("eps", 1e-6), ("maximize", True)),
            lambda torch, p: torch.optim.Adam(
                p, lr=0.01, betas=(0.8, 0.99), eps=1e-6, maximize=True
            ),
        ),
        (
            "adam",
            (("beta1", 0.9), ("beta2", 0.999), ("eps", 1e-8)),
            lambda torch, p: torch.optim.Adam(p, lr=0.01),
        ),
        (
            "adam",
            (("amsgrad", True), ("weight_decay", 0.1)),
            lambda torch, p: torch.optim.Adam(p, lr=0.01, amsgrad=True, weight_decay=0.1),
        ),
        (
            "adamw",
            (("amsgrad", True), ("weight_decay", 0.3)),
            lambda torch, p: torch.optim.AdamW(p, lr=0.01, amsgrad=True, weight_decay=0.3),
        ),
        ("adamw", (), lambda torch, p: torch.optim.AdamW(p, lr=0.01)),
        ("rmsprop", (), lambda torch, p: torch.optim.RMSprop(p, lr=0.01)),
        (
            "rmsprop",
            (("alpha", 0.8), ("centered", True), ("momentum", 0.7), ("weight_decay", 0.1)),
            lambda torch, p: torch.optim.RMSprop(
                p, lr=0.01, alpha=0.8, centered=True, momentum=0.7, weight_decay=0.1
            ),
        ),
        ("adagrad", (), lambda torch, p: torch.optim.Adagrad(p, lr=0.01)),
        (
            "adagrad",
            (("lr_decay", 0.2), ("weight_decay", 0.1), ("maximize", True)),
            lambda torch, p: torch.optim.Adagrad(
                p, lr=0.01, lr_decay=0.2, weight_decay=0.1, maximize=True
            ),
        ),
    ],
)
def test_updates_are_those_of_pytorch(oracle, kind, settings_, make):
    """The formula, with PyTorch's own numbers put in, gives PyTorch's new weight."""
    torch = oracle.torch
    weight = torch.tensor([[0.5, -0.25]], dtype=torch.float64, requires_grad=True)
    optimizer = make(torch, [weight])
    for step in range(3):
        weight.grad = torch.tensor([[0.3 - 0.2 * step, 0.1 + step]], dtype=torch.float64)
        before = _state(weight, optimizer)
        optimizer.step()
        trace = _trace(kind, settings_, before, _state(weight, optimizer), step)
        gradient = leaf("@1 w.grad", float(weight.grad[0, 0]), "gradient")
        node = explain_update(trace, "0.weight", (0, 0), "@1 w", gradient)
        assert node.value == float(weight.detach()[0, 0])
        assert [each.address for each, _ in node.check_all()] == []


def _state(weight, optimizer):
    memory = {
        f"0.weight.{name}": np.array(value.detach().numpy(), copy=True)
        for name, value in optimizer.state[weight].items()
        if value is not None
    }
    if not memory and "betas" in optimizer.param_groups[0]:
        zero = np.zeros((1, 2))
        memory = {"0.weight.exp_avg": zero, "0.weight.exp_avg_sq": zero}
    return {"0.weight": weight.detach().numpy().copy()}, memory


def _trace(kind, settings_, before, after, step):
    from pellucid.engine.program import Loss, Optimizer, Program  # noqa: PLC0415 (only here)
    from pellucid.engine.state import State  # noqa: PLC0415
    from pellucid.engine.trace import Trace  # noqa: PLC0415

    words = np.zeros(625, np.uint32)
    program = Program(
        inputs=(("inputs", 2),),
        operations=(),
        loss=Loss("mse", "mean", "0"),
        optimizer=Optimizer(kind, settings_),
        parameters=(("0.weight", (1, 2)),),
        dtype="float64",
    )
    states = [
        State(*each, step + i, 0, 0, 0, words, 0.01, 0.0) for i, each in enumerate((before, after))
    ]
    return Trace(program, *states, np.zeros(1, np.int64), {}, {}, np.zeros(1), 0.0, {}, {})


@pytest.mark.parametrize(
    ("old", "rate", "gradient", "new"),
    [
        (0.5, 0.01, 2.0, 0.48),
        (0.3, 0.01, -1.5, 0.315),
        (0.5, 0.01, 2.5, 0.475),
        (0.3, 0.01, -1.2, 0.312),
        (0.8, 0.01, 0.1, 0.799),
    ],
)
def test_the_worked_updates_of_the_textbook(old, rate, gradient, new):
    before = ({"0.weight": np.array([[old, 0.0]])}, {})
    after = ({"0.weight": np.array([[old - rate * gradient, 0.0]])}, {})
    trace = _trace("sgd", (), before, after, 0)
    trace.after.learning_rate = rate
    node = explain_update(trace, "0.weight", (0, 0), "@1 w", leaf("@1 w.grad", gradient))
    assert node.value == pytest.approx(new, abs=1e-15)
    assert node.check().ok
    assert float(node.numbers.rpartition(" = ")[2]) == new


def test_a_gradient_too_small_for_its_dtype_is_no_mistake(tmp_path):
    """Where the softmax is all but sure, float32 knows a row's delta only to a few per cent."""
    words = ["train", "penguins", "--quiet", "--out", str(tmp_path / "sure")]
    assert run_command(words) == 0
    run = open_run(tmp_path / "sure")
    model = load(run.model_path)
    for step in (219, 268, 369, 445, 500):
        assert open_step(run, model, step).root.check_all() == []


FORMULAS = {
    "new": "old − learning rate × gradient",
    "decayed gradient": "gradient + weight decay × old",
    "negated gradient": "−gradient",
}
ADAM = {
    "new": "old − learning rate × average ÷ (√squares + ε)",
    "average": "β × before + (1 − β) × gradient",
    "squares": "β × before + (1 − β) × gradient²",
    "corrected average": "average ÷ (1 − β^step)",
    "corrected squares": "average ÷ (1 − β^step)",
}
MOMENTUM = {
    "new": "old − learning rate × momentum buffer",
    "momentum buffer": "momentum × before + (1 − dampening) × gradient",
}
NESTEROV = {
    **MOMENTUM,
    "new": "old − learning rate × gradient ahead",
    "gradient ahead": "gradient + momentum × momentum buffer",
}


def _tell(kind, settings_, memory, later=None):
    before, after = (
        {name: np.full((1, 2), 0.25) for name in names} for names in (memory, later or memory)
    )
    states = (({"0.weight": np.ones((1, 2))}, before), ({"0.weight": np.zeros((1, 2))}, after))
    trace = _trace(kind, settings_, *states, 1)
    return explain_update(trace, "0.weight", (0, 0), "@2 w", leaf("@2 w.grad", 2.0, "gradient"))


@pytest.mark.parametrize(
    ("kind", "settings_", "memory", "formulas"),
    [
        ("sgd", (("weight_decay", 0.1), ("maximize", True)), [], FORMULAS),
        ("sgd", (("momentum", 0.9),), ["0.weight.momentum_buffer"], MOMENTUM),
        (
            "sgd",
            (("momentum", 0.9), ("nesterov", True)),
            ["0.weight.momentum_buffer"],
            NESTEROV,
        ),
        ("adam", (), ["0.weight.exp_avg", "0.weight.exp_avg_sq"], ADAM),
    ],
)
def test_the_formula_says_what_is_computed(kind, settings_, memory, formulas):
    node = _tell(kind, settings_, memory)
    told = {
        each.name: each.formula
        for each in node.walk()
        if each.op == "function" and each.function != "rest"
    }
    assert told == formulas


def test_the_first_momentum_is_the_gradient():
    node = _tell("sgd", (("momentum", 0.9),), [], ["0.weight.momentum_buffer"])
    assert node.parts[2].formula == "momentum buffer = gradient"


def test_an_optimizer_whose_formula_is_unknown_is_refused():
    with pytest.raises(AddressError, match="by 'lion' cannot"):
        _tell("lion", (), ["0.weight.exp_avg", "0.weight.exp_avg_sq"])


@pytest.mark.parametrize("schedule", ["every epoch", "one cycle"])
def test_the_rate_of_a_step_is_the_one_that_its_schedule_wrote(tmp_path, schedule):
    import pellucid  # noqa: PLC0415 (only here)
    from pellucid import nn, optim  # noqa: PLC0415

    pellucid.manual_seed(0)
    inputs = np.random.default_rng(0).normal(size=(40, 3))
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    rule = optim.Adam(model.parameters(), lr=0.1)
    schedules = {
        "every epoch": (optim.lr_scheduler.ExponentialLR(rule, 0.9), "epoch"),
        "one cycle": (optim.lr_scheduler.OneCycleLR(rule, 0.1, total_steps=24), "step"),
    }
    scheduler, every = schedules[schedule]
    trainer = pellucid.Trainer(
        model, nn.MSELoss(), rule, scheduler=scheduler, schedule_every=every, clip_value=0.05
    )
    weights = np.linspace(0.5, 2.0, 40)
    trainer.fit(
        inputs,
        inputs[:, :1] - inputs[:, 1:2],
        batch_size=10,
        epochs=5,
        record=tmp_path / "run",
        sample_weight=weights,
    )
    run = pellucid.open_run(tmp_path / "run")
    rates = set()
    for step in (1, 4, 5, 9, 20):
        place = f"@{step} hidden1.1.weight.x1"
        for address in (f"{place}.new", f"{place}.grad", f"@{step} loss"):
            assert [each.address for each, _ in run.explain(address).check_all()] == []
        rates.add(run.explain(f"@{step} lr").value)
    assert len(rates) > 2
