"""PyTorch's words for networks: modules, layers, activations, losses."""

from pellucid.nn import init
from pellucid.nn.activation import Identity, ReLU, Sigmoid, Softmax, Tanh
from pellucid.nn.container import Sequential
from pellucid.nn.linear import Linear
from pellucid.nn.loss import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, MSELoss
from pellucid.nn.module import Module
from pellucid.nn.parameter import Parameter

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "Identity",
    "Linear",
    "MSELoss",
    "Module",
    "Parameter",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "init",
]
