"""One door for pictures in files: what is drawn follows from the address, how from the file's name.

svg, pdf and png are figures, gif is a film, xlsx a spreadsheet with live formulas, html a page that
needs nothing beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pellucid.errors import AddressError, InputError
from pellucid.explain.address import Address, read_address
from pellucid.explain.history import History
from pellucid.figures.canvas import figure_of, write_figure
from pellucid.figures.chapters import run_chapters
from pellucid.figures.contributions_plot import plot_contributions
from pellucid.figures.explanation_html import write_html
from pellucid.figures.film import write_film
from pellucid.figures.page import Chapter, write_card, write_page
from pellucid.figures.run_film import film_run
from pellucid.figures.run_view import RunView
from pellucid.figures.sheets import draw_row, draw_run
from pellucid.figures.step_facts import StepFacts
from pellucid.figures.step_film import draw_step, film_step
from pellucid.figures.step_workbook import write_step_workbook
from pellucid.runs.run import Run
from pellucid.train.replay import state_after

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURES = (".svg", ".pdf", ".png")
KNOWN = (*PICTURES, ".gif", ".xlsx", ".html")


def save(run: Run, address: Sequence[str], path: str | Path, *, theme: str = "light") -> Path:
    """Draw what an address names, and write it to a file.

    Args:
        run: the run.
        address: the words after the run: none for the whole run, "row:17", "@120".
        path: of the file; its ending says what it will be.
        theme: "light", "dark" or "print".

    Returns:
        The file that was written.

    Raises:
        InputError: the ending is unknown, or the file cannot be written.
        AddressError: the address names nothing that can be drawn so.
    """
    file = Path(path)
    suffix = file.suffix.lower()
    if suffix not in KNOWN:
        told = ", ".join(each[1:] for each in KNOWN)
        raise InputError(f"A picture's name must end in {told}. Got '{file.name}'.")
    place = read_address(address) if address else Address()
    view = RunView(run)
    try:
        if suffix == ".xlsx":
            _write_workbook(view, place, file)
        elif suffix == ".gif":
            write_film(_frames(view, place, theme), file)
        elif suffix == ".html":
            _write_page(view, place, file, theme)
        else:
            write_figure(_figure(view, place, theme), file, theme)
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror or error}.") from error
    return file


def _frames(view: RunView, place: Address, theme: str) -> Iterator[tuple[Figure, float]]:
    if place.step is not None:
        return film_step(view, place.step, place.row, theme=theme)
    if place.row is not None:
        raise AddressError(
            f"A film shows a run or a step. Name a step: pellucid show {view.run.reference} @1"
            " --save step.gif"
        )
    if place.is_last:
        raise AddressError(
            "@last is the moment after the last step, in which nothing happens any more. The film of"
            f" the last step: pellucid show {view.run.reference} @{view.run.steps} --save step.gif"
        )
    return film_run(view, theme=theme)


def _figure(view: RunView, place: Address, theme: str) -> Figure:
    if place.place:
        return _draw_number(view, place, theme)
    if place.step is not None:
        return draw_step(view, place.step, place.row, theme=theme)
    last = state_after(view.run, view.run.steps).values() if place.is_last else None
    if place.row is not None:
        opened = view.open_row(place.row, view.model.parameters if last is None else last)
        return draw_row(view, opened, theme=theme)
    return draw_run(view, last, step=None if last is None else view.run.steps, theme=theme)


def _draw_number(view: RunView, place: Address, theme: str) -> Figure:
    """A number that is a sum, or that is made of one: its terms as bars."""
    node = History(view.run).explain(place)
    while node.op == "function" and node.parts and node.parts[0].op in ("sum", "function"):
        node = node.parts[0]
    if node.op != "sum":
        raise AddressError(
            f"'{node.address}' is no sum, and only sums can be drawn by themselves. Without --save"
            " it is told in words."
        )
    return figure_of(plot_contributions(node, title=node.address, theme=theme))


def _write_workbook(view: RunView, place: Address, file: Path) -> None:
    if place.step is None:
        raise AddressError(
            f"A spreadsheet shows one step. Name it: pellucid show {view.run.reference} @1"
            f" --save {file.name}"
        )
    write_step_workbook(StepFacts(view, place.step, place.row), file)


def _write_page(view: RunView, place: Address, file: Path, theme: str) -> None:
    run = view.run
    title = f"{run.recipe.target} from {run.recipe.table.name}"
    if place.place:
        node = History(run).explain(place)
        write_card(file, f"{node.address} · {title}", write_html(node), theme)
        return
    if place.row is None and place.step is None and not place.is_last:
        write_page(file, title, run_chapters(view, theme=theme), theme)
        return
    words = "After the last step" if place.step is None else f"Step {place.step:,}"
    words = f"Row {place.row:,}" if place.row is not None and place.step is None else words
    chapter = Chapter(words, f"Of the run {run.name}.", _figure(view, place, theme))
    write_page(file, title, [chapter], theme)
