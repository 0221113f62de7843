"""`pellucid show`: a run's network, the prediction of a row, a training step, or any number, opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from pellucid.cli.waiting import open_run
from pellucid.errors import AddressError, ModelFileError
from pellucid.explain.address import Address, looks_like_address, read_address
from pellucid.runs.run import Run

if TYPE_CHECKING:
    from pellucid.explain.explanation import Explanation

EVENTS = ("events",)


def show(
    *words: str,
    depth: Annotated[int | None, Parameter(show_default=False)] = None,
    check: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    glossary: Annotated[str | None, Parameter(show_default=False)] = None,
    save: Path | None = None,
    theme: str = "light",
) -> None:
    """Open a run: its network, a row's prediction, a training step, or any number in them.

    Parameters
    ----------
    words
        RUN (a name or a folder; the latest one if left out), then nothing for the network,
        row:17 for why row 17 is predicted as it is, @120 for the 120th step in its stages, events
        for what happened on the way and what is wrong, or the address of a number: row:17
        hidden1.3.z, @120 hidden1.3.weight.age.grad, @120 loss.
    depth
        How many levels of parts are shown; 1 if left out.
    check
        Compute every number shown again, gradients also by nudging; both values are printed. Of a
        run as a whole: see that its files are as they were written, and do its steps again.
    json
        Print one JSON object and nothing else.
    glossary
        What a word means, such as delta; no run is needed.
    save
        Draw it instead, into a file ending in svg, pdf or png; gif is a film of the run or of a
        step, xlsx a step as a spreadsheet, html a page.
    theme
        Of the picture: light, dark or print.
    """
    if glossary is not None:
        _show_term(glossary)
        return
    typed, (run, words) = words, _split(words)
    if save is not None:
        _save(run, words, save, theme)
    elif check and not words:
        _check_run(run)
    elif run.recipe.task == "arrays":
        _show_unnamed(run, words, as_json=json)
    elif words == EVENTS:
        _show_events(run, every=depth is not None and depth > 1, as_json=json)
    elif not words:
        _show_run(run, as_json=json)
    else:
        named = "" if len(words) == len(typed) else run.reference
        _show_address(run, read_address(words), depth, check=check, as_json=json, named=named)


def _show_address(
    run: Run, address: Address, depth: int | None, *, check: bool, as_json: bool, named: str
) -> None:
    """A row, a step or a number; `named` is how the run was named, if it was."""
    is_plain = depth is None and not check and not address.place
    if is_plain and address.row is not None and address.owner == "":
        _show_row(run, address.row, as_json=as_json)
    elif is_plain and address.row is None and address.step is not None:
        _show_step(run, address.step, as_json=as_json)
    else:
        node, levels = _find(run, address), 1 if depth is None else _check_depth(depth)
        if as_json:
            _print_explanation(run, node, levels)
        else:
            _show_number(node, levels, check=check, run=named)


def _show_term(term: str) -> None:
    from pellucid.explain.glossary import look_up
    from pellucid.figures.text import wrap

    print("\n".join(wrap(f"{term}: {look_up(term)}")))


def _check_run(run: Run) -> None:
    from pellucid.cli.checking import check_run

    print("\n".join(check_run(run)))


def _show_unnamed(run: Run, words: tuple[str, ...], *, as_json: bool) -> None:
    from pellucid.cli.printing import print_json
    from pellucid.cli.unnamed import describe_unnamed, write_unnamed

    address = read_address(words) if words else None
    if as_json:
        print_json(describe_unnamed(run, address))
    else:
        print("\n".join(write_unnamed(run, address)))


def _split(words: tuple[str, ...]) -> tuple[Run, tuple[str, ...]]:
    """The run that the words name, the latest one if they name none, and the address."""
    if not words or looks_like_address(words[0]) or words == EVENTS:
        return open_run(None), words
    try:
        return open_run(words[0]), words[1:]
    except ModelFileError as unknown:
        return _latest_with(words, unknown), words


def _latest_with(words: tuple[str, ...], unknown: ModelFileError) -> Run:
    """The latest run, if the words are an address in it; otherwise the first word meant a run."""
    try:
        run = open_run(None)
        _find(run, read_address(words))
    except (AddressError, ModelFileError):
        raise unknown from None
    return run


def _find(run: Run, address: Address) -> Explanation:
    from pellucid.explain.history import History

    return History(run).explain(address)


def _show_number(node: Explanation, depth: int, *, check: bool, run: str) -> None:
    from pellucid.figures.explanation_text import write_explanation

    print("\n".join(write_explanation(node, depth, check=check, run=run)))


def _check_depth(depth: int) -> int:
    if depth < 0:
        raise AddressError(f"--depth counts levels of parts from 0. Got {depth}.")
    return depth


def _save(run: Run, address: Sequence[str], path: Path, theme: str) -> None:
    from pellucid.figures.saving import save

    print(f"Written to {save(run, address, path, theme=theme)}")


def _show_events(run: Run, *, every: bool, as_json: bool) -> None:
    from pellucid.explain.events import read_course
    from pellucid.figures.events_text import write_events

    course = read_course(run)
    if not as_json:
        print("\n".join(write_events(course, every=every)))
        return
    from msgspec import to_builtins

    from pellucid.cli.printing import print_json

    told = {"diagnoses": course.diagnoses, "events": course.events}
    print_json({"run": run.name, "fingerprint": run.outcome.fingerprint, **to_builtins(told)})


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


def _print_explanation(run: Run, root: Explanation, depth: int | None = None) -> None:
    from pellucid.cli.printing import print_json
    from pellucid.explain.export import export

    print_json({"run": run.name, "fingerprint": run.outcome.fingerprint, **export(root, depth)})


def _show_run(run: Run, *, as_json: bool) -> None:
    from pellucid.cli.overview import describe_run, write_run
    from pellucid.model.of_run import model_of

    model = model_of(run)
    if as_json:
        from pellucid.cli.printing import print_json

        print_json(describe_run(run, model))
        return
    print("\n".join(write_run(run, model)))
