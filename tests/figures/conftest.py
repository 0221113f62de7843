"""Small runs of every kind of target, trained once; and an office program to compute workbooks."""

import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pellucid.cli.main import run as pellucid
from pellucid.figures.run_view import RunView
from pellucid.runs.run import Run

TABLES = {
    "students": "passed",  # yes/no, five neurons
    "circles": "inside",  # two columns: the whole map
    "houses": "price",  # a number
    "penguins": "species",  # classes, columns of words
    "digits": "digit",  # a wide network
}


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    folder = tmp_path_factory.mktemp("figures")
    before = Path.cwd()
    os.chdir(folder)
    try:
        for table, target in TABLES.items():
            assert pellucid(["train", table, "--target", target, "--epochs", "3"]) == 0
    finally:
        os.chdir(before)
    return {table: Run(folder / "runs" / f"{table}-1") for table in TABLES}


@pytest.fixture(params=list(TABLES))
def view(request: pytest.FixtureRequest, runs: dict[str, Run]) -> RunView:
    return RunView(runs[request.param])


SPACE = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
# Otherwise it trusts the values that the file carries, and nothing would be tested.
ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>"""

Cells = dict[tuple[str, str], float | str]


class Office:
    """LibreOffice without a window, and a reader of what it writes."""

    def compute(self, files: list[Path], folder: Path) -> list[Path]:
        """The same workbooks with every formula computed again."""
        profile, out = folder / "profile", folder / "computed"
        (profile / "user").mkdir(parents=True, exist_ok=True)
        (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS)
        command = [
            str(shutil.which("soffice")),
            f"-env:UserInstallation={profile.as_uri()}",
            "--headless",
            "--convert-to",
        ]
        command += ["xlsx", "--outdir", str(out), *map(str, files)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return [out / each.name for each in files]

    def read_cells(self, path: Path, *, formulas_only: bool = False) -> Cells:
        """Every cell with a value: (sheet, "B7") -> number or text."""
        with zipfile.ZipFile(path) as archive:
            book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 our own file
            names = [each.attrib["name"] for each in book.findall("s:sheets/s:sheet", SPACE)]
            cells: Cells = {}
            for number, name in enumerate(names, 1):
                sheet = ET.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314
                for cell in sheet.iterfind(".//s:c", SPACE):
                    value = cell.find("s:v", SPACE)
                    if value is None or (formulas_only and cell.find("s:f", SPACE) is None):
                        continue
                    is_number = cell.attrib.get("t", "n") == "n"
                    text = value.text or ""
                    cells[name, cell.attrib["r"]] = float(text) if is_number else text
        return cells

    def change_cell(self, source: Path, target: Path, sheet: int, cell: str, value: float) -> None:
        """A copy of a workbook in which one given number is another one."""
        with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
            for item in old.infolist():
                content = old.read(item)
                if item.filename == f"xl/worksheets/sheet{sheet}.xml":
                    pattern = rf'(<c r="{cell}"[^>]*><v>)[^<]*(</v>)'
                    text, count = re.subn(pattern, rf"\g<1>{value}\g<2>", content.decode())
                    assert count == 1
                    content = text.encode()
                new.writestr(item, content)


@pytest.fixture(scope="session")
def office() -> Office:
    return Office()
