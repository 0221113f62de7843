"""What `pellucid train` prints, as lines of text: the plan, the loss, the network, the score.

The facts come from an outline and a report; the opened row is drawn in `prediction_text`.
"""

from __future__ import annotations

from collections.abc import Sequence

from pellucid.explain.digits import (
    decimals_for,
    write_count,
    write_fixed,
    write_number,
    write_science,
    write_shares,
)
from pellucid.explain.prediction import Prediction
from pellucid.figures.network_text import draw_network, group_inputs
from pellucid.figures.text import WIDTH, break_line, cut, list_some, printable, true_minus, wrap
from pellucid.model.score import Score
from pellucid.report.report import Outline, Report
from pellucid.runs.run import Run

LABEL = 15
SCORE = 36
LOSS = 7
LONGEST = 1e12  # from here on, numbers have a power of ten


def write_plan(outline: Outline, gaps: Sequence[str] = ()) -> list[str]:
    """What is known before the first step: the table, the split, the steps, the method.

    Args:
        outline: the facts.
        gaps: the columns with missing cells.
    """
    return [
        *_table_lines(outline),
        *_column_lines(outline, gaps),
        *_split_lines(outline),
        _steps(outline),
        *break_line(f"{'method':<{LABEL}}", _method(outline)),
    ]


def _method(outline: Outline) -> list[str]:
    """How it learns; where nothing is learned, nothing moves the weights."""
    rate = f"learning rate {write_number(outline.learning_rate)}"
    moves = [outline.optimizer, rate] if outline.epochs else ["no training"]
    return [outline.loss, *moves, f"seed {outline.seed}"]


def _table_lines(outline: Outline) -> list[str]:
    rows = write_count(outline.rows, "row")
    if outline.rows_without_target:
        rows += f" ({outline.rows_without_target:,} more without {cut(outline.target, 20)})"
    label = f"{cut(outline.source, 30) + '   ':<{LABEL}}"
    target = cut(outline.target, 24)
    spread = f" ({_spread(outline)})"
    inputs = write_count(len(outline.inputs), "input")
    columns = write_count(len(outline.columns), "column")
    choices = (
        [f"{columns}, {inputs}", columns]
        if len(outline.inputs) != len(outline.columns)
        else [inputs]
    )
    for choice in choices:
        line = f"{label}{rows} · {choice} → {target}{spread}"
        if len(line) <= WIDTH:
            return [line]
    first = f"{label}{rows} · {choices[0]} → {target}"
    return [cut(first, WIDTH), cut(" " * LABEL + spread.strip(), WIDTH)]


def _spread(outline: Outline) -> str:
    """How the target is distributed, in a few words."""
    if outline.quartiles is not None:
        low, _, high = outline.quartiles
        digits = 3 if max(abs(low), abs(high)) < 1000 else 4
        unit = f" {outline.unit}" if outline.unit else ""
        return f"half of them {write_number(low, digits)} to {write_number(high, digits)}{unit}"
    figures = [share for _, share in outline.shares]
    if len(figures) > 3 and max(figures) - min(figures) < 0.05:
        return f"{len(figures)} classes, about {100 / len(figures):.0f} % each"
    words = [
        f"{cut(name, 16)} {share}"
        for (name, _), share in zip(outline.shares, write_shares(figures), strict=True)
    ]
    return ", ".join(words) if len(words) <= 4 else f"{', '.join(words[:3])}, {len(words) - 3} more"


def _column_lines(outline: Outline, gaps: Sequence[str]) -> list[str]:
    """Columns that are not used, and columns with gaps, in one line or two."""
    room = WIDTH - LABEL
    parts = []
    if outline.left_out:
        parts.append(f"left out: {_left_out(outline, room - len('left out: '))}")
    if gaps:
        spare = max(room - sum(map(len, parts)) - len(" · gaps filled: "), 24)
        parts.append(f"gaps filled: {list_some(gaps, spare)}")
    return break_line(f"{'columns':<{LABEL}}", parts) if parts else []


