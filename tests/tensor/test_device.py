"""Scripts that choose a device run as they are; another device than the CPU is refused."""

from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid import nn
from pellucid.errors import InputError


def test_the_usual_line(oracle: Any) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        device = lib.device("cuda" if lib.cuda.is_available() else "cpu")
        assert device == lib.device("cpu")
        assert repr(device) == "device(type='cpu')"
        assert device.type == "cpu"
        model = lib.nn.Linear(2, 1, device=device).to(device)
        x = lib.zeros(3, 2, device=device).to(device, lib.float32)
        assert model(x).device == device
        assert lib.cuda.device_count() >= 0


MAKERS = ["zeros", "ones", "empty", "rand", "randn", "eye"]


@pytest.mark.parametrize("name", MAKERS)
def test_makers_take_cpu_and_no_other(oracle: Any, name: str) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        made = getattr(lib, name)(3, device="cpu", dtype=lib.float64, requires_grad=True)
        assert made.requires_grad
        assert str(made.device) == "cpu"
    with pytest.raises(InputError, match=r"computes on the CPU\. Got 'cuda'"):
        getattr(pellucid, name)(3, device="cuda")


def test_eye_and_linspace_and_full(oracle: Any) -> None:
    def make(lib: Any) -> Any:
        return (
            lib.eye(2, 3),
            lib.linspace(-1, 2, 7),
            lib.linspace(0, 1, 5, dtype=lib.float64),
            lib.full((2,), 1.5, requires_grad=True),
            lib.arange(3, dtype=lib.float32, requires_grad=True),
            lib.zeros_like(lib.ones(2), requires_grad=True),
        )

    oracle.values(make(oracle.pellucid), make(oracle.torch))


WAYS = [
    lambda lib, x: x.to(lib.float64),
    lambda _, x: x.to("cpu"),
    lambda lib, x: x.to("cpu", lib.float64),
    lambda lib, x: x.to(device="cpu", dtype=lib.int64),
    lambda lib, x: x.to(dtype=lib.bool, non_blocking=True),
    lambda lib, x: x.to(lib.ones(1, dtype=lib.float64)),
    lambda lib, x: x.to(lib.float32, copy=True),
    lambda _, x: x.int(),
    lambda lib, x: x.type(lib.float64),
    lambda lib, x: x.type_as(lib.ones(1, dtype=lib.int64)),
    lambda _, x: x.cpu().contiguous(),
    lambda _, x: x.T.contiguous(),
]


@pytest.mark.parametrize("way", WAYS)
def test_conversions(oracle: Any, way: Any) -> None:
    oracle.gradients(lambda x: way(_lib(x), x), np.array([[1.5, -2.0, 0.0]], np.float32))


def _lib(x: Any) -> Any:
    import torch  # noqa: PLC0415 (slow to import)

    return torch if isinstance(x, torch.Tensor) else pellucid


def test_what_needs_no_change_stays_the_same_tensor() -> None:
    x = pellucid.ones(2)
    assert x.to("cpu") is x
    assert x.to(pellucid.float32) is x
    assert x.to(pellucid.float32, copy=True) is not x
    assert x.contiguous() is x


def test_facts_about_the_memory(oracle: Any) -> None:
    def ask(lib: Any) -> Any:
        x = lib.zeros(2, 3, dtype=lib.float64)
        return (
            x.stride(),
            x.T.stride(),
            x.stride(1),
            x.T.is_contiguous(),
            x.is_floating_point(),
            x.element_size(),
            x.is_cuda,
            x.type(),
            x.long().type(),
        )

    assert ask(oracle.pellucid) == ask(oracle.torch)


def test_modules_are_converted(oracle: Any) -> None:
    for lib in (oracle.pellucid, oracle.torch):
        model = lib.nn.Linear(2, 1)
        assert model.to("cpu", lib.float64).weight.dtype == lib.float64
        assert model.to(device="cpu", dtype=lib.float32).cpu().bias.dtype == lib.float32
    oracle.error(lambda lib: lib.nn.Linear(2, 1).to(lib.int64))


@pytest.mark.parametrize(
    "act",
    [
        lambda: pellucid.device("cuda:1"),
        lambda: pellucid.ones(1).to("mps"),
        lambda: nn.Linear(1, 1).to(device="cuda"),
        lambda: pellucid.zeros(1, device="elsewhere"),
    ],
)
def test_other_devices_are_refused(act: Any) -> None:
    with pytest.raises(InputError, match="pellucid computes on the CPU"):
        act()


def test_to_refuses_what_it_does_not_know() -> None:
    with pytest.raises(TypeError, match=r"to\(\) received an invalid combination"):
        pellucid.ones(1).to(memory="fast")
