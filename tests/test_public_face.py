"""The public face: every name is there, fetched only when needed, and the types agree."""

import subprocess
import sys
from importlib.metadata import version

import pytest

import pellucid


@pytest.mark.parametrize("name", pellucid.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(pellucid, name) is not None
    assert name in dir(pellucid)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'pellucid' has no attribute 'tensr'"):
        pellucid.tensr  # noqa: B018 - looking it up is the test


@pytest.mark.parametrize(
    "first", ["pellucid.nn", "pellucid.optim", "pellucid.Trainer", "pellucid.fit", "pellucid.load"]
)
def test_tensor_stays_a_function_whatever_is_fetched_first(first: str) -> None:
    code = f"import pellucid; {first}; print(pellucid.tensor([1.0, 2.0]).shape)"
    answer = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert answer.stdout == "(2,)\n"


def test_the_version_is_the_installed_ones() -> None:
    assert pellucid.__version__ == version("pellucid")
