"""Averages of weights against PyTorch's `optim.swa_utils`."""

from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid import optim


def module_of(lib: Any) -> Any:
    lib.manual_seed(0)
    nn = lib.nn
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 1))


def rows(lib: Any) -> Any:
    return lib.tensor(np.cos(np.arange(60, dtype=np.float32)).reshape(20, 3))


def train(lib: Any, make: Any) -> tuple[Any, Any]:
    """Ten epochs; from the third on the weights are averaged."""
    model = module_of(lib)
    average = make(lib.optim.swa_utils, model)
    rule = lib.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        rule.zero_grad()
        (model(rows(lib)) ** 2).mean().backward()
        rule.step()
        if epoch >= 3:
            average.update_parameters(model)
    return model, average


WAYS = {
    "mean": lambda words, model: words.AveragedModel(model),
    "mean, one by one": lambda words, model: words.AveragedModel(
        model, avg_fn=words.get_swa_avg_fn()
    ),
    "mean, all at once": lambda words, model: words.AveragedModel(
        model, multi_avg_fn=words.get_swa_multi_avg_fn()
    ),
    "fading": lambda words, model: words.AveragedModel(
        model, multi_avg_fn=words.get_ema_multi_avg_fn(0.7)
    ),
    "fading, near half": lambda words, model: words.AveragedModel(
        model, multi_avg_fn=words.get_ema_multi_avg_fn(0.4)
    ),
    "fading, one by one": lambda words, model: words.AveragedModel(
        model, avg_fn=words.get_ema_avg_fn(0.9)
    ),
    "buffers too": lambda words, model: words.AveragedModel(
        model, multi_avg_fn=words.get_ema_multi_avg_fn(0.9), use_buffers=True
    ),
    "on the CPU": lambda words, model: words.AveragedModel(model, device="cpu"),
}


@pytest.mark.parametrize("way", WAYS)
def test_averages(oracle: Any, way: str) -> None:
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        model, average = train(lib, WAYS[way])
        states = average.state_dict()
        assert next(iter(states)) == "n_averaged"
        results.append((list(states), [np.asarray(each) for each in states.values()]))
        assert not np.allclose(np.asarray(model[0].weight.detach()), states["module.0.weight"])
    assert results[0][0] == results[1][0]
    for mine, wanted in zip(results[0][1], results[1][1], strict=True):
        assert mine.dtype == wanted.dtype
        np.testing.assert_allclose(mine, wanted, rtol=2e-5, atol=2e-6)


def test_running_statistics_are_measured_again(oracle: Any) -> None:
    results = []
    for lib in (oracle.pellucid, oracle.torch):
        _, average = train(lib, WAYS["mean"])
        loader = [(rows(lib)[:12], None), rows(lib)[12:]]
        average.eval()
        lib.optim.swa_utils.update_bn(loader, average)
        assert not average.training
        layer = average.module[1]
        assert layer.momentum == 0.1
        results.append((layer.running_mean, layer.running_var, average(rows(lib)).detach()))
    oracle.values(*results, ulps=256)


def test_without_batch_norm_nothing_is_measured() -> None:
    model = pellucid.nn.Linear(1, 1)
    optim.swa_utils.update_bn(iter(lambda: 1 / 0, None), model)


def test_the_copy_is_a_copy() -> None:
    model = module_of(pellucid)
    average = optim.swa_utils.AveragedModel(model)
    pellucid.nn.init.zeros_(model[0].weight)
    assert average.module[0].weight.abs().sum() > 0
    assert average.n_averaged.item() == 0


@pytest.mark.parametrize(
    "question",
    [
        lambda lib: lib.optim.swa_utils.get_ema_avg_fn(1.5),
        lambda lib: lib.optim.swa_utils.get_ema_multi_avg_fn(-0.1),
        lambda lib: lib.optim.swa_utils.AveragedModel(
            lib.nn.Linear(1, 1), avg_fn=abs, multi_avg_fn=abs
        ),
    ],
)
def test_mistakes(oracle: Any, question: Any) -> None:
    oracle.error(question)
