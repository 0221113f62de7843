"""A column may be called as the words of an explanation are: nothing is decided by its name."""

import json

import numpy as np
import pytest

from pellucid.cli.main import run
from pellucid.cli.opening import open_row
from pellucid.explain.address import quote_name
from pellucid.explain.export import export
from pellucid.explain.sums import tabulate
from pellucid.figures.prediction_text import write_prediction
from pellucid.model.fit import fit

NAMES = [
    "rounding",
    "bias",
    "loss",
    "inputs",
    "output",
    "hidden1",
    "sum",
    "truth",
    "weight",
    "rows",
]
TARGETS = {"numbers": "number", "classes": "classes", "answer": "yes/no"}


def make_columns(target, others=NAMES):
    draw = np.random.default_rng(3)
    cells = draw.normal(50, 20, (60, len(others)))
    total = cells.sum(axis=1)
    truths = {
        "number": total.tolist(),
        "classes": np.digitize(total, np.quantile(total, [0.3, 0.7])).astype(str).tolist(),
        "yes/no": np.where(total > np.median(total), "yes", "no").tolist(),
    }
    return {
        **{name: cells[:, place].tolist() for place, name in enumerate(others)},
        target: truths[TARGETS.get(target, "number")],
    }


@pytest.mark.parametrize("layers", ["none", "3", "9,4"])
@pytest.mark.parametrize("target", TARGETS)
def test_every_number_is_told_once_and_adds_up(target, layers):
    table = make_columns(target)
    model = fit(table, target, layers=layers, epochs=3)
    opened = open_row(model, read(table), 1)
    root = opened.prediction.root
    assert root.check_all() == []
    values = {}
    for node in root.walk():
        assert values.setdefault(node.address, node.value) == node.value, node.address
    assert {each["address"] for each in export(root)["nodes"]} == values.keys()
    first = opened.prediction.neurons.weighted_sum(0, 0)
    assert [each.name for each in first.parts if not each.kind][: len(NAMES)] == NAMES
    assert len([each for each in first.parts if each.kind == "bias"]) == 1


def read(table):
    from pellucid.data.reading import read_table  # noqa: PLC0415 (only here)

    return read_table(table)


def test_the_table_of_a_sum_has_a_line_for_each_of_them(reader):
    table = make_columns("answer")
    opened = open_row(fit(table, "answer", layers="none", epochs=3), read(table), 1)
    total = opened.prediction.neurons.weighted_sum(0, 0)
    lines = [each for each in tabulate(total, 20) if each.kind == "term"]
    assert [each.name for each in lines] == NAMES
    text = "\n".join(write_prediction(opened.prediction, opened.subject.target, "Row 1"))
    for terms, shown in reader.columns(text):
        assert sum(terms) == shown


@pytest.mark.parametrize("target", [*NAMES])
def test_commands_bear_such_names(target, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    table = make_columns(target, [each for each in NAMES if each != target])
    lines = [
        ",".join(table),
        *(",".join(map(str, row)) for row in zip(*table.values(), strict=True)),
    ]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    assert run(["train", "t.csv", "--target", target, "--epochs", "2"]) == 0
    assert run(["show"]) == run(["show", "row:2"]) == run(["show", "@2"]) == 0
    assert "does not add up" not in capsys.readouterr().out
    assert run(["show", "@2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert all(each["check"]["ok"] for each in told["nodes"])


def test_words_of_addresses_are_quoted():
    assert [quote_name(each) for each in ("loss", "hidden12", "output", "truth")] == [
        '"loss"',
        '"hidden12"',
        '"output"',
        '"truth"',
    ]
    assert [quote_name(each) for each in ("losses", "hidden", "sum")] == ["losses", "hidden", "sum"]


def test_the_raw_cell_of_a_category_opens(tmp_path):
    from pellucid.cli.main import run as command  # noqa: PLC0415 (only here)
    from pellucid.run import open_run  # noqa: PLC0415

    words = ["train", "penguins", "--epochs", "1", "--quiet", "--out", str(tmp_path / "penguins")]
    assert command(words) == 0
    run = open_run(tmp_path / "penguins")
    assert run.explain("row:3 island.raw").text == "Torgersen"
    assert run.explain("row:4 bill_length_mm.raw").text == "missing"
    assert run.explain("@1 row:3 body_mass_g.raw").value == 3250


def test_terms_of_zero_count_among_those_not_shown():
    from pellucid.explain.explanation import Explanation, given  # noqa: PLC0415 (only here)
    from pellucid.explain.sums import fold_terms  # noqa: PLC0415

    parts = tuple(given(f"n{each}", each, str(each)) for each in (5.0, 0.0, 3.0, 0.0, 1.0, 2.0))
    whole = Explanation("sum", 11.0, "sum", parts)
    assert [each.name for each in fold_terms(whole, 3)] == ["5.0", "3.0", "4 more"]
    assert [each.name for each in fold_terms(whole, 6)] == ["5.0", "3.0", "1.0", "2.0"]
