"""pellucid: a neural network that you can see through.

The public face. `import pellucid` brings in numpy and the compiled engine only; what needs more,
such as reading a table, is fetched when it is first used.
"""

from __future__ import annotations

import sys as _sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pellucid.random import Generator, manual_seed
from pellucid.tensor import words

# `pellucid.tensor` is both a folder and PyTorch's function. The import system names the folder
# here once, while its files are first imported; the function takes the name over right after.
from pellucid.tensor.creation import (
    arange,
    as_tensor,
    cat,
    empty,
    eye,
    from_numpy,
    full,
    linspace,
    ones,
    ones_like,
    stack,
    tensor,
    where,
    zeros,
    zeros_like,
)
from pellucid.tensor.device import cuda, device
from pellucid.tensor.drawing import normal, rand, rand_like, randint, randn, randn_like, randperm
from pellucid.tensor.dtypes import bool_ as bool
from pellucid.tensor.dtypes import (
    float32,
    float64,
    get_default_dtype,
    int32,
    int64,
    set_default_dtype,
    uint8,
)
from pellucid.tensor.dtypes import float32 as float
from pellucid.tensor.dtypes import float64 as double
from pellucid.tensor.dtypes import int64 as long
from pellucid.tensor.graph import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    no_grad,
    set_grad_enabled,
)
from pellucid.tensor.tensor import Tensor
from pellucid.tensor.typed import (
    BoolTensor,
    DoubleTensor,
    FloatTensor,
    IntTensor,
    LongTensor,
    is_tensor,
)
from pellucid.tensor.words import *  # noqa: F403 (they are named there)

if TYPE_CHECKING:
    from pellucid import autograd, nn, optim, utils
    from pellucid.autograd import gradcheck
    from pellucid.data.dataset import TensorDataset
    from pellucid.data.loader import DataLoader
    from pellucid.data.sampling import random_split
    from pellucid.model.fit import fit
    from pellucid.model.model import Model
    from pellucid.model.values import load, save
    from pellucid.nn.summary import summary
    from pellucid.run import open_run, open_tensor, record
    from pellucid.train.many import fit_many
    from pellucid.train.recording import Recording
    from pellucid.train.trainer import Trainer

    __version__: str

__all__ = [
    "BoolTensor",
    "DataLoader",
    "DoubleTensor",
    "FloatTensor",
    "Generator",
    "IntTensor",
    "LongTensor",
    "Model",
    "Recording",
    "Tensor",
    "TensorDataset",
    "Trainer",
    "__version__",
    "arange",
    "as_tensor",
    "autograd",
    "bool",
    "cat",
    "cuda",
    "device",
    "double",
    "empty",
    "enable_grad",
    "eye",
    "fit",
    "fit_many",
    "float",
    "float32",
    "float64",
    "from_numpy",
    "full",
    "get_default_dtype",
    "gradcheck",
    "inference_mode",
    "int32",
    "int64",
    "is_grad_enabled",
    "is_tensor",
    "linspace",
    "load",
    "long",
    "manual_seed",
    "nn",
    "no_grad",
    "normal",
    "ones",
    "ones_like",
    "open_run",
    "open_tensor",
    "optim",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "random_split",
    "randperm",
    "record",
    "save",
    "set_default_dtype",
    "set_grad_enabled",
    "stack",
    "summary",
    "tensor",
    "uint8",
    "utils",
    "where",
    "zeros",
    "zeros_like",
]
__all__ += words.__all__

_HOMES = {
    "DataLoader": "pellucid.data.loader",
    "TensorDataset": "pellucid.data.dataset",
    "random_split": "pellucid.data.sampling",
    "Recording": "pellucid.train.recording",
    "Trainer": "pellucid.train.trainer",
    "fit_many": "pellucid.train.many",
    "Model": "pellucid.model.model",
    "load": "pellucid.model.values",
    "save": "pellucid.model.values",
    "open_run": "pellucid.run",
    "open_tensor": "pellucid.run",
    "record": "pellucid.run",
    "fit": "pellucid.model.fit",
    "gradcheck": "pellucid.autograd",
    "summary": "pellucid.nn.summary",
}


if not TYPE_CHECKING:  # so that a type checker knows exactly the names above

    def __getattr__(name: str) -> Any:
        """Fetch what was not needed so far."""
        if name in _HOMES:
            found = getattr(import_module(_HOMES[name]), name)
        elif name in ("autograd", "nn", "optim", "utils"):
            found = import_module(f"pellucid.{name}")
        elif name == "__version__":
            found = import_module("pellucid._native").version
        else:
            raise AttributeError(f"module 'pellucid' has no attribute '{name}'")
        globals()[name] = found
        return found


if "IPython" in _sys.modules:  # a notebook: it is told how to show what we make
    import_module("pellucid.notebook").tell(_sys.modules["IPython"].get_ipython())


def __dir__() -> list[str]:
    """Name what is there, fetched or not."""
    return sorted({*globals(), *__all__})
