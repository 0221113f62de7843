"""What is done when nothing was asked for: rules that look only at the size of the problem.

Each rule was measured on the bundled tables and on public ones; the figures stand in
docs/decisions/defaults.md.
"""

from __future__ import annotations

from pellucid.data.kinds import NUMBER
from pellucid.model.settings import Method, Settings

FEW_INPUTS = 4  # below, the rule is a shape rather than a sum, and five neurons can get stuck
MANY_ROWS = 2_000  # training rows; from here on a wider layer does no harm
VERY_MANY_ROWS = 10_000  # training rows; from here on a second layer earns its keep
WIDE = 32  # neurons; from here on Adam's steps must be shorter
WIDEST = 64  # neurons; however many inputs, a layer grows no wider


def choose_method(settings: Settings, *, task: str, rows: int, inputs: int) -> Method:
    """Fill the gaps of the settings.

    Args:
        settings: what was asked for.
        task: "yes/no", "classes" or "number".
        rows: training rows.
        inputs: the network's inputs.

    Example:
        >>> method = choose_method(Settings(), task="yes/no", rows=1000, inputs=4)
        >>> method.layers, method.batch_size, method.learning_rate
        ((5,), 100, 0.03)
    """
    layers = choose_layers(rows, inputs) if settings.layers is None else settings.layers
    rate, batch = settings.learning_rate, settings.batch_size
    if rate is None:
        rate = choose_learning_rate(settings.optimizer, task, layers)
    return Method(
        layers=layers,
        activation=settings.activation,
        optimizer=settings.optimizer,
        learning_rate=rate,
        batch_size=choose_batch_size(rows) if batch is None else batch,
        epochs=settings.epochs,
        seed=settings.seed,
        patience=settings.patience,
        dtype=settings.dtype,
        weights=settings.weights,
    )


def choose_layers(rows: int, inputs: int) -> tuple[int, ...]:
    """Give one hidden layer, two for very many rows, each of a neuron more than inputs.

    At least 5 neurons (8 where there are fewer than 4 inputs, 32 from 2,000 rows on), at most 64.

    Example:
        >>> choose_layers(rows=1000, inputs=4), choose_layers(rows=20_000, inputs=14)
        ((5,), (32, 32))
    """
    least = 8 if inputs < FEW_INPUTS else 5
    if rows >= MANY_ROWS:
        least = WIDE
    width = min(max(inputs + 1, least), WIDEST)
    return (width, width) if rows >= VERY_MANY_ROWS else (width,)


def choose_batch_size(rows: int) -> int:
    """Give a tenth of the training rows, 8 to 100, or a little less.

    Less, so that an epoch's last batch is at least half full: a batch of three rows makes a wild
    step, and its loss says little.

    Example:
        >>> choose_batch_size(1000), choose_batch_size(60), choose_batch_size(16_512)
        (100, 8, 99)
    """
    batch = min(max(-(-rows // 10), 8), 100)
    while batch < rows and 0 < rows % batch < batch / 2:
        batch -= 1
    return batch


def choose_learning_rate(optimizer: str, task: str, layers: tuple[int, ...]) -> float:
    """Give 0.03 for Adam, 0.01 where a layer is wide; for SGD 0.3, or 0.03 for a number.

    A number's squared error has no upper slope, so plain SGD explodes sooner on it.

    Example:
        >>> choose_learning_rate("adam", "yes/no", (5,))
        0.03
    """
    if optimizer == "sgd":
        return 0.03 if task == NUMBER else 0.3
    return 0.01 if max(layers, default=0) >= WIDE else 0.03
