"""Small runs of every kind of target, trained once."""

import os
from pathlib import Path

import pytest

from pellucid.cli.main import run as pellucid
from pellucid.figures.scene import Scene
from pellucid.runs.run import Run

TABLES = {
    "students": "passed",  # yes/no, five neurons
    "circles": "inside",  # two columns: the whole map
    "houses": "price",  # a number
    "penguins": "species",  # classes, columns of words
    "digits": "digit",  # a wide network
}


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    folder = tmp_path_factory.mktemp("figures")
    before = Path.cwd()
    os.chdir(folder)
    try:
        for table, target in TABLES.items():
            assert pellucid(["train", table, "--target", target, "--epochs", "3"]) == 0
    finally:
        os.chdir(before)
    return {table: Run(folder / "runs" / f"{table}-1") for table in TABLES}


@pytest.fixture(params=list(TABLES))
def scene(request: pytest.FixtureRequest, runs: dict[str, Run]) -> Scene:
    return Scene(runs[request.param])
