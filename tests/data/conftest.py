"""What the tests of tables share."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """The folder of real tables beside the repository; tests that need it are skipped without."""
    if not SHARED.is_dir():
        pytest.skip(f"the real tables are not here ({SHARED})")
    return SHARED
