"""The command `pellucid`: reads the words that were typed and calls one command.

The commands live in files of their own, each imported only when it is called. Every failure that a
person can cause becomes one sentence on stderr and exit code 2; nothing here computes anything.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pellucid.errors import PellucidError, did_you_mean

if TYPE_CHECKING:
    from cyclopts import App, CycloptsError, UnknownOptionError

HELP = """A neural network that you can see through: it learns from a table, and every number in it
can be opened.

Try it: `pellucid train students`, then `pellucid show row:1`.
"""
COMMANDS = {
    "train": "Learn to predict one column of a table from the others.",
    "predict": "Predict a table, or one row typed in its own units.",
    "show": "Open a run: its network, a row's prediction, a training step.",
    "runs": "List the runs that are here.",
    "compare": "Say at which step two runs part, and why.",
    "branch": "Go on from a step of a run with something changed.",
    "studio": "Watch a network learn in the browser, rewind it, open every number.",
    "examples": "List the bundled tables, or write one here as a CSV file.",
}
EXAMPLES = {
    "train": ("train students.csv --target passed", "train houses --layers 16,16 --epochs 100"),
    "predict": ("predict students-1 new.csv", "predict hours_studied=10 sleep_hours=7 …"),
    "show": ("show students-1", "show students-1 row:17", "show @120"),
    "runs": ("runs",),
    "compare": ("compare students-1 students-2",),
    "branch": ("branch students-1 @120 --lr 0.1", "branch @last --epochs 100"),
    "studio": ("studio", "studio students-1", "studio students.csv --target passed"),
    "examples": ("examples", "examples students"),
}


def main(words: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code: 0, 2 for a mistake, 130 for Ctrl-C."""
    sys.exit(run(sys.argv[1:] if words is None else words))


def run(words: Sequence[str]) -> int:
    """Run one command and give its exit code."""
    code = 0
    try:
        _speak_utf8()
        code = _call(words)
    except PellucidError as error:
        code = _fail(str(error))
    except MemoryError:
        code = _fail("There is not enough memory for this; take fewer rows or narrower layers.")
    except BrokenPipeError:
        _close_quietly()
    except OSError as error:
        code = _fail(f"{error.strerror or error}: {error.filename or 'a file'}. Check the place.")
    except KeyboardInterrupt as stopped:
        print(file=sys.stderr)
        code = _fail(str(stopped) or "Stopped.", code=130)
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 0
    return code


def _call(words: Sequence[str]) -> int:
    from cyclopts import CycloptsError  # in here, so that Ctrl-C while it loads is caught too

    try:
        app()(list(words), exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        return _fail(_say(error))
    return 0


def app() -> App:
    """The commands, each named by where it lies and imported when it is called."""
    from cyclopts import App

    made = App(
        name="pellucid",
        help=HELP,
        version=_version,
        help_format="markdown",
        version_flags=["--version"],
        help_flags=["--help", "-h"],
        suppress_keyboard_interrupt=False,
    )
    for place, (name, told) in enumerate(COMMANDS.items()):
        lines = "\n\n".join(f"pellucid {each}" for each in EXAMPLES[name])
        made.command(
            f"pellucid.cli.{name}:{name}",
            name=name,
            help=told,
            sort_key=place,
            help_epilogue=f"Examples:\n\n{lines}",
        )
    return made


def _version() -> str:
    import pellucid

    return pellucid.__version__


def _say(error: CycloptsError) -> str:
    """What cyclopts has to say, as one sentence with the cure."""
    from cyclopts import (
        CoercionError,
        MissingArgumentError,
        UnknownCommandError,
        UnknownOptionError,
        UnusedCliTokensError,
    )

    command = f" {error.command_chain[0]}" if error.command_chain else ""
    cure = f" `pellucid{command} --help` shows what it understands."
    if isinstance(error, UnknownCommandError):
        word = (error.unused_tokens or [""])[0]
        known = f" The commands are {', '.join(COMMANDS)}."
        return f"There is no command '{word}'.{did_you_mean(word, COMMANDS) or known}"
    if isinstance(error, UnknownOptionError):
        word = error.token.keyword or error.token.value
        return f"There is no option '{word}'.{_near_option(error, word)}{cure}"
    if isinstance(error, MissingArgumentError) and error.argument is not None:
        return f"{error.argument.name.lstrip('-')} is missing.{cure}"
    if isinstance(error, CoercionError) and error.token is not None:
        asked = error.token.keyword or (error.argument.name if error.argument else "A value")
        kind = getattr(error.target_type, "__name__", "")
        wanted = {"int": "a whole number", "float": "a number"}.get(kind, "something else")
        return f"{asked} must be {wanted}. Got '{error.token.value}'."
    if isinstance(error, UnusedCliTokensError):
        word = (error.unused_tokens or [""])[0]
        return f"'{word}' is too much here.{cure}"
    return f"{' '.join(str(error).split())}{cure}"


def _near_option(error: UnknownOptionError, word: str) -> str:
    """The option that was probably meant; dashes, which all have, make none alike."""
    names = [name for each in error.argument_collection for name in each.names]
    options = [each.removeprefix("--") for each in names if each.startswith("--")]
    near = did_you_mean(word.lstrip("-"), options)
    return near.replace("'", "'--", 1)


def _fail(sentence: str, code: int = 2) -> int:
    from pellucid.figures.text import printable

    print("\n".join(printable(each) for each in sentence.split("\n")), file=sys.stderr)
    return code


def _speak_utf8() -> None:
    """Write UTF-8 wherever the output goes; what a screen cannot show becomes '?'."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _close_quietly() -> None:
    """Leave without a second complaint when the reader of the pipe has gone."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
