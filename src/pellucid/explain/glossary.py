"""The words that explanations use, each in a few short sentences; one wording for all doors."""

from __future__ import annotations

from pellucid.errors import InputError, did_you_mean

TERMS: dict[str, str] = {
    "activation": "What a neuron passes on, written a. It is made of the weighted sum z by a"
    " function such as ReLU, sigmoid or tanh.",
    "backward": "The way back through the network: from the loss to how it changes with every"
    " number before it. PyTorch calls it loss.backward().",
    "batch": "The rows that one step looks at. Their gradients are added, then the weights move"
    " once.",
    "bias": "A number that a neuron adds to its weighted sum, whatever the inputs are.",
    "delta": "How much the step's loss grows if a neuron's weighted sum grows by 1, on one row."
    " Delta times what a weight read is the row's share of that weight's gradient.",
    "epoch": "One pass over all rows to learn from, in batches.",
    "exp_avg": "Adam's running average of a gradient: mostly what it was, a little of the new one.",
    "exp_avg_sq": "Adam's running average of a gradient's square: how large the gradient usually"
    " is. Adam divides by its root, so that all weights move alike.",
    "forward": "The way through the network: from a row's cells to the prediction.",
    "gradient": "How much the loss grows if a weight grows by 1, seen from very near. The optimizer"
    " goes against it. It is the sum of the rows' shares.",
    "input": "A number that the network reads. It is made of a cell: numbers are standardised,"
    " every word has an input of its own that is 1 or 0.",
    "learning rate": "How far a step goes along its direction.",
    "loss": "How wrong a prediction is, as one number; 0 would be perfect. A step's loss is the"
    " mean of its rows' losses.",
    "momentum_buffer": "A running sum of gradients, which SGD with momentum goes along.",
    "neuron": "It weighs what it reads, adds a bias, and passes the sum on through its activation.",
    "optimizer": "The rule by which gradients change weights, such as SGD or Adam.",
    "relu": "An activation: what is above 0 is passed on as it is, everything else becomes 0.",
    "rounding": "What is left over because numbers on a screen or in a computer have so many digits"
    " only. It is shown as a term of its own, so that every sum adds up.",
    "share": "What one row adds to a gradient. The row with the largest share pushed hardest.",
    "sigmoid": "An activation: it turns any sum into a number from 0 to 1, a probability.",
    "slope": "How much the activation grows if the weighted sum grows by 1.",
    "softmax": "It turns the sums of all classes into probabilities that add up to 1.",
    "standardise": "Take the mean away and divide by the standard deviation, both of the training"
    " rows: then every column has the same size.",
    "step": "One look at a batch: forward, loss, zero the gradients, backward, update.",
    "update": "How far a step moves a weight: new − old.",
    "weight": "The number by which a neuron multiplies one of its inputs. Weights are what is"
    " learnt.",
    "z": "A neuron's weighted sum: every input times its weight, and the bias.",
    "zero": "Clearing the gradients before the way back, for PyTorch adds new ones to old ones.",
}
"""Every term with its meaning."""

OTHER = {"grad": "gradient", "a": "activation", "lr": "learning rate", "iteration": "step"}


def look_up(term: str) -> str:
    """What a word means.

    Args:
        term: such as "delta"; case does not matter.

    Raises:
        InputError: the word is not explained; the nearest is named.

    Example:
        >>> look_up("Epoch")
        'One pass over all rows to learn from, in batches.'
    """
    word = OTHER.get(term.casefold(), term.casefold())
    if word in TERMS:
        return TERMS[word]
    hint = did_you_mean(word, TERMS) or f" These are: {', '.join(TERMS)}."
    raise InputError(f"'{term}' is not in the glossary.{hint}")
