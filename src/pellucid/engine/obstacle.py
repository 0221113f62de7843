"""`CannotLower`: what stands in the way of a program, as an error with a reason.

It is raised wherever modules, losses, optimizers and schedules become programs, and caught by
`train`, which then does the steps in Python.
"""

from __future__ import annotations

from pellucid.errors import PellucidError


class CannotLower(PellucidError):  # noqa: N818 (says what happens: the engine of Python is taken)
    """A module, loss or optimizer has no program.

    Args:
        reason: why, as the end of a sentence that begins with "because".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"This cannot run on the native engine, because {reason}.")
        self.reason = reason
