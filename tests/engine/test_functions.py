"""The engine's own functions against numpy's in a wider type, and against the C library's erfc."""

import math

import numpy as np
import pytest

from pellucid import _native

MACHINES = [name for name, _ in _native.machines()]
ORACLES = {
    "exp": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}


def apply(machine, function, x):
    y = np.empty_like(x)
    _native.apply_function(machine, function, x, y)
    return y


def arguments(function, dtype):
    """Many arguments over the whole range where the result is neither 0 nor infinite."""
    random = np.random.default_rng(1)
    info = np.finfo(dtype)
    tiny, huge = float(np.log2(info.smallest_normal)) + 1, float(np.log2(info.max)) - 1
    sizes = 2.0 ** random.uniform(tiny, huge, 20_000)
    near = random.normal(size=20_000)
    if function == "log":
        x = np.concatenate([sizes, np.abs(near), 1 + near * 1e-3])
    elif function == "log1p":
        x = np.concatenate([sizes, near[near > -1], near * 1e-3, -random.random(20_000)])
    elif function == "tanh":
        x = np.concatenate([sizes, -sizes, near, near * 10, near * 1e-3])
    else:
        low, high = np.log(float(info.smallest_normal)), np.log(float(info.max))
        x = np.concatenate([random.uniform(low, high, 40_000), near, near * 1e-3])
        if function == "sigmoid":
            x = x[-x < high]
    return x.astype(dtype)


def ulps(found, x, oracle):
    wide = np.longdouble if found.dtype == np.float64 else np.float64
    with np.errstate(all="ignore"):
        truth = oracle(x.astype(wide))
    is_normal = np.abs(truth) >= np.finfo(found.dtype).smallest_normal
    spacing = np.spacing(np.abs(truth).astype(found.dtype)).astype(wide)
    return float((np.abs(found.astype(wide) - truth) / spacing)[is_normal].max())


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("function", "bound"),
    [("exp", 1.0), ("log", 1.0), ("log1p", 2.0), ("tanh", 2.5), ("sigmoid", 2.5)],
)
def test_functions_are_right_to_the_last_places(machine, dtype, function, bound):
    x = arguments(function, dtype)
    found = apply(machine, function, x)
    assert np.isfinite(found).all()
    assert ulps(found, x, ORACLES[function]) <= bound


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_exp_less_one_is_right_to_the_last_places(machine, dtype):
    random = np.random.default_rng(1)
    sizes = np.concatenate([10 ** random.uniform(-30, 2, 20_000), random.random(20_000)])
    x = (-sizes).astype(dtype)
    assert ulps(apply(machine, "exp_less_one", x), x, np.expm1) <= 2.0
    edges = np.array([0.0, -0.0, -np.inf, np.nan, -1e30], dtype)
    wanted = np.array([0.0, 0.0, -1.0, np.nan, -1.0], dtype)
    np.testing.assert_array_equal(apply(machine, "exp_less_one", edges), wanted)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_normal_distribution_is_right_far_below_0_too(machine, dtype):
    lowest = -12.0 if dtype == "float32" else -36.0
    x = np.concatenate([np.linspace(lowest, 10, 4001), np.linspace(-1, 1, 1001)]).astype(dtype)
    found = apply(machine, "normal_below", x)
    truth = np.array([math.erfc(-each * math.sqrt(0.5)) / 2 for each in x.tolist()])
    # x is rounded once more by √½, which erfc feels the more the farther out it is.
    bound = np.finfo(dtype).eps * (8 + 2 * x.astype(float) ** 2)
    assert (np.abs(found - truth) <= bound * truth).all()
    edges = np.array([-np.inf, np.inf, 0.0, np.nan, -1e30, 1e30], dtype)
    wanted = np.array([0.0, 1.0, 0.5, np.nan, 0.0, 1.0], dtype)
    np.testing.assert_array_equal(apply(machine, "normal_below", edges), wanted)


INF, NAN = np.inf, np.nan
SPECIAL = {
    "exp": [(-INF, 0.0), (INF, INF), (0.0, 1.0), (-0.0, 1.0), (1e30, INF), (-1e30, 0.0)],
    "log": [(0.0, -INF), (-0.0, -INF), (INF, INF), (1.0, 0.0), (-1.0, NAN), (-INF, NAN)],
    "log1p": [(0.0, 0.0), (-0.0, -0.0), (-1.0, -INF), (INF, INF), (-1.5, NAN), (-INF, NAN)],
    "tanh": [(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (1e30, 1.0), (-1e30, -1.0)],
    "sigmoid": [(0.0, 0.5), (-0.0, 0.5), (INF, 1.0), (-INF, 0.0), (1e30, 1.0), (-1e30, 0.0)],
}


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("function", SPECIAL)
def test_special_arguments(machine, dtype, function):
    pairs = [*SPECIAL[function], (NAN, NAN), (-NAN, NAN)]
    x = np.array([each for each, _ in pairs], dtype)
    wanted = np.array([each for _, each in pairs], dtype)
    found = apply(machine, function, x)
    np.testing.assert_array_equal(found, wanted)
    signed = ~np.isnan(wanted)
    np.testing.assert_array_equal(np.signbit(found)[signed], np.signbit(wanted)[signed])


@pytest.mark.parametrize("machine", MACHINES)
def test_exp_at_the_ends_of_the_range(machine):
    largest = np.array([88.72283, 88.7229, -87.34, -120.0], np.float32)
    found = apply(machine, "exp", largest)
    assert np.isfinite(found[0])
    assert found[1] == np.inf
    np.testing.assert_array_equal(found[2:], 0)


@pytest.mark.parametrize("machine", MACHINES)
def test_log_counts_subnormal_numbers_as_zero(machine):
    assert apply(machine, "log", np.array([1e-310]))[0] == -np.inf
    assert apply(machine, "log", np.array([1e-40], np.float32))[0] == -np.inf


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("function", ORACLES)
def test_a_result_does_not_depend_on_its_lane(machine, function):
    x = np.abs(np.random.default_rng(0).normal(size=67)).astype(np.float32)
    together = apply(machine, function, x)
    alone = np.concatenate([apply(machine, function, x[i : i + 1]) for i in range(len(x))])
    assert together.tobytes() == alone.tobytes()


FUSED = [name for name, arithmetic in _native.machines() if arithmetic == "fma"]


@pytest.mark.skipif(len(FUSED) < 2, reason="this processor has only one kind of fma kernels")
@pytest.mark.parametrize("function", ORACLES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_all_fma_kernels_give_the_same_bits(function, dtype):
    x = arguments(function, dtype)
    assert len({apply(machine, function, x).tobytes() for machine in FUSED}) == 1
