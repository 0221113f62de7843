"""Events: what is told about a whole run is what its moments, asked one by one, say."""

import json

import numpy as np
import pytest

import pellucid
from pellucid.cli.main import run as run_command
from pellucid.explain.events import guess_loss
from pellucid.explain.sightings import rows_right, stuck_shares
from pellucid.explain.walk import Walk
from pellucid.explain.walk import spread_over as spread

HEALTHY = ["circles", "digits", "houses", "penguins", "restaurants", "spam", "students"]
FAILING = {
    "line": (["circles", "--layers", "none"], "straight"),
    "sums": (["circles", "--activation", "none"], "straight"),
    "sums of sums": (["circles", "--activation", "none", "--layers", "5,5"], "straight"),
    "students x 100": (["students", "--lr", "3"], "learning rate"),
    "circles x 100": (["circles", "--lr", "3"], "learning rate"),
    "houses x 100": (["houses", "--lr", "3"], "learning rate"),
    "digits x 100": (["digits", "--lr", "1", "--epochs", "4"], "learning rate"),
    "constant": (["circles", "--epochs", "1", "--lr", "0.000001"], "not learning"),
    "deep": (
        ["circles", "--layers", "6,6,6,6,6,6", "--activation", "sigmoid", "--epochs", "5"],
        "vanished",
    ),
}


@pytest.fixture(scope="module")
def train(tmp_path_factory):
    root, made = tmp_path_factory.mktemp("events"), {}

    def trained(*words):
        if words not in made:
            folder = root / str(len(made))
            assert run_command(["train", *words, "--quiet", "--out", str(folder)]) == 0
            made[words] = pellucid.open_run(folder)
        return made[words]

    return trained


def assert_evidence_opens(run):
    """Every diagnosis and every kind of event stands on numbers that open."""
    for each in run.diagnoses():
        assert each.evidence
        assert each.remedy
        for address in each.evidence:
            assert run.explain(address).address
    for kind in {each.kind for each in run.events()}:
        for event in (run.events(kind)[0], run.events(kind)[-1]):
            assert event.addresses
            for address in event.addresses:
                assert run.explain(address).address == address


@pytest.mark.parametrize("table", HEALTHY)
def test_a_healthy_run_is_not_accused(train, table):
    run = train(table)
    assert run.diagnoses() == ()
    assert not {"jumped", "vanished", "exploded"} & {each.kind for each in run.events()}
    assert_evidence_opens(run)


@pytest.mark.parametrize("name", FAILING)
def test_a_failing_run_is_diagnosed(train, name):
    words, kind = FAILING[name]
    run = train(*words)
    assert [each.kind for each in run.diagnoses()] == [kind]
    assert_evidence_opens(run)


@pytest.mark.parametrize("name", ["line", "sums"])
def test_the_suggested_remedy_helps(train, name):
    words, _ = FAILING[name]
    run = train(*words)
    remedy = run.diagnoses()[0].remedy.split(":")[0].rstrip(".").split()[1:]
    cured = train("circles", *remedy)
    assert cured.diagnoses() == ()


def test_signs_are_those_of_every_moment(train):
    run = train("students", "--epochs", "6")
    told = {each.addresses[-1].split(" ", 1)[1]: each for each in run.events("sign")}
    states = [run.at(step).parameters for step in range(1, run.steps + 1)]
    states.append(run.at("last").parameters)
    places = run.at("last").scene
    count = 0
    for name in states[0]:
        for index in np.ndindex(states[0][name].shape):
            signs = np.array([np.sign(each[name][index]) for each in states])
            changes = np.flatnonzero(np.diff(signs) != 0) + 1
            place = places.parameter_place(name, index).removeprefix("@last ")
            if len(changes):
                count += 1
                assert told[place].step == changes[-1]
                before, after = (run.explain(each).value for each in told[place].addresses)
                assert before * after < 0
            else:
                assert place not in told
    assert count == len(told)
    assert count > 3


