"""`pellucid predict`: answers for a table, or for one row typed in its own units."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from pellucid.data.kinds import NUMBER
from pellucid.data.table import Table
from pellucid.errors import InputError, ModelFileError
from pellucid.figures.text import printable, true_minus
from pellucid.model.model import Model, load
from pellucid.model.of_run import model_of
from pellucid.runs.finding import open_run

MOST_ROWS = 20


def predict(
    *words: Annotated[str, Parameter(allow_leading_hyphen=True)],
    out: Path | None = None,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """Predict a table, or one row typed as column=value in the units of the table.

    Parameters
    ----------
    words
        RUN (a name, a folder or a model file; the latest run if left out), then a table,
        or column=value for every column.
    out
        Write the table with the predictions to this CSV file.
    json
        Print one JSON object and nothing else.
    """
    name, rest = _part(words)
    model = _load(name)
    if rest and all("=" in each for each in rest) and not Path(rest[0]).exists():
        _predict_row(model, rest, out, as_json=json)
        return
    if len(rest) != 1:
        raise InputError(_what_to_type(model, rest))
    _predict_table(model, model.read(rest[0]), out, as_json=json)


def _part(words: Sequence[str]) -> tuple[str | None, list[str]]:
    """The run's name, if one was typed, and the rest."""
    if not words or "=" in words[0]:
        return None, list(words)
    if len(words) == 1 and not _is_run(words[0]):
        return None, list(words)
    return words[0], list(words[1:])


def _is_run(word: str) -> bool:
    try:
        open_run(word)
    except ModelFileError:
        return Path(word).suffix == ".safetensors" or Path(word).is_dir()
    return True


def _load(name: str | None) -> Model:
    if name is not None and (Path(name).is_file() or name.endswith(".safetensors")):
        return load(name)
    return model_of(open_run(name))


def _what_to_type(model: Model, rest: Sequence[str]) -> str:
    names = " ".join(f"{each.name}=…" for each in model.preparation.used[:6])
    odd = next((each for each in rest if "=" not in each), None)
    if odd is None or len(rest) < 2:
        return f"What shall be predicted? Add a table, or one row: {names}."
    return f"'{odd}' is no column=value. Type one row as {names}, or name one table."


def _predict_row(model: Model, words: Sequence[str], out: Path | None, *, as_json: bool) -> None:
    if out is not None:
        raise InputError("--out is for a table; the answer for one row is printed.")
    values: dict[str, str] = {}
    for word in words:
        name, _, value = word.partition("=")
        if name.strip() in values:
            raise InputError(f"'{name.strip()}' is given twice; give every column once.")
        values[name.strip()] = value
    answer = model.predict_row(values)
    warnings = [*answer.warnings]
    if model.target.name in values:
        warnings.append(
            f"{model.target.name} is what is predicted; the value typed for it is not used."
        )
    if as_json:
        from pellucid.cli.printing import print_json

        print_json(
            {
                "target": model.target.name,
                "value": answer.value,
                "text": answer.text,
                "probability": answer.probability,
                "probabilities": answer.probabilities,
                "warnings": warnings,
            }
        )
        return
    print(printable(true_minus(answer.text) if model.target.kind == NUMBER else answer.text))
    _print_warnings(warnings)


def _predict_table(model: Model, table: Table, out: Path | None, *, as_json: bool) -> None:
    from pellucid.cli.answers import Answers

    answers = Answers.of(model, table)
    warnings = model.preparation.warnings(table)
    if out is not None:
        answers.write(out)
    if as_json:
        from pellucid.cli.printing import print_json

        print_json({**answers.describe(), "warnings": warnings})
        return
    if out is not None:
        print(f"{len(table):,} predictions written to {out}")
    else:
        print("\n".join(answers.lines(MOST_ROWS)))
    _print_warnings(warnings)


def _print_warnings(warnings: Sequence[str]) -> None:
    import sys

    for each in warnings:
        print(f"Note: {printable(each)}", file=sys.stderr)
