"""The errors that pellucid raises on purpose, as one family.

Every message says what was wanted, what came, and how to mend it. Where PyTorch raises a built-in
error for the same mistake, ours is one too, so that `except RuntimeError` keeps working.

    PellucidError
    ├── InputError (ValueError)         what a person typed or passed in
    │   ├── TableError                  a file that cannot be read as a table
    │   ├── ColumnError                 a column that is missing, unknown or unusable
    │   ├── ModelFileError              a model or run that cannot be read
    │   └── AddressError                an address that names no number
    ├── ShapeError (RuntimeError)       shapes that do not fit together
    ├── GraphError (RuntimeError)       a backward pass that cannot be walked
    ├── TrainingError (RuntimeError)    a training that cannot go on
    └── RunError (RuntimeError)         a run that cannot be written on, or not be done again
"""

from __future__ import annotations

from collections.abc import Iterable


class PellucidError(Exception):
    """The root of the family: everything that pellucid raises on purpose."""


class InputError(PellucidError, ValueError):
    """What a person typed or passed in cannot be used."""


class TableError(InputError):
    """A file cannot be read as a table; the message names the file and, if it can, the line."""


class ColumnError(InputError):
    """A column is missing, unknown or unusable."""


class ModelFileError(InputError):
    """A model file or a run folder cannot be read."""


class AddressError(InputError):
    """An address names no number."""


class ShapeError(PellucidError, RuntimeError):
    """Shapes do not fit together."""


class GraphError(PellucidError, RuntimeError):
    """A backward pass cannot be walked."""


class TrainingError(PellucidError, RuntimeError):
    """A training cannot go on, for example because a number is no longer finite."""


class RunError(PellucidError, RuntimeError):
    """A run cannot be written on, or its steps cannot be done again on this machine."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Name what was probably meant, as the end of a sentence; empty if nothing is near.

    Args:
        name: what came.
        known: what would have been understood.

    Returns:
        " Did you mean …?" with the nearest known name, or "".

    Example:
        >>> did_you_mean("hours", ["hours_studied", "sleep_hours"])
        " Did you mean 'hours_studied'?"
        >>> did_you_mean("qqq", ["hours_studied"])
        ''
    """
    import difflib  # noqa: PLC0415 (only where something went wrong)

    folded = {each.casefold(): each for each in known}
    wanted = name.casefold()
    begins = [each for each in folded if wanted and each.startswith(wanted)]
    near = begins or difflib.get_close_matches(wanted, folded, n=1, cutoff=0.5)
    near = near or [each for each in folded if wanted and wanted in each]
    return f" Did you mean '{folded[near[0]]}'?" if near else ""
