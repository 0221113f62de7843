"""`pellucid show`: a run's network, the prediction of a row, or a training step, opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from pellucid.errors import InputError
from pellucid.explain.address import looks_like_address, read_address
from pellucid.runs.finding import open_run
from pellucid.runs.run import Run

if TYPE_CHECKING:
    from pellucid.explain.explanation import Explanation


def show(
    *words: str,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    save: Path | None = None,
    theme: str = "light",
) -> None:
    """Open a run: its network, the prediction of a row, or a training step.

    Parameters
    ----------
    words
        RUN (a name or a folder; the latest one if left out), then nothing for the network,
        row:17 for why row 17 is predicted as it is, or @120 for the 120th step in its stages.
    json
        Print one JSON object and nothing else.
    save
        Draw it instead, into a file ending in svg, pdf or png; gif is a film of the run or of a
        step, xlsx a step as a spreadsheet.
    theme
        Of the picture: light, dark or print.
    """
    has_run = bool(words) and not looks_like_address(words[0])
    run = open_run(words[0] if has_run else None)
    address = words[1 if has_run else 0 :]
    if save is not None:
        _save(run, address, save, theme)
        return
    if not address:
        _show_run(run, as_json=json)
        return
    place = read_address(address)
    if place.row is not None:
        _show_row(run, place.row, as_json=json)
    elif place.step is not None:
        _show_step(run, place.step, as_json=json)
    else:
        raise InputError(f"'{' '.join(address)}' names neither a row nor a step.")


def _save(run: Run, address: Sequence[str], path: Path, theme: str) -> None:
    from pellucid.figures.saving import save

    print(f"Drawn in {save(run, address, path, theme=theme)}")


def _show_row(run: Run, row: int, *, as_json: bool) -> None:
    from pellucid.cli.opening import open_row
    from pellucid.figures.prediction_text import write_prediction
    from pellucid.model.of_run import model_of

    opened = open_row(model_of(run), run.table, row)
    if as_json:
        _print_explanation(run, opened.prediction.root)
        return
    title = f"Row {row:,} of {run.recipe.table.name}"
    print("\n".join(write_prediction(opened.prediction, opened.subject.target, title)))


def _show_step(run: Run, step: int, *, as_json: bool) -> None:
    from pellucid.cli.opening import open_step
    from pellucid.explain.digits import write_count
    from pellucid.figures.step_text import write_step
    from pellucid.model.of_run import model_of

    opened = open_step(run, model_of(run), step)
    if as_json:
        _print_explanation(run, opened.root)
        return
    each = -(-len(run.data["inputs"]) // run.recipe.batch_size)
    epoch, batch = divmod(step - 1, each)
    title = (
        f"{run.name}, step {step:,} of {run.outcome.steps:,}: epoch {epoch + 1:,}, batch"
        f" {batch + 1:,} of {each:,}, {write_count(opened.count, 'row')}"
    )
    print("\n".join(write_step(opened, title)))


def _print_explanation(run: Run, root: Explanation) -> None:
    from pellucid.cli.printing import print_json
    from pellucid.explain.export import export

    print_json({"run": run.name, "fingerprint": run.outcome.fingerprint, **export(root)})


def _show_run(run: Run, *, as_json: bool) -> None:
    from pellucid.cli.overview import describe_run, write_run
    from pellucid.model.of_run import model_of

    model = model_of(run)
    if as_json:
        from pellucid.cli.printing import print_json

        print_json(describe_run(run, model))
        return
    print("\n".join(write_run(run, model)))
