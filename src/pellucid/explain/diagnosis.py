"""What is wrong with a run, in plain words: a cause, the numbers that show it, and what to try.

Nothing is said without evidence, and every piece of it is an address that opens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pellucid.explain.digits import write_number
from pellucid.explain.layers import Layer
from pellucid.runs.journal import Event
from pellucid.runs.run import Run

NO_BETTER = 0.9  # of the loss of whoever always gives the same answer
STRAIGHT = "identity"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A fault, why it is believed, and what helps.

    Args:
        kind: "learning rate", "straight", "dead", "saturated", "vanished" or "not learning".
        text: what is wrong, in a few sentences.
        evidence: addresses of the numbers that show it.
        remedy: what to try.
    """

    kind: str
    text: str
    evidence: tuple[str, ...]
    remedy: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a diagnosis rests on.

    Args:
        run: the run.
        layers: its layers.
        guess: the loss of always giving the same, best answer; None if nobody says.
        last: the loss over all training rows in the end.
        stuck: for each hidden layer, its number from 0 and the neurons that are stuck.
        events: what happened.
        row: a row (from 1) that the network learnt from.
        neuron_name: of layer and neuron, from 0.
    """

    run: Run
    layers: list[Layer]
    guess: float | None
    last: float
    stuck: list[tuple[int, list[int]]]
    events: tuple[Event, ...]
    row: int
    neuron_name: Callable[[int, int], str]

    @property
    def has_learnt(self) -> bool:
        """Whether the network knows clearly more than whoever always gives the same answer."""
        return self.guess is None or self.last < NO_BETTER * self.guess

    def happened(self, kind: str) -> list[Event]:
        """The events of a kind."""
        return [each for each in self.events if each.kind == kind]

    def compared(self) -> str:
        """The loss in the end beside that of always giving the same answer."""
        return (
            f"The loss over all rows to learn from ended at {write_number(self.last)}; always"
            f" giving the same answer has {write_number(self.guess or 0.0)}."
        )

    @property
    def evidence(self) -> tuple[str, ...]:
        """Where it is seen that little was learnt: the loss, and an answer."""
        output = self.neuron_name(len(self.layers) - 1, 0)
        return ("@last loss", f"@last row:{self.row} {output}")


def diagnose(facts: Facts) -> list[Diagnosis]:
    """Say what is wrong, the likeliest cause first.

    Args:
        facts: of a run.

    Returns:
        The diagnoses; too large a learning rate explains the rest, so it stands alone.
    """
    large = list(_learning_rate(facts))
    if large:
        return large
    found = [*_straight(facts), *_stuck(facts), *_vanished(facts)]
    return found or list(_not_learning(facts))


def _learning_rate(facts: Facts) -> Iterator[Diagnosis]:
    """Steps so large that the loss rose far above what it was before the first."""
    jumps = facts.happened("jumped")
    if not jumps:
        return
    worst = jumps[-1]
    rate = facts.run.states["first"].learning_rate
    text = (
        f"The steps are too large: the learning rate is {write_number(rate)}."
        f" {worst.text} Each step overshot what the gradient could promise."
    )
    stuck = sum(len(each) for _, each in facts.stuck)
    if stuck:
        text += f" {stuck} hidden neurons were thrown so far that they are stuck."
    ends = tuple(dict.fromkeys(end for each in jumps for end in each.addresses))
    for event in [*facts.happened("dead"), *facts.happened("saturated")][:1]:
        ends += event.addresses[-1:]
    yield Diagnosis(
        "learning rate", text, ends, f"Try --lr {rate / 10:.3g}, or --lr {rate / 100:.3g}."
    )


def _straight(facts: Facts) -> Iterator[Diagnosis]:
    """A network of weighted sums only, which has learnt next to nothing."""
    if facts.has_learnt or any(each.activation != STRAIGHT for each in facts.layers[:-1]):
        return
    is_flat = len(facts.layers) == 1
    if is_flat:
        why = "It has no hidden layer, so its answer is one weighted sum of the inputs."
    else:
        why = "Its hidden neurons have no activation, and sums of sums are one weighted sum."
    text = f"The network can only draw straight lines. {why} {facts.compared()}"
    cure = "Try --layers 8: hidden neurons bend the line." if is_flat else "Try --activation relu."
    yield Diagnosis("straight", text, facts.evidence, cure)


def _stuck(facts: Facts) -> Iterator[Diagnosis]:
    """A layer of which most neurons pass on the same, whatever they read."""
    if facts.has_learnt:
        return
    for number, neurons in facts.stuck:
        layer = facts.layers[number]
        if 2 * len(neurons) < layer.width:
            continue
        kind = "dead" if layer.activation == "relu" else "saturated"
        names = {facts.neuron_name(number, each) for each in neurons}
        ends = tuple(
            each.addresses[-1]
            for each in facts.happened(kind)
            if each.addresses[-1].split(" ")[-1].removesuffix(".a") in names
        )
        text = (
            f"{len(neurons)} of the {layer.width} neurons of {layer.name} are {kind}: they pass on"
            f" the same whatever they read, and no gradient comes through. {facts.compared()}"
        )
        cure = "Try a smaller --lr, another --seed, or --activation tanh."
        if kind == "saturated":
            cure = "Try a smaller --lr, or --activation relu."
        yield Diagnosis(kind, text, (*ends[:3], *facts.evidence), cure)


def _vanished(facts: Facts) -> Iterator[Diagnosis]:
    """Gradients that hardly reach the first layer, in a network that has learnt next to nothing."""
    if facts.has_learnt:
        return
    for event in facts.happened("vanished")[:1]:
        text = f"{event.text} So the first layers hardly learn. {facts.compared()}"
        cure = "Try --activation relu, or fewer layers."
        yield Diagnosis("vanished", text, (*event.addresses, *facts.evidence), cure)


def _not_learning(facts: Facts) -> Iterator[Diagnosis]:
    """Next to nothing was learnt, and no cause is seen."""
    if facts.has_learnt or not facts.run.steps:
        return
    text = f"The network knows little more than whoever always gives the same answer. {facts.compared()}"
    cure = "Try more --epochs, a larger --lr, or columns that have to do with the target."
    yield Diagnosis("not learning", text, facts.evidence, cure)
