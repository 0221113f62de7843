"""Losses of numbers beside the squared error: L1, Huber, smooth L1, quantiles, Poisson for counts.

The squared error itself, and what all losses share, is in `loss`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from pellucid.errors import ShapeError
from pellucid.nn.loss import Loss, warn_of_sizes
from pellucid.tensor import criteria
from pellucid.tensor.creation import where
from pellucid.tensor.tensor import Tensor


class L1Loss(Loss):
    """The absolute error: |prediction − target|, and its mean.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> L1Loss()(tensor([400000.0]), tensor([450000.0]))
        tensor(50000.)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss of predictions and targets of one shape."""
        self.check_arguments(input, target)
        warn_of_sizes(input, target)
        return self.reduced((input - target).abs())

    def reduced(self, losses: Tensor) -> Tensor:
        """The mean, the sum, or the losses themselves."""
        if self.reduction == "none":
            return losses
        return losses.mean() if self.reduction == "mean" else losses.sum()


class HuberLoss(Loss):
    """Half the squared error up to a distance of delta, from there on a straight line.

    (x − y)² ÷ 2 where |x − y| ≤ delta, else delta · (|x − y| − delta ÷ 2).

    Args:
        reduction: 'mean', 'sum' or 'none'.
        delta: where the line begins; above 0.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> HuberLoss(reduction="none")(tensor([0.5, 10.0]), tensor([0.0, 0.0]))
        tensor([0.1250, 9.5000])

    Source:
        Huber (1964), "Robust estimation of a location parameter".
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction)
        if not isinstance(delta, int | float):
            raise TypeError(f"delta must be a float or int, got: {type(delta)}")
        self.delta = delta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss of predictions and targets of one shape."""
        self.check_arguments(input, target)
        warn_of_sizes(input, target)
        if self.delta <= 0:
            raise RuntimeError(
                f"huber_loss does not support non-positive values for delta. Got {self.delta}."
            )
        row = criteria.huber_loss
        return input.apply_pair(
            row, target, row.name, reduction=self.reduction, delta=float(self.delta)
        )


class SmoothL1Loss(L1Loss):
    """The absolute error with a round bottom: a square below a distance of beta.

    (x − y)² ÷ (2 · beta) where |x − y| < beta, else |x − y| − beta ÷ 2; a Huber loss divided by its
    delta.

    Args:
        reduction: 'mean', 'sum' or 'none'.
        beta: where the line begins; 0 for the absolute error.
    """

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss of predictions and targets of one shape."""
        self.check_arguments(input, target)
        warn_of_sizes(input, target)
        if self.beta < 0:
            raise RuntimeError(
                f"smooth_l1_loss does not support negative values for beta. Got {self.beta}."
            )
        if self.beta == 0:
            return self.reduced((input - target).abs())
        row = criteria.smooth_l1_loss
        return input.apply_pair(
            row, target, row.name, reduction=self.reduction, beta=float(self.beta)
        )


class QuantileLoss(L1Loss):
    """The pinball loss, whose smallest mean is at a quantile: one output for each quantile.

    q · (y − x) where the prediction x is below the target y, (1 − q) · (x − y) where it is above.

    Args:
        quantiles: each above 0 and below 1; the prediction has so many columns, in this order.
        reduction: 'mean', 'sum' or 'none'.

    Targets are (n, quantiles); or (n, 1) or (n,): each quantile of a row then has the same target.

    Raises:
        ValueError: a quantile is not between 0 and 1, or there is none.

    Example:
        >>> from pellucid.tensor.creation import tensor
        >>> loss = QuantileLoss([0.1, 0.5, 0.9], reduction="none")
        >>> loss(tensor([[8.0, 10.0, 14.0]]), tensor([12.0]))
        tensor([[0.4000, 1.0000, 0.2000]])

    Source:
        Koenker & Bassett (1978), "Regression quantiles". PyTorch has no such loss; scikit-learn's
        `mean_pinball_loss` is this one, Keras has none either.
    """

    def __init__(self, quantiles: Sequence[float], reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.quantiles = tuple(float(each) for each in quantiles)
        if not self.quantiles or not all(0 < each < 1 for each in self.quantiles):
            raise ValueError(
                "quantiles must be numbers above 0 and below 1, such as [0.1, 0.5, 0.9]. "
                f"Got {list(quantiles)}."
            )

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss of predictions (n, quantiles) and targets (n, quantiles), (n, 1) or (n,)."""
        self.check_arguments(input, target)
        if target.ndim == input.ndim - 1:
            target = target.unsqueeze(-1)
        count = len(self.quantiles)
        wanted = ((*input.shape[:-1], count), (*input.shape[:-1], 1))
        if input.shape != wanted[0] or target.shape not in wanted:
            raise ShapeError(
                f"The prediction must have shape (rows, quantiles) = (any, {count}), the target "
                f"{count} columns or one. Got {input.shape} and {target.shape}."
            )
        miss = input - target
        low = np.array(self.quantiles, miss.dtype)
        bend = np.where(miss.array > 0, 1 - low, miss.array)  # 0 (or not a number) stays
        return self.reduced(miss * Tensor(np.where(miss.array < 0, -low, bend)))


class PoissonNLLLoss(L1Loss):
    """−ln of the chance that a Poisson distribution with the predicted mean gives the count.

    e^x − y · x for a prediction x of the mean's logarithm; x − y · ln(x + eps) for the mean itself.

    Args:
        log_input: whether the logarithm of the mean is predicted.
        full: whether to add ln y! as Stirling approximates it, y · ln y − y + ln(2π · y) ÷ 2 for
            y > 1; it is the same whatever the prediction.
        eps: keeps the logarithm of a mean of 0 finite.
        reduction: 'mean', 'sum' or 'none'.
    """

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        *,
        eps: float = 1e-8,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss of predictions and counts of one shape."""
        self.check_arguments(input, target)
        if self.log_input:
            losses = input.exp() - target * input
        else:
            losses = input - target * (input + self.eps).log()
        if self.full:
            losses = losses + stirling(target)
        return self.reduced(losses)


def stirling(count: Tensor) -> Tensor:
    """Ln y! approximately; 0 where y ≤ 1."""
    term = count * count.log() - count + 0.5 * (2 * math.pi * count).log()
    return where(count <= 1, 0.0, term)
