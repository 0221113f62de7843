"""What-if on cells: torch computes the same change, and gradients keep their promise nearby."""

import numpy as np
import pytest

import pellucid
from pellucid.cli.main import run as run_command
from pellucid.errors import AddressError, InputError

CASES = {
    "yes or no": (["students"], "hours_studied"),
    "classes": (["penguins", "--activation", "tanh"], None),
    "number": (["houses", "--layers", "4,3", "--activation", "sigmoid"], None),
}


@pytest.fixture(scope="module", params=CASES)
def case(request, tmp_path_factory):
    words, column = CASES[request.param]
    folder = tmp_path_factory.mktemp("cells") / "run"
    assert run_command(["train", *words, "--epochs", "4", "--quiet", "--out", str(folder)]) == 0
    run = pellucid.open_run(folder)
    columns = [each for each in run.at(3).model.preparation.used if hasattr(each, "std")]
    return run, column or columns[0].name, columns


def test_gradients_keep_their_promise_nearby(case):
    run, _, columns = case
    for column in columns:
        for row in (1, 17):
            found = run.at(7).what_if(f"row:{row} {column.name}", 1e-6 * column.std)
            scale = abs(found.promised_prediction) + 1e-9
            assert abs(found.measured_prediction - found.promised_prediction) < 1e-3 * scale
            assert abs(found.measured - found.promised) < 1e-3 * abs(found.promised) + 1e-12


def test_torch_computes_the_same_loss(case, oracle):
    run, name, _ = case
    torch, nn = oracle.torch, oracle.torch.nn
    moment = run.at(7)
    found = moment.what_if(f"row:17 {name}", 2.0)
    subject = moment.scene.subject
    table = subject.table.take([16])
    inputs = subject.preparation.inputs(table, np.float64)
    spec = next(each for each in subject.preparation.used if each.name == name)
    inputs[0, subject.preparation.input_names.index(name)] += 2.0 / spec.std
    parameters = [torch.tensor(each.astype("f8")) for each in moment.parameters.values()]
    kinds = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}
    flow = torch.tensor(inputs)
    for operation in run.recipe.program.operations:
        if operation.kind == "linear":
            flow = nn.functional.linear(flow, parameters.pop(0), parameters.pop(0))
        else:
            flow = kinds[operation.kind](flow)
    truth = torch.tensor(subject.target.encode(table, np.array([0]), np.float64))
    kind = {"bce_with_logits": "BCEWithLogits", "cross_entropy": "CrossEntropy", "mse": "MSE"}
    loss = getattr(nn, f"{kind[run.recipe.program.loss.kind]}Loss")()(flow, truth)
    assert found.changed_loss == pytest.approx(float(loss), rel=1e-10)


def test_a_number_can_be_nudged(case):
    run, name, _ = case
    one = run.explain(f"@7 row:17 {name}").nudge(2.0)
    assert one == run.at(7).what_if(f"row:17 {name}", 2.0)
    assert one == run.explain(f"@7 row:17 {name}.raw").nudge(2.0)
    told = str(one)
    assert told.startswith(f"If @7 row:17 {name} were ")
    assert "the gradient promised" in told
    assert run.explain(f"row:17 {name}").nudge(0.0).measured == 0.0  # of the trained model
    weight = run.at(7).scene.parameter_place("0.bias", (0,))
    assert run.explain(weight).nudge(0.1) == run.at(7).what_if(weight.split(" ")[1], 0.1)


def test_what_cannot_be_nudged_is_said(case):
    run, name, _ = case
    with pytest.raises(AddressError, match="Open it by its own address"):
        next(iter(run.explain("row:17").parts)).nudge(1.0)
    with pytest.raises(AddressError, match="nothing"):
        run.at(3).what_if("row:17 nothing", 1.0)
    with pytest.raises(AddressError, match="no row 99,999"):
        run.at(3).what_if(f"row:99999 {name}", 1.0)
    with pytest.raises(InputError, match="finite number"):
        run.at(3).what_if(f"row:17 {name}", float("nan"))
    words = [each for each in run.at(3).model.preparation.used if not hasattr(each, "std")]
    for each in words:
        with pytest.raises(AddressError, match="are words"):
            run.at(3).what_if(f"row:17 {each.name}", 1.0)
