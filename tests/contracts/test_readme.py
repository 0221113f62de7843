"""What the README shows is what pellucid prints: every console block is run and compared."""

import re
import shlex
from pathlib import Path

import pytest

from pellucid.cli.main import main

README = Path(__file__).parents[2] / "README.md"
SECONDS = re.compile(r"\(\d+\.\d s\)")


def sessions() -> list[tuple[str, str]]:
    """(command, what it prints) for every `$` line of the console blocks, in order."""
    blocks = re.findall(r"^```console\n(.*?)^```", README.read_text("utf-8"), re.DOTALL | re.M)
    pieces = [piece for block in blocks for piece in re.split(r"^\$ ", block, flags=re.M) if piece]
    return [(command, output) for command, _, output in (each.partition("\n") for each in pieces)]


def test_the_readme_shows_what_pellucid_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = sessions()
    assert len(shown) >= 3
    for command, output in shown:
        program, *words = shlex.split(command)
        assert program == "pellucid"
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert not ended.value.code
        printed = capsys.readouterr().out
        assert SECONDS.sub("(… s)", printed) == SECONDS.sub("(… s)", output), command
