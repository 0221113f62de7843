"""Runs as programs hold them: moments, numbers, and how notebooks show them."""

import html.parser
import re

import pytest

import pellucid
from pellucid.cli.main import run as run_command
from pellucid.errors import AddressError, InputError


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("face") / "students"
    assert run_command(["train", "students", "--epochs", "2", "--quiet", "--out", str(folder)]) == 0
    return pellucid.open_run(folder)


def test_a_run_opens_moments_and_numbers(run):
    moment = run.at(3)
    assert moment.step == 3
    assert run.at("last").step is None
    assert run.at("@3") is moment
    row = int(moment.rows[0])
    node = run.explain(f"@3 row:{row} hidden1.2.delta")
    assert node.value == moment.trace.deltas["0"][0, 1]
    assert node.check().ok
    assert run.explain("@last output.passed.bias").value == run.at("last").parameters["2.bias"][0]
    with pytest.raises(AddressError, match="it has the steps @1 to @20"):
        run.at(21)
    with pytest.raises(AddressError, match="A moment is a step"):
        run.at("3 row:1")


def test_a_number_prints_itself(run):
    said = str(run.explain("row:2 hidden1.1.z"))
    assert said.startswith("row:2 hidden1.1.z = ")
    assert "the sum" in said


class Reader(html.parser.HTMLParser):
    """Checks that every element is closed, and gathers what it needs from elsewhere."""

    def __init__(self):
        super().__init__()
        self.open, self.fetched = [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.fetched += [value for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


ADDRESSES = ["@3 hidden1.2.bias.new", "row:2 hidden1.1.z", "@3", "loss", "hidden1", "@3 lr"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_card_stands_alone(run, address):
    node = run.explain(address)
    card = node._repr_html_()
    reader = Reader()
    reader.feed(card)
    assert reader.open == []
    assert reader.fetched == []
    assert "<script" not in card
    assert "url(" not in card
    assert len(card) < 400_000
    for part in list(node.parts)[:5]:
        assert part.address in card.replace("&quot;", '"')


@pytest.mark.parametrize("address", ADDRESSES)
def test_markdown_has_a_row_for_every_part(run, address):
    node = run.explain(address)
    text = node._repr_markdown_()
    assert text.startswith(f"**`{node.address}`**")
    assert len(re.findall(r"^\| .* \|$", text, re.MULTILINE)) == min(len(node.parts), 12) + (
        1 if node.parts else 0
    )


def test_a_small_change_does_what_the_gradient_promised_and_a_large_one_need_not(run):
    moment = run.at(3)
    small = moment.what_if("hidden1.2.bias", 1e-4)
    gradient = run.explain("@3 hidden1.2.bias.grad").value
    assert small.promised == pytest.approx(gradient * 1e-4)
    assert small.measured == pytest.approx(small.promised, rel=1e-2)
    assert small.loss == pytest.approx(moment.trace.loss, rel=1e-5)
    large = moment.what_if("0.weight[1, 0]", 30.0)
    assert large.measured != pytest.approx(large.promised, rel=0.1)
    assert str(large).startswith("If @3 0.weight[1, 0] were 30 more, the loss would go from ")
    with pytest.raises(AddressError, match="There is no cell 'row:1 hidden1"):
        moment.what_if("row:1 hidden1.1.z", 1.0)
    with pytest.raises(AddressError, match="belongs to another moment"):
        moment.what_if("@2 hidden1.1.bias", 1.0)
    for address in ("loss", "hidden1.1", "hidden1.1.bias.grad"):
        with pytest.raises(AddressError, match="is no weight and no bias"):
            moment.what_if(address, 0.1)


def test_words_are_explained(capsys):
    assert run_command(["show", "--glossary", "delta"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("delta: How much the step's loss grows")
    assert max(map(len, said.splitlines())) <= 80
    assert run_command(["show", "--glossary", "detla"]) == 2
    assert "Did you mean 'delta'?" in capsys.readouterr().err


def read(page):
    reader = Reader()
    reader.feed(re.sub(r"<(img|source)([^>]*)>", r"<\1\2></\1>", page))
    assert not reader.open
    assert all(each.startswith("data:image/svg+xml;base64,") for each in reader.fetched)
    assert "<script" not in page
    return page


def test_notebooks_show_a_run_and_its_moments(run):
    page = read(run._repr_html_())
    assert "20 steps in 2 epochs" in page
    assert page.count("<picture>") == 2
    moment = read(run.at(3)._repr_html_())
    assert f"row:{run.at(3).rows[0]}" in moment
    assert "3 of 20, in epoch 1" in moment
    assert "@last" in read(run.at("last")._repr_html_())


def test_notebooks_are_told_how_to_show_models_and_modules(run):
    from IPython.core.interactiveshell import InteractiveShell  # noqa: PLC0415

    from pellucid import nn, notebook  # noqa: PLC0415

    class Mine(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(2, 3) for _ in range(50))

    shell = InteractiveShell.instance()
    notebook.tell(shell)
    show = shell.display_formatter.format
    page = read(show(pellucid.load(run.model_path))[0]["text/html"])
    assert "hours_studied, sleep_hours, prev_score, attendance" in page
    page = read(show(Mine())[0]["text/html"])
    assert "<h4>Mine</h4>" in page
    assert "and 11 more layers" in page
    assert "450 parameters, all learned" in page
    notebook.tell(None)  # IPython was imported, but nobody shows anything


def test_what_cannot_be_meant_is_told_with_the_cure(run):
    for ask in (pellucid.record, pellucid.fit):
        with pytest.raises(InputError, match=r"knows no setting 'epoch'.* Did you mean 'epochs'"):
            ask("students", "passed", epoch=4)
    for ask in (run.at, run.cursor):
        for step in (2.5, 3.0, True, [3]):
            with pytest.raises(AddressError, match="A step is a whole number"):
                ask(step)
    for value in ("x", None, float("nan"), float("inf"), 1e60, 10**400):
        with pytest.raises(InputError, match="must be a finite number"):
            run.branch(12, weights={"hidden1.3.bias": value})
    with pytest.raises(InputError, match=r"values by address.* Got list"):
        run.branch(12, weights=[1])
    for change in ("x", None, 10**400):
        with pytest.raises(InputError, match="must be a finite number"):
            run.at(3).what_if("hidden1.3.bias", change)
