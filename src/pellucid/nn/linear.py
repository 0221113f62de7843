"""`Linear`: a layer of neurons, each a weighted sum of all inputs plus a bias."""

from __future__ import annotations

import math
from typing import Any, NoReturn

import numpy as np

from pellucid.nn.init import kaiming_uniform_, uniform_
from pellucid.nn.mistakes import LayerInputError, check_tensor
from pellucid.nn.module import Module
from pellucid.nn.parameter import Parameter
from pellucid.tensor import products
from pellucid.tensor.axes import as_matrix, by, read_room
from pellucid.tensor.device import check_device
from pellucid.tensor.dtypes import Default, Dtype, scalar_name
from pellucid.tensor.tensor import Tensor


class Linear(Module):
    """Weighted sums: output_j = Σ_k input_k · weight_jk + bias_j.

    Args:
        in_features: inputs of each neuron, 0 or more.
        out_features: neurons, 0 or more.
        bias: whether each neuron has one.
        device: "cpu" or None.
        dtype: float32 or float64.

    `weight` has shape (out_features, in_features), `bias` (out_features,); both start evenly from
    ±1 ÷ √in_features, the weight drawn first, bit for bit as in PyTorch.

    Example:
        >>> from pellucid.random import manual_seed
        >>> _ = manual_seed(0)
        >>> Linear(3, 1).weight
        Parameter containing:
        tensor([[-0.0043,  0.3097, -0.4752]], requires_grad=True)
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Dtype | None = None,
    ) -> None:
        super().__init__()
        check_device(device)
        shape = read_room(out_features, in_features)
        self.in_features, self.out_features = shape[1], shape[0]
        kind = Default.dtype if dtype is None else np.dtype(dtype)
        self.weight = Parameter(np.zeros(shape, kind))
        if bias:
            self.bias = Parameter(np.zeros(self.out_features, kind))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the first values (again)."""
        if self.in_features:
            kaiming_uniform_(self.weight, a=math.sqrt(5))
            if self.bias is not None:
                bound = 1 / math.sqrt(self.in_features)
                uniform_(self.bias, -bound, bound)

    def forward(self, input: Tensor) -> Tensor:
        """The weighted sums of inputs of shape (…, in_features): shape (…, out_features)."""
        weight, bias = self.weight, self.bias
        if (
            not isinstance(input, Tensor)
            or input.array.shape[-1:] != (self.in_features,)
            or input.array.dtype != weight.array.dtype
        ):
            self.refuse(input)
        if bias is None:
            return input.apply(products.linear, weight)
        return input.apply(products.linear, weight, bias)

    def refuse(self, input: Any) -> NoReturn:
        """Raise what PyTorch says about an input that does not fit, and say how to mend it."""
        check_tensor(input, "linear")
        if input.array.ndim == 0:
            raise LayerInputError(
                "both arguments to linear need to be at least 1D, but they are 0D and 2D",
                self,
                f"`input` must have shape (…, {self.in_features}). Got one number.",
            )
        if input.array.shape[-1] != self.in_features:
            rows, columns = as_matrix(input.array.shape)
            raise LayerInputError(
                f"mat1 and mat2 shapes cannot be multiplied ({rows}x{columns} and "
                f"{by(self.weight.array.shape[::-1])})",
                self,
                f"`input` must have shape (…, in_features) = (…, {self.in_features}). "
                f"Got {input.array.shape}. Give it {self.in_features} columns, or make the layer "
                f"`nn.Linear({columns}, {self.out_features})`.",
            )
        kinds = (scalar_name(input.array.dtype), scalar_name(self.weight.array.dtype))
        raise LayerInputError(
            f"mat1 and mat2 must have the same dtype, but got {kinds[0]} and {kinds[1]}",
            self,
            f"the input is {input.array.dtype}, the weight {self.weight.array.dtype}. Convert the "
            f"input with `.to('{self.weight.array.dtype}')`.",
        )

    def extra_repr(self) -> str:
        """In- and outputs, and whether there is a bias."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )
