"""What is done when nothing was asked for: rules that look only at the size of the problem.

Each rule was measured on the bundled tables and on public ones; the figures stand in
docs/decisions/defaults.md.
"""

from __future__ import annotations

from pellucid.model.settings import Method, Settings

SMALL_TABLE = 2_000  # training rows; from here on a wider layer earns its keep
WIDE = 64  # neurons; beyond this many inputs a layer grows no wider


def choose_method(settings: Settings, *, rows: int, inputs: int) -> Method:
    """Fill the gaps of the settings.

    Args:
        settings: what was asked for.
        rows: training rows.
        inputs: the network's inputs.

    Example:
        >>> method = choose_method(Settings(), rows=1000, inputs=4)
        >>> method.layers, method.batch_size, method.learning_rate
        ((5,), 100, 0.03)
    """
    layers = choose_layers(rows, inputs) if settings.layers is None else settings.layers
    rate, batch = settings.learning_rate, settings.batch_size
    return Method(
        layers=layers,
        activation=settings.activation,
        optimizer=settings.optimizer,
        learning_rate=choose_learning_rate(settings.optimizer, layers) if rate is None else rate,
        batch_size=choose_batch_size(rows) if batch is None else batch,
        epochs=settings.epochs,
        seed=settings.seed,
        patience=settings.patience,
        dtype=settings.dtype,
        weights=settings.weights,
    )


def choose_layers(rows: int, inputs: int) -> tuple[int, ...]:
    """Give one hidden layer: a neuron more than inputs, 5 to 64, and 32 at least for many rows.

    Example:
        >>> choose_layers(rows=1000, inputs=4)
        (5,)
    """
    least = 5 if rows < SMALL_TABLE else 32
    return (min(max(inputs + 1, least), WIDE),)


def choose_batch_size(rows: int) -> int:
    """Give a tenth of the training rows, 8 to 100.

    Example:
        >>> choose_batch_size(1000), choose_batch_size(50)
        (100, 8)
    """
    return min(max(rows // 10, 8), 100)


def choose_learning_rate(optimizer: str, layers: tuple[int, ...]) -> float:
    """Give 0.03 for Adam, 0.01 where a layer is wide, and 0.3 for SGD.

    Example:
        >>> choose_learning_rate("adam", (5,))
        0.03
    """
    if optimizer == "sgd":
        return 0.3
    return 0.03 if max(layers, default=0) < 32 else 0.01