def _left_out(outline: Outline, room: int) -> str:
    """The columns left out; with the reason if they share one and it fits."""
    names = [printable(name) for name, _ in outline.left_out]
    reasons = {reason for _, reason in outline.left_out}
    if len(reasons) == 1:
        reason = next(iter(reasons))
        for why in (reason, reason.partition(":")[0]):
            text = f"{', '.join(names)} ({why})"
            if len(text) <= room:
                return text
    return list_some(names, room)


def _split_lines(outline: Outline) -> list[str]:
    label = f"{'split':<{LABEL}}"
    for purpose in ("to choose the best epoch", "to choose the epoch"):
        parts = [
            f"{outline.training:,} to learn from",
            f"{outline.validation:,} {purpose}",
            f"{outline.test:,} never seen",
        ]
        for joint in (" · ", ", "):
            lines = break_line(label, parts, joint)
            if len(lines) == 1:
                return lines
    return lines


def _steps(outline: Outline) -> str:
    rest = outline.training % outline.batch_size
    sign = "→" if rest else "="
    start = f"{'steps':<{LABEL}}{outline.training:,} ÷ {outline.batch_size:,} {sign}"
    start += f" {outline.steps_per_epoch:,} an epoch"
    end = f" × {write_count(outline.epochs, 'epoch')} = {outline.steps:,}"
    last = f" (the last with {rest:,})" if rest else ""
    return start + last + end if len(start + last + end) <= WIDTH else cut(start + end, WIDTH)


def write_losses(points: Sequence[tuple[int, float]]) -> list[str]:
    r"""The loss at a few steps, in two lines.

    Example:
        >>> print("\n".join(write_losses([(1, 0.78), (10, 0.63), (500, 0.349)])))
          step      1     10    500
          loss   0.78   0.63   0.35
    """
    if not points:
        return []
    smallest = min(abs(loss) for _, loss in points)
    decimals = 2 if smallest >= 0.095 else 3 if smallest >= 0.0095 else 4
    pairs = [(f"{step:,}", _write_loss(loss, decimals)) for step, loss in points]
    wide = [max(LOSS, len(step) + 2, len(loss) + 2) for step, loss in pairs]
    return [
        "  step"
        + "".join(f"{step:>{width}}" for (step, _), width in zip(pairs, wide, strict=True)),
        "  loss"
        + "".join(f"{loss:>{width}}" for (_, loss), width in zip(pairs, wide, strict=True)),
    ]


def _write_loss(loss: float, decimals: int) -> str:
    text = write_fixed(loss, decimals) if abs(loss) < 1e6 else write_number(loss, 3)
    return "<0.0001" if loss > 0 and not text.strip("0.") else text


def write_network(outline: Outline, most: int = 6) -> list[str]:
    """The network, drawn with the numbers that it learns."""
    labels = group_inputs(outline.columns, outline.inputs)
    word = "learned" if outline.epochs else "in all"
    return draw_network(labels, outline.layers, outline.target, most=most, word=word)


def write_scores(report: Report) -> list[str]:
    """How good the network is on the rows never seen, beside the simple answers."""
    score, unit = report.network, report.outline.unit
    what = "right" if score.measure == "right" else "off by, on average"
    title = f"On the {write_count(score.rows, 'row')} never seen"
    lines = [f"{title:<{SCORE}}{what}"]
    names = [*(_rival(each.name, report) for each in report.rivals), "this network"]
    scores = [*(each.score for each in report.rivals), score]
    figures = [_figure(each, scores, unit) for each in scores]
    wide = max(map(len, figures))
    for name, figure in zip(names, figures, strict=True):
        lines.append(f"  {cut(name, SCORE - 3):<{SCORE - 2}}{figure:<{wide}}")
    lines[-1] += f"   ({_interval(score, scores)})"
    return [line.rstrip() for line in lines]


def _rival(name: str, report: Report) -> str:
    return true_minus(name) if report.outline.task == "number" else name


