"""Addresses: every part of every number can be opened in turn, and is the same number there."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.cli.main import run as run_command
from pellucid.errors import AddressError
from pellucid.explain.address import quote_name
from pellucid.explain.history import History
from pellucid.figures.explanation_text import write_explanation
from pellucid.runs.finding import open_run

RUNS = {
    "adam": ["students"],
    "sgd": ["students", "--optimizer", "sgd", "--layers", "4", "--activation", "tanh"],
    "classes": ["penguins", "--layers", "6,4", "--activation", "sigmoid"],
    "number": ["houses", "--dtype", "float64", "--layers", "3,3", "--activation", "none"],
    "neuron": ["restaurants", "--layers", "none"],
    "wide": ["spam", "--layers", "30"],
    "names": ["names.csv", "--target", "output"],
}


def write_names(path):
    """A table whose columns are called like the words of addresses."""
    draw = np.random.default_rng(0)
    lines = ['loss,unit price,hidden1,a.b,"say ""hi""",rows,output']
    for _ in range(60):
        a, b, c, d = (round(float(each), 2) for each in draw.normal(size=4))
        lines.append(f"{a},{b},{'xy'[int(a > b)]},{c},{d},{a + b},{'rest' if a > 0 else 'z'}")
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def histories(tmp_path_factory):
    root = tmp_path_factory.mktemp("addresses")
    write_names(root / "names.csv")
    for name, words in RUNS.items():
        table = str(root / words[0]) if words[0].endswith(".csv") else words[0]
        command = ["train", table, *words[1:], "--epochs", "4", "--quiet"]
        assert run_command([*command, "--out", str(root / name)]) == 0
    return {name: History(open_run(root / name)) for name in RUNS}


def starts(history, step, row):
    """Addresses from which everything can be reached."""
    scene = history.model_scene
    last = len(scene.subject.layers) - 1
    output, first = scene.neuron_name(last, 0), scene.neuron_name(0, 0)
    name = quote_name(scene.subject.preparation.input_names[0])
    inside = int(history.at(step).rows[0])
    return [
        f"@{step}",
        f"@{step} loss",
        f"@{step} grad_norm",
        f"@{step} row:{row}",
        f"@{step} row:{inside}",
        f"@{step} row:{inside} {first}.delta",
        f"@{step} {first}.weight.{name}.new",
        f"@{step} {first}.weight.{name}.grad.more:3",
        f"@{step} {output}.bias.update",
        f"@{step} {output}.bias.grad.zero",
        f"row:{row} {output}",
        f"@last row:{row} {first}.z",
        "loss",
        "@last loss",
        first,
        f"row:{row} {first.split('.')[0]}",
    ]


@pytest.mark.parametrize("name", RUNS)
@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_every_part_opens_in_turn_and_is_the_same_number(histories, name, data):
    history = histories[name]
    step = data.draw(st.integers(1, history.run.steps))
    row = data.draw(st.integers(1, len(history.run.table)))
    for start in starts(history, step, row):
        node = history.explain(start)
        while True:
            check = node.check()
            assert check.ok, (node.address, check)
            assert node.address
            again = history.explain(node.address)
            assert again.address == node.address
            assert again.value == node.value or math.isnan(again.value)
            assert len(again.parts) >= len(node.parts)
            if not node.parts:
                break
            place = data.draw(st.integers(0, len(node.parts) - 1))
            node = node.parts[place]


@pytest.mark.parametrize("name", RUNS)
@settings(max_examples=2, deadline=None)
@given(part=st.floats(0, 1), row=st.integers(1, 40))
def test_what_is_printed_adds_up_and_fits(reader, histories, name, part, row):
    history = histories[name]
    step = 1 + int(part * (history.run.steps - 1))
    for start in starts(history, step, row):
        for depth in (1, 2):
            lines = write_explanation(history.explain(start), depth, check=depth == 1)
            text = "\n".join(lines)
            assert max(map(len, lines)) <= 80, text
            assert "✗" not in text
            assert [each for each in reader.equations(text) if not each.holds] == [], text
        table = write_explanation(history.explain(start))
        for terms, total in sums(table):
            assert sum(terms) == total, "\n".join(table)


