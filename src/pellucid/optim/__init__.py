"""PyTorch's words for learning rules: optimizers that change parameters by their gradients."""

from pellucid.optim.adam import Adam
from pellucid.optim.optimizer import Optimizer
from pellucid.optim.sgd import SGD

__all__ = ["SGD", "Adam", "Optimizer"]
