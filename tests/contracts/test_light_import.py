"""`import pellucid` stays light: numpy and the native module, nothing heavier."""

import json
import subprocess
import sys

HEAVY = {"pyarrow", "msgspec", "safetensors", "rich", "cyclopts", "matplotlib", "sklearn", "torch"}


def modules_after(code: str) -> set[str]:
    program = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return {name.split(".")[0] for name in json.loads(answer.stdout)}


def test_import_pellucid_pulls_in_numpy_alone() -> None:
    extra = modules_after("import pellucid") - modules_after("import numpy")
    own = {name for name in extra if name not in sys.stdlib_module_names}
    # The editable install of a developer brings its own import hook.
    assert {name for name in own if not name.startswith("_")} == {"pellucid"}


def test_the_words_of_pytorch_need_nothing_heavy() -> None:
    code = "import pellucid\npellucid.nn.Linear(2, 1)\npellucid.optim.Adam\npellucid.Trainer"
    assert modules_after(code).isdisjoint(HEAVY)