def sums(lines):
    """The columns of numbers over a rule, and the number under it, in thousandths of the last digit."""
    for at, line in enumerate(lines):
        if line.strip() and not line.strip(" ─"):
            above = lines[lines.index("Made of") + 1 : at]
            read = [number(each) for each in above if not each.startswith("      ")]
            yield read, number(lines[at + 1])


def number(line):
    from decimal import Decimal  # noqa: PLC0415 (only here)

    return Decimal(line.split()[0].replace("−", "-").replace(",", ""))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("model[0].weight[2, 0]", "hidden1.3.weight.hours_studied"),
        ("0.weight[2,0]", "hidden1.3.weight.hours_studied"),
        ("@3 0.bias[4].exp_avg", "@3 hidden1.5.bias.exp_avg"),
        ("row:9 0[2]", "row:9 hidden1.3.z"),
        ("row:9 1[2]", "row:9 hidden1.3.a"),
        ("row:9 2[0]", "row:9 output.passed.z"),
        ("row:9 @2 hidden1.1", "@2 row:9 hidden1.1.a"),
    ],
)
def test_pytorch_names_the_same_numbers(histories, typed, meant):
    assert histories["adam"].explain(typed).address == meant


def test_quotes_may_be_left_out_where_the_shell_takes_them_away(histories):
    history = histories["names"]
    plain = history.explain("hidden1.1.weight.unit price")
    assert plain.address == 'hidden1.1.weight."unit price"'
    assert history.explain('row:2 "loss"').address == 'row:2 "loss"'
    assert history.explain("row:2 loss").address == "row:2 loss"
    assert history.explain("row:2 a.b").address == 'row:2 "a.b"'


def test_numbers_are_those_of_the_engine(histories):
    history = histories["adam"]
    moment = history.at(7)
    trace, row = moment.trace, int(moment.rows[4])
    assert history.explain(f"@7 row:{row} hidden1.3.z").value == trace.values["0"][4, 2]
    assert history.explain(f"@7 row:{row} hidden1.3.delta").value == trace.deltas["0"][4, 2]
    assert history.explain("@7 hidden1.3.bias.grad").value == trace.gradients["0.bias"][2]
    assert history.explain("@7 hidden1.3.bias.new").value == trace.after.parameters["0.bias"][2]
    assert history.explain("@7 hidden1.3.bias.exp_avg").value == moment.memory["0.bias.exp_avg"][2]
    assert history.explain("@8 hidden1.3.bias").value == trace.after.parameters["0.bias"][2]
    assert history.explain("@7 loss").value == trace.loss
    last = history.at(None)
    assert history.explain("@last output.passed.bias").value == last.parameters["2.bias"][0]


def test_a_gradient_is_sorted_by_blame_and_measured(histories):
    node = histories["classes"].explain("@5 hidden1.2.bias.grad")
    shares = [abs(each.value) for each in node.parts if each.kind != "rounding"]
    assert shares == sorted(shares, reverse=True)
    assert node.check().method == "finite difference"


def test_a_row_outside_the_batch_has_only_its_way_forward(histories):
    history = histories["adam"]
    inside = set(history.at(3).rows.tolist())
    row = next(each for each in range(1, 1251) if each not in inside)
    assert "was not in the batch of step 3" in history.explain(f"@3 row:{row} hidden1.1.z").note
    with pytest.raises(AddressError, match=r"The batch's rows have deltas: row:\d+"):
        history.explain(f"@3 row:{row} hidden1.1.delta")
    with pytest.raises(AddressError, match="belongs to a training step"):
        history.explain(f"row:{row} hidden1.1.delta")


def test_moments_follow_each_other(histories):
    history = histories["adam"]
    moment = history.at(4)
    assert moment.next().step == 5
    assert moment.previous().step == 3
    assert moment.learning_rate == 0.03
    assert len(moment.batch) == len(moment.rows) == 100
    prepared = history.model.preparation.inputs(moment.batch)
    assert np.array_equal(prepared, moment.trace.values["inputs"])
    assert moment.explain("hidden1.1.bias").address == "@4 hidden1.1.bias"
    assert repr(moment) == "Moment(adam, before step 4 of 40)"
    end = history.at(40).next()
    assert end.step is None
    with pytest.raises(AddressError, match="The last step itself is @40"):
        _ = end.trace
    with pytest.raises(AddressError, match="belongs to another moment"):
        moment.explain("@5 loss")
