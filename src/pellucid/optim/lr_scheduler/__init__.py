"""PyTorch's words for schedules: learning rates that change as training goes on."""

from pellucid.optim.lr_scheduler.constant import ConstantLR
from pellucid.optim.lr_scheduler.cosine import CosineAnnealingLR
from pellucid.optim.lr_scheduler.cyclic import CyclicLR
from pellucid.optim.lr_scheduler.exponential import ExponentialLR
from pellucid.optim.lr_scheduler.function import LambdaLR, MultiplicativeLR
from pellucid.optim.lr_scheduler.linear import LinearLR
from pellucid.optim.lr_scheduler.multi_step import MultiStepLR
from pellucid.optim.lr_scheduler.one_cycle import OneCycleLR
from pellucid.optim.lr_scheduler.plateau import ReduceLROnPlateau
from pellucid.optim.lr_scheduler.polynomial import PolynomialLR
from pellucid.optim.lr_scheduler.scheduler import LRScheduler
from pellucid.optim.lr_scheduler.sequence import ChainedScheduler, SequentialLR
from pellucid.optim.lr_scheduler.steps import StepLR
from pellucid.optim.lr_scheduler.swa import SWALR
from pellucid.optim.lr_scheduler.warm_restarts import CosineAnnealingWarmRestarts

__all__ = [
    "SWALR",
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
