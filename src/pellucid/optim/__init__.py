"""PyTorch's words for learning rules: optimizers that change parameters by their gradients."""

from pellucid.optim import lr_scheduler, swa_utils
from pellucid.optim.adagrad import Adagrad
from pellucid.optim.adam import Adam
from pellucid.optim.adamw import AdamW
from pellucid.optim.optimizer import Optimizer
from pellucid.optim.rmsprop import RMSprop
from pellucid.optim.sgd import SGD

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop", "lr_scheduler", "swa_utils"]
