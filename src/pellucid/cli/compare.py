"""`pellucid compare`: the first step at which two runs part, and why."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from pellucid.cli.waiting import open_run
from pellucid.errors import InputError
from pellucid.figures.text import WIDTH, wrap
from pellucid.runs.run import Run
from pellucid.train.parting import Parting, part


def compare(
    one: str,
    other: str,
    /,
    *,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """Say at which step two runs part, and what they do differently.

    Parameters
    ----------
    one
        A run: its name or its folder.
    other
        Another run.
    json
        Print one JSON object and nothing else.
    """
    runs = open_run(one), open_run(other)
    if runs[0].folder.resolve() == runs[1].folder.resolve():
        raise InputError(f"'{one}' and '{other}' are one run. Name two.")
    found = part(*runs)
    if json:
        from pellucid.cli.printing import print_json

        print_json(
            {
                "runs": [each.name for each in runs],
                "step": found.step,
                "together": found.together,
                "steps": [each.steps for each in runs],
                "differences": list(found.differences),
                "fingerprints": [each.outcome.fingerprint for each in runs],
            }
        )
        return
    lines = wrap(_say(*runs, found), WIDTH, "")
    lines += [line for each in found.differences for line in wrap(each, WIDTH, "  ")]
    print("\n".join(lines))


def _say(one: Run, other: Run, found: Parting) -> str:
    names = f"{one.name} and {other.name}"
    if found.together is None:
        return f"{names} have nothing in common: their first weights differ."
    if found.step is not None:
        return (
            f"{names} part at step {found.step:,}: until then their weights are the same, bit for"
            " bit; that step changes them differently."
        )
    if one.steps == other.steps:
        return f"{names} are the same in all their {one.steps:,} steps, bit for bit."
    longer = max(one, other, key=lambda run: run.steps)
    return (
        f"{names} are the same for {found.shared:,} steps, bit for bit; {longer.name} goes on to"
        f" step {longer.steps:,}."
    )
