"""`Module`: what has parameters and turns inputs into outputs; the ground of every layer.

Storing and loading of values by name stands in `state`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self, TypeVar

import numpy as np

from pellucid.nn.hooks import ModuleHooks, add
from pellucid.nn.mistakes import LayerInputError
from pellucid.nn.parameter import Parameter
from pellucid.nn.state import LoadedKeys, load
from pellucid.tensor.conversions import read_place
from pellucid.tensor.device import refuse_cuda
from pellucid.tensor.dtypes import is_floating, scalar_name
from pellucid.tensor.hooks import Handle
from pellucid.tensor.tensor import Tensor

Part = TypeVar("Part", Parameter, Tensor)


class Module:
    """A layer, a whole network, or a loss. Subclass it, define `forward`, call the object.

    Parameters and modules that are assigned to attributes are registered under the attribute's
    name.

    Example:
        >>> from pellucid import nn
        >>> class Double(nn.Module):
        ...     def forward(self, x):
        ...         return x * 2
        >>> Double()(3)
        6
    """

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module]
    _hooks: ModuleHooks | None = None

    def __init__(self) -> None:
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        self.training = True

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """What the module computes; every subclass says it."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function'
        )

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        """What `forward` gives; a layer's complaint is told where the layer stands."""
        try:
            if self._hooks:
                return self._hooks.call(self, inputs, named)
            return self.forward(*inputs, **named)
        except LayerInputError as error:
            error.place_in(self)
            raise

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> Handle:
        """Have `hook(module, inputs)` called before `forward`; what it returns replaces the inputs.

        Args:
            hook: under `with_kwargs` it is called with the named arguments too, and returns both.
            prepend: call it before those that are registered already.
            with_kwargs: as said.

        Returns:
            A handle whose `remove` ends it.
        """
        hooks = self.own_hooks().before
        return add(hooks, hook, prepend=prepend, with_kwargs=with_kwargs)

    def register_forward_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> Handle:
        """Have `hook(module, inputs, output)` called after `forward`; it may return another output.

        Arguments as for `register_forward_pre_hook`.
        """
        hooks = self.own_hooks().after
        return add(hooks, hook, prepend=prepend, with_kwargs=with_kwargs)

    def register_full_backward_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> Handle:
        """Have `hook(module, grad_output)` called before the module's backward pass."""
        return add(self.own_hooks().before_backward, hook, prepend=prepend)

    def register_full_backward_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> Handle:
        """Have `hook(module, grad_input, grad_output)` called after the module's backward pass.

        Both are tuples, with None where no gradient is wanted; what the hook returns takes the
        place of grad_input.
        """
        return add(self.own_hooks().after_backward, hook, prepend=prepend)

    @property
    def has_hooks(self) -> bool:
        """Whether a function is called around this module's passes."""
        return bool(self._hooks)

    def own_hooks(self) -> ModuleHooks:
        """The hooks of this module; made when first asked for."""
        if self._hooks is None:
            self._hooks = ModuleHooks()
        return self._hooks

    # Registering --------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Parameter):
            self.registry("_parameters", "parameters")[name] = value
            self._modules.pop(name, None)
        elif isinstance(value, Module):
            self.registry("_modules", "module")[name] = value
            self._parameters.pop(name, None)
        elif "_parameters" in self.__dict__:
            self.replace(name, value)
        object.__setattr__(self, name, value)

    def registry(self, name: str, what: str) -> dict[str, Any]:
        """One of the registers, which exist only after `Module.__init__`."""
        if name not in self.__dict__:
            raise AttributeError(
                f"cannot assign {what} before Module.__init__() call. "
                "Begin your `__init__` with `super().__init__()`."
            )
        register: dict[str, Any] = self.__dict__[name]
        return register

    def replace(self, name: str, value: Any) -> None:
        """Put something else in the place of what is registered under a name.

        Raises:
            TypeError: a parameter can only be replaced by a Parameter or None, a module likewise.
        """
        kinds = {
            "_parameters": ("parameter", "torch.nn.Parameter"),
            "_modules": ("child module", "torch.nn.Module"),
            "_buffers": ("buffer", "torch.Tensor"),
        }
        for register, (what, wanted) in kinds.items():
            if name in self.__dict__[register]:
                if value is not None and not (register == "_buffers" and isinstance(value, Tensor)):
                    raise TypeError(
                        f"cannot assign '{kind_name(value)}' as {what} '{name}' "
                        f"({wanted} or None expected)"
                    )
                self.__dict__[register][name] = value

    def __delattr__(self, name: str) -> None:
        for register in (self._parameters, self._buffers, self._modules):
            register.pop(name, None)
        object.__delattr__(self, name)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter; None says that there could be one but is not (`bias=False`)."""
        self._parameters[name] = param
        object.__setattr__(self, name, param)

    def register_buffer(self, name: str, tensor: Tensor | None) -> None:
        """Add a tensor that is stored with the module but not learned."""
        self.check_name(name, "buffer", self._buffers)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{kind_name(tensor)}' object to buffer '{name}' "
                "(torch Tensor or None required). Make one: `pellucid.tensor(…)`."
            )
        self._buffers[name] = tensor
        object.__setattr__(self, name, tensor)

    def add_module(self, name: str, module: Module) -> None:
        """Add a child under a name."""
        self.check_name(name, "module", self._modules)
        self._modules[name] = module
        object.__setattr__(self, name, module)

    register_module = add_module

    def check_name(self, name: str, what: str, register: Mapping[str, Any]) -> None:
        """Raise PyTorch's sentences for a name that cannot be given.

        Raises:
            KeyError: it is empty, has a point in it, or belongs to another attribute.
        """
        if "." in name:
            # PyTorch shows the name of a module, but not of a buffer
            shown = f", got: {name}" if what == "module" else ""
            raise KeyError(f'{what} name can\'t contain "."{shown}')
        if not name:
            raise KeyError(f'{what} name can\'t be empty string ""')
        if hasattr(self, name) and name not in register:
            raise KeyError(f"attribute '{name}' already exists")

    # Walking ------------------------------------------------------------------------------------

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly in this one, each once, with their names."""
        seen: dict[int, None] = {}
        for name, module in self._modules.items():
            if id(module) not in seen:
                seen[id(module)] = None
                yield name, module

    def children(self) -> Iterator[Module]:
        """The modules directly in this one."""
        return (module for _, module in self.named_children())

    def named_modules(
        self, memo: dict[int, None] | None = None, prefix: str = ""
    ) -> Iterator[tuple[str, Module]]:
        """This module and all within it, each once, with their paths ('1.0')."""
        memo = {} if memo is None else memo
        waiting: list[tuple[str, Module]] = [(prefix, self)]
        while waiting:  # not recursive: this is asked often, and is quicker so
            path, module = waiting.pop()
            if id(module) in memo:
                continue
            memo[id(module)] = None
            yield path, module
            children = module.__dict__["_modules"]
            if children:
                start = f"{path}." if path else ""
                inner = [(start + name, each) for name, each in children.items()]
                waiting += reversed(inner)

    def modules(self) -> Iterator[Module]:
        """This module and all within it."""
        return (module for _, module in self.named_modules())

    def named_parameters(
        self, prefix: str = "", recurse: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """All parameters, each once, with their paths ('0.weight')."""
        return self.named_parts("_parameters", prefix, recurse=recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """All parameters, each once: what an optimizer is given."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        """All buffers, each once, with their paths."""
        return self.named_parts("_buffers", prefix, recurse=recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """All buffers, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def named_parts(
        self, register: str, prefix: str, *, recurse: bool
    ) -> Iterator[tuple[str, Any]]:
        """What stands in one register, here and in the modules within, each once."""
        seen: dict[int, None] = {}
        modules = self.named_modules(prefix=prefix) if recurse else [(prefix, self)]
        for path, module in modules:
            for name, part in module.__dict__[register].items():
                if part is not None and id(part) not in seen:
                    seen[id(part)] = None
                    yield (f"{path}.{name}" if path else name), part

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Call a function with every module within and last with this one; returns itself."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # Modes and gradients ------------------------------------------------------------------------

    def train(self, mode: bool = True) -> Self:
        """Say that training goes on (or not), here and in all modules within."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")  # noqa: TRY004 (PyTorch's kind of error)
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Say that no training goes on."""
        return self.train(False)  # noqa: FBT003 (PyTorch's signature)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Say whether the parameters are learned."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or set them to zero."""
        for parameter in self.parameters():
            if set_to_none or parameter.grad is None:
                parameter.grad = None
            else:
                parameter.grad = Tensor(np.zeros_like(parameter.grad.array))

    def to(self, *place: Any, **named: Any) -> Self:
        """Convert all numbers with a fraction to another dtype, in place; "cpu" changes nothing.

        `to(dtype)`, `to(device)`, `to(device, dtype)`, `to(other_tensor)`, or by keyword.
        """
        dtype = read_place(place, named)
        if dtype is None:
            return self
        if not is_floating(dtype):
            raise TypeError(
                "nn.Module.to only accepts floating point or complex dtypes, but got desired "
                f"dtype=torch.{dtype.name}. Layers learn by fractions."
            )
        for _, part in [*self.named_parameters(), *self.named_buffers()]:
            if is_floating(part.dtype):
                part.array = part.array.astype(dtype, copy=False)
        return self

    def cpu(self) -> Self:
        """The module itself: it is there already."""
        return self

    def cuda(self, device: Any = None) -> Self:  # noqa: ARG002 (PyTorch's signature)
        """Not here: an `InputError` says what to write instead."""
        refuse_cuda()

    def double(self) -> Self:
        """Convert to float64."""
        return self.to("float64")

    def float(self) -> Self:
        """Convert to float32."""
        return self.to("float32")

    # Values by name -----------------------------------------------------------------------------

    def state_dict(self, prefix: str = "") -> OrderedDict[str, Tensor]:
        """All parameters and buffers by path, sharing memory with the module."""
        result: OrderedDict[str, Tensor] = OrderedDict()
        for register in (self._parameters, self._buffers):
            for name, part in register.items():
                if part is not None:
                    result[prefix + name] = part.detach()
        for name, module in self._modules.items():
            result.update(module.state_dict(f"{prefix}{name}."))
        return result

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> LoadedKeys:
        """Copy values by path into parameters and buffers.

        Args:
            state_dict: path to tensor or array of the same shape.
            strict: whether missing and unexpected paths are errors.

        Returns:
            The missing and the unexpected paths.

        Raises:
            ShapeError: paths or shapes do not match; nothing has been changed then.
        """
        return load(type(self).__name__, self.state_dict(), state_dict, is_strict=strict)

    # Words --------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """What stands between the brackets of the module's repr."""
        return ""

    def __repr__(self) -> str:
        lines = [f"({name}): {shifted(repr(each))}" for name, each in self._modules.items()]
        words = self.extra_repr()
        if not lines:
            return f"{type(self).__name__}({words})"
        inner = "\n  ".join(([words] if words else []) + lines)
        return f"{type(self).__name__}(\n  {inner}\n)"


def shifted(text: str) -> str:
    """All lines but the first two blanks further in."""
    return text.replace("\n", "\n  ")


def kind_name(value: Any) -> str:
    """What PyTorch calls the type of a value in its messages."""
    if isinstance(value, Tensor):
        return f"torch.{scalar_name(value.dtype)}Tensor"
    return type(value).__name__
