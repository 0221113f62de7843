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
from pellucid.figures.canvas import write_figure
from pellucid.figures.chapters import run_chapters
from pellucid.figures.film import write_film
from pellucid.figures.page import Chapter, write_page
from pellucid.figures.run_film import film_run
from pellucid.figures.scene import Scene
from pellucid.figures.sheets import draw_row, draw_run
from pellucid.figures.step_facts import StepFacts
from pellucid.figures.step_film import draw_step, film_step
from pellucid.figures.step_workbook import write_step_workbook
from pellucid.runs.run import Run

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
    scene = Scene(run)
    try:
        if suffix == ".xlsx":
            _write_workbook(scene, place, file)
        elif suffix == ".gif":
            write_film(_frames(scene, place, theme), file)
        elif suffix == ".html":
            _write_page(scene, place, file, theme)
        else:
            write_figure(_figure(scene, place, theme), file, theme)
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror or error}.") from error
    return file


def _frames(scene: Scene, place: Address, theme: str) -> Iterator[tuple[Figure, float]]:
    if place.step is not None:
        return film_step(scene, place.step, place.row, theme=theme)
    if place.row is not None:
        raise AddressError(
            f"A film shows a run or a step. Name a step: pellucid show {scene.run.reference} @1"
            " --save step.gif"
        )
    return film_run(scene, theme=theme)


def _figure(scene: Scene, place: Address, theme: str) -> Figure:
    if place.step is not None:
        return draw_step(scene, place.step, place.row, theme=theme)
    if place.row is not None:
        opened = scene.open_row(place.row, scene.model.parameters)
        return draw_row(scene, opened, theme=theme)
    return draw_run(scene, theme=theme)


def _write_workbook(scene: Scene, place: Address, file: Path) -> None:
    if place.step is None:
        raise AddressError(
            f"A spreadsheet shows one step. Name it: pellucid show {scene.run.reference} @1"
            f" --save {file.name}"
        )
    write_step_workbook(StepFacts(scene, place.step, place.row), file)


def _write_page(scene: Scene, place: Address, file: Path, theme: str) -> None:
    run = scene.run
    title = f"{run.recipe.target} from {run.recipe.table.name}"
    if place.row is None and place.step is None:
        write_page(file, title, run_chapters(scene, theme=theme), theme)
        return
    words = f"Row {place.row:,}" if place.step is None else f"Step {place.step:,}"
    chapter = Chapter(words, f"Of the run {run.name}.", _figure(scene, place, theme))
    write_page(file, title, [chapter], theme)
