"""PyTorch's name for datasets and loaders; they stand in `data`."""

from pellucid.data.dataset import Dataset, Subset, TensorDataset
from pellucid.data.loader import DataLoader
from pellucid.data.loader import collate as default_collate
from pellucid.data.sampling import random_split

__all__ = ["DataLoader", "Dataset", "Subset", "TensorDataset", "default_collate", "random_split"]