def _figure(score: Score, together: Sequence[Score], unit: str) -> str:
    if score.measure == "right":
        return f"{_write_share(score.value)} %"
    return f"{_write_miss(score.value, together)} {unit}".rstrip()


def _interval(score: Score, together: Sequence[Score]) -> str:
    if score.measure == "right":
        return f"95 %: {_write_share(score.low)} to {_write_share(score.high)}"
    return f"95 %: {_write_miss(score.low, together)} to {_write_miss(score.high, together)}"


def _write_share(share: float) -> str:
    """A share in per cent; with a decimal where whole ones would claim certainty."""
    percent = 100 * share
    is_near = 0.0 < percent < 0.5 or 99.5 <= percent < 100.0
    return (
        f"{percent:.1f}"
        if is_near and f"{percent:.1f}" not in ("0.0", "100.0")
        else f"{percent:.0f}"
    )


def _write_miss(value: float, scores: Sequence[Score]) -> str:
    """How far off, with the same decimals as the scores beside it where people can read them."""
    values = [each.value for each in scores]
    decimals = decimals_for([min(values)], 3)
    if decimals <= 6 and max(values) < LONGEST:
        return write_fixed(value, decimals)
    return write_number(value, 3) if 1e-6 <= abs(value) < LONGEST else write_science(value, 3)


def write_sentences(report: Report) -> list[str]:
    """The verdict in words."""
    sentences = [_rival(each, report) for each in report.sentences]
    return [line for sentence in sentences for line in wrap(sentence, WIDTH, "  ")]


def write_ending(report: Report) -> list[str]:
    """Why the training ended before its last epoch, or which epoch is kept if not the last."""
    if report.ending == "patience":
        return [
            f"  stopped after epoch {report.epochs:,}: no better epoch than"
            f" {report.best_epoch:,} since"
        ]
    if report.ending == "interrupted":
        kept = (
            f"epoch {report.best_epoch:,} is kept" if report.best_epoch else "the last step is kept"
        )
        return [f"  stopped by Ctrl-C at step {report.steps:,}: {kept}"]
    if 0 < report.best_epoch < report.epochs:
        rows = write_count(report.outline.validation, "row")
        return [
            f"  epoch {report.best_epoch:,} of {report.epochs:,} is kept: it was best on the"
            f" {rows} for choosing"
        ]
    return []


def write_next(run: Run, seconds: float, typed: Sequence[str], prediction: Prediction) -> list[str]:
    """Where the run lies and what to type next.

    Args:
        run: as it was written.
        seconds: everything took.
        typed: a row's cells as one would type them.
        prediction: of that row.
    """
    row, reference = prediction.row, run.reference
    commands = [
        (f"pellucid predict {reference} {_some(typed, WIDTH - 19 - len(reference))}", ""),
        (f"pellucid show {reference} row:{row}", f"every number behind that {_answer(prediction)}"),
    ]
    if run.outcome.steps:
        commands.append((f"pellucid studio {reference}", "watch it learn, rewind it"))
    place = max(*(len(command) + 2 for command, note in commands if note), 37)
    lines = [f"Kept in {printable(str(run.folder))} ({_seconds(seconds)}). Next:"]
    for command, note in commands:
        line = printable(f"  {command:<{place}} {note}".rstrip())
        lines.append(line if len(line) <= WIDTH else cut(f"  {command}", WIDTH))
    return lines


def _answer(prediction: Prediction) -> str:
    """What people call the answer: "76 %", where that is all there is to say."""
    figure, sign, _ = prediction.answer.text.partition(" %")
    return f"{figure}{sign}" if sign and figure.isdigit() else "answer"


def _some(typed: Sequence[str], room: int) -> str:
    """The first cells of a typed row, with "…" for the others."""
    shown = list(typed[:2])
    while len(shown) > 1 and len(" ".join(shown)) + 2 > room:
        shown.pop()
    return " ".join(shown) + (" …" if len(shown) < len(typed) else "")


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