def test_rows_are_right_and_forgotten_when_it_is_said(train):
    run = train("students", "--epochs", "6")
    forgotten = run.events("forgotten")
    assert forgotten
    limit = -np.log(0.5)  # the loss of a yes or no at the border
    for event in forgotten[-3:]:
        row = int(event.addresses[0].split("row:")[1].split(" ")[0])
        first = next(each for each in run.events("learnt") if f"row:{row} " in each.addresses[0])
        assert run.explain(first.addresses[0]).value < limit
        assert run.explain(f"@{event.step} row:{row} loss").value < limit  # before the step
        assert run.explain(event.addresses[0]).value > limit
        assert run.explain(f"@last row:{row} loss").value > limit


def test_a_dead_neuron_is_silent_to_the_end(train):
    run = train(*FAILING["students x 100"][0])
    dead = run.events("dead")
    assert dead
    for event in dead:
        name = event.addresses[0].split(" ")[-1].removesuffix(".a")
        number = int(name.split(".")[1]) - 1
        state = run.at("last").parameters
        sums = run.data["inputs"] @ state["0.weight"][number] + state["0.bias"][number]
        assert (sums <= 0).all()
        before = run.at(event.step).parameters
        sums = run.data["inputs"] @ before["0.weight"][number] + before["0.bias"][number]
        assert (sums > 0).any()  # until the step at which it died


def test_a_saturated_neuron_is_told(train):
    words = ["circles", "--activation", "tanh", "--lr", "20", "--epochs", "3"]
    run = train(*words)
    assert run.events("saturated")
    assert_evidence_opens(run)


def test_long_runs_are_looked_at_here_and_there(train):
    run = train("digits")
    walk = Walk(run)
    assert not walk.is_whole
    assert walk.steps[0] == 0
    assert walk.steps[-1] == run.steps
    assert walk.when(7) == "by step 7"
    looks = list(walk.looks())
    for look in (looks[1], looks[-1]):
        wanted = run.at("last" if look.step == run.steps else look.step + 1).parameters
        for name, values in look.state.parameters.items():
            np.testing.assert_array_equal(values, wanted[name])


def test_the_terminal_tells_events(train, capsys):
    run = train("circles", "--layers", "none")
    assert run_command(["show", str(run.folder), "events"]) == 0
    said = capsys.readouterr().out
    assert "The network can only draw straight lines." in said
    assert "Try --layers 8" in said
    assert max(map(len, said.splitlines())) <= 80
    assert run_command(["show", str(run.folder), "events", "--depth", "2"]) == 0
    assert len(capsys.readouterr().out) > 10 * len(said)
    assert run_command(["show", str(run.folder), "events", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["diagnoses"][0]["kind"] == "straight"
    assert len(told["events"]) == len(run.events())
    assert set(told["events"][0]) == {"step", "kind", "text", "addresses"}


def test_a_run_that_learnt_nothing_has_no_events(train):
    run = train("students", "--epochs", "0")
    assert run.diagnoses() == ()
    assert not run.events("sign")


def test_the_loss_of_a_guess():
    assert guess_loss("mse", np.array([[1.0], [3.0]])) == 1.0
    assert guess_loss("cross_entropy", np.array([0, 1, 2, 2])) == pytest.approx(1.0397208)
    assert guess_loss("bce", np.array([[1.0], [1.0]])) == 0.0
    assert guess_loss("huber", np.array([[1.0]])) is None


def test_right_and_stuck():
    outputs = np.array([[0.2, 0.7], [0.6, 0.1]])
    assert rows_right(outputs, np.array([1, 1]), "cross_entropy").tolist() == [True, False]
    assert rows_right(outputs[:, :1], np.array([[0.0], [1.0]]), "bce").tolist() == [True, True]
    assert rows_right(outputs, outputs, "mse") is None
    ends, least = stuck_shares(np.array([[0.999, 0.5], [0.001, 0.995]]), "sigmoid")
    assert ends.tolist() == [1.0, 0.5]
    assert least == 0.95
    assert spread(4, 9).tolist() == [0, 1, 2, 3]
