"""PyTorch's words for networks: modules, layers, activations, losses."""

from pellucid.nn import functional, init, utils
from pellucid.nn.activation import (
    ELU,
    GELU,
    SELU,
    Identity,
    LeakyReLU,
    LogSoftmax,
    Mish,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from pellucid.nn.classification import CrossEntropyLoss, NLLLoss
from pellucid.nn.container import Sequential
from pellucid.nn.dropout import Dropout
from pellucid.nn.embedding import Embedding
from pellucid.nn.flatten import Flatten
from pellucid.nn.linear import Linear
from pellucid.nn.loss import BCELoss, BCEWithLogitsLoss, MSELoss
from pellucid.nn.module import Module
from pellucid.nn.modules import ModuleDict, ModuleList
from pellucid.nn.normalization import BatchNorm1d, LayerNorm
from pellucid.nn.parameter import Parameter
from pellucid.nn.regression import (
    HuberLoss,
    L1Loss,
    PoissonNLLLoss,
    QuantileLoss,
    SmoothL1Loss,
)
from pellucid.nn.residual import Residual

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "CrossEntropyLoss",
    "Dropout",
    "Embedding",
    "Flatten",
    "HuberLoss",
    "Identity",
    "L1Loss",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "Mish",
    "Module",
    "ModuleDict",
    "ModuleList",
    "NLLLoss",
    "Parameter",
    "PoissonNLLLoss",
    "QuantileLoss",
    "ReLU",
    "Residual",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SmoothL1Loss",
    "Softmax",
    "Softplus",
    "Tanh",
    "functional",
    "init",
    "utils",
]
