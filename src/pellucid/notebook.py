"""How a notebook learns to show models and modules, without their knowing of pictures.

Runs, moments and numbers carry their drawing with them (see `run`). A module or a model is often
used without any of those, so the notebook is told once, by name, and nothing is imported for it
before the first one is shown.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

DRAWN = (
    ("pellucid.nn.module", "Module", "write_module_html"),
    ("pellucid.model.model", "Model", "write_model_html"),
)


def tell(shell: Any) -> None:
    """Tell a notebook how to show pellucid's things.

    Args:
        shell: IPython's shell; None where there is none.
    """
    if shell is None:
        return
    formatter = shell.display_formatter.formatters["text/html"]
    for home, name, draw in DRAWN:
        formatter.for_type_by_name(home, name, _drawing(draw))


def _drawing(name: str) -> Any:
    def draw(thing: Any) -> str:
        found = getattr(import_module("pellucid.figures.overview_html"), name)(thing)
        return str(found)

    return draw
