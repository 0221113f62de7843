"""What `pellucid show RUN` says: the run, its network and its weights, gathered for the screen."""

from __future__ import annotations

from typing import Any

from pellucid.data.bundled.examples import bundled, bundled_names
from pellucid.errors import ModelFileError
from pellucid.explain.digits import write_count, write_number, write_percent
from pellucid.explain.importance import share_of_columns
from pellucid.explain.layers import Layer, read_layers
from pellucid.figures.overview_text import write_importances, write_weights
from pellucid.figures.report_text import write_losses
from pellucid.figures.text import WIDTH, cut, printable, wrap
from pellucid.model.model import Model
from pellucid.report.judge import SHOWN_STEPS
from pellucid.report.report import Layer as Counted
from pellucid.runs.run import Run
from pellucid.runs.source import source_note

MOST_UNUSED = 8
NAMES = {"identity": "none", "relu": "ReLU"}


def write_run(run: Run, model: Model) -> list[str]:
    """The run at a glance."""
    recipe, outcome = run.recipe, run.outcome
    columns = [each.name for each in model.preparation.used]
    layers = read_layers(model.program)
    lines = [
        cut(f"{run.name}: {recipe.target} from {recipe.table.name}", WIDTH),
        f"  {_training(run)} · seed {recipe.seed}",
        *_score_lines(run, model.target.unit),
        "",
        *loss_lines(run),
    ]
    shares = _column_shares(run, model)
    if shares is not None:
        word = "learned" if outcome.steps else "in all"
        counted = _counted(layers)
        lines += write_importances(columns, shares, counted, recipe.target, word=word)
    if len(layers) == 1 and layers[0].width == 1:
        lines += ["", *_weight_lines(run, model, layers[0])]
    for sentence in (*outcome.sentences, *_left_out(run), *_source(run)):
        lines += wrap(sentence, WIDTH, "  ")
    reference = run.reference
    commands = [(f"  pellucid show {reference} row:1", "why row 1 is predicted as it is")]
    if outcome.steps:
        step = f"  pellucid show {reference} @{run.first_step}"
        commands.append((step, "the first step in five stages"))
    wide = max(len(command) for command, _ in commands) + 4
    told = [f"{command:<{wide}}{note}" for command, note in commands]
    if max(map(len, told)) > WIDTH:
        told = [command for command, _ in commands]
    return [printable(each) for each in (*lines, "", *told)]


def _training(run: Run) -> str:
    """How long it learned and which epoch is kept."""
    outcome = run.outcome
    if not outcome.steps:
        return "no training"
    epochs = f"best epoch {outcome.best_epoch:,} of {outcome.finished_epochs:,}"
    if not outcome.best_epoch:  # nobody judged them
        epochs = write_count(outcome.finished_epochs, "epoch")
    rate = write_number(run.recipe.learning_rate)
    return f"{outcome.steps:,} steps · {epochs} · learning rate {rate}"


def describe_run(run: Run, model: Model) -> dict[str, Any]:
    """The run as plain data."""
    recipe, outcome = run.recipe, run.outcome
    columns = [each.name for each in model.preparation.used]
    shares = _column_shares(run, model)
    unknown: list[float | None] = [None] * len(columns)
    return {
        "run": run.name,
        "folder": str(run.folder),
        "table": recipe.table.name,
        "target": recipe.target,
        "layers": list(recipe.layers),
        "activation": recipe.activation,
        "inputs": list(model.preparation.input_names),
        "columns": [
            {"name": name, "share": share}
            for name, share in zip(columns, shares or unknown, strict=True)
        ],
        "steps": outcome.steps,
        "best_epoch": outcome.best_epoch,
        "ending": outcome.ending,
        "fingerprint": outcome.fingerprint,
        "scores": list(outcome.scores),
        "sentences": list(outcome.sentences),
    }


def _source(run: Run) -> list[str]:
    note = source_note(run)
    return [note] if note else []


def _left_out(run: Run) -> list[str]:
    """Each column that is not used, with the reason."""
    unused = [each for each in run.recipe.columns if each.kind == "left out"]
    shown = [f"{each.name} is left out: {each.reason}." for each in unused[:MOST_UNUSED]]
    more = len(unused) - len(shown)
    return [*shown, f"{more:,} more columns are left out."] if more else shown


def loss_lines(run: Run) -> list[str]:
    """The loss at a few steps, and an empty line."""
    lines = write_losses(_points(run))
    return [*lines, ""] if lines else []


def _points(run: Run) -> list[tuple[int, float]]:
    last = len(run.losses)
    steps = [each for each in SHOWN_STEPS if each < last] + ([last] if last else [])
    return [(each, float(run.losses[each - 1])) for each in steps]


def _score_lines(run: Run, unit: str) -> list[str]:
    if not run.outcome.scores:
        return []
    score = run.outcome.scores[-1]
    if score["measure"] == "right":
        low, high = 100 * score["low"], 100 * score["high"]
        said = f"{write_percent(score['value'])} right (95 %: {low:.0f} to {high:.0f})"
    else:
        said = f"off by {write_number(score['value'], 3)} {unit}".rstrip() + " on average"
    return [f"  on the {score['rows']:,} rows never seen: {said}"]


def _column_shares(run: Run, model: Model) -> list[float] | None:
    """Each column's share of what moves the network; None if the table is no longer there."""
    try:
        inputs = run.data["inputs"]
    except ModelFileError:
        if run.recipe.outside:
            return None
        raise
    columns = [each.name for each in model.preparation.used]
    owners = [model.preparation.column_of(each).name for each in model.preparation.input_names]
    groups = [[i for i, owner in enumerate(owners) if owner == name] for name in columns]
    layers = read_layers(model.program)
    return share_of_columns(layers, model.parameters, inputs, groups)


def _counted(layers: list[Layer]) -> list[Counted]:
    return [
        Counted(each.name, each.width, NAMES.get(each.activation, each.activation), each.learned)
        for each in layers
    ]


def _weight_lines(run: Run, model: Model, layer: Layer) -> list[str]:
    weights = model.parameters[layer.weight][0].astype(float).tolist()
    bias = float(model.parameters[layer.bias][0]) if layer.has_bias else None
    return write_weights(
        model.preparation.input_names,
        weights,
        bias,
        _rule(run),
        word="learned" if run.outcome.steps else "given",
    )


def _rule(run: Run) -> dict[str, float]:
    """The true weights, if the run learnt from a bundled table with a linear rule."""
    stem = run.recipe.table.name.partition(".")[0]
    return dict(bundled(stem).weights) if stem in bundled_names() else {}
