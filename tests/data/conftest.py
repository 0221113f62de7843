"""What the tests of tables share."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same examples every time, and none fails because the machine is busy.
settings.register_profile(
    "tables", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tables")

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """The folder of real tables beside the repository; tests that need it are skipped without."""
    if not SHARED.is_dir():
        pytest.skip(f"the real tables are not here ({SHARED})")
    return SHARED
