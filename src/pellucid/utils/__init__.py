"""PyTorch's name for the folder of `data`."""

from pellucid.utils import data

__all__ = ["data"]
