"""What holds for every test: `grade` speaks English to it, and how long Hypothesis takes says nothing.

The whole suite is shared by two processes; a part of it, named on the command line, starts sooner in one.
"""

import os

import pytest
from hypothesis import settings

WORKERS = 2  # each may train a network, or start two processes of its own

os.environ.pop("GRADE_LANG", None)
os.environ["LC_ALL"] = "C.UTF-8"

# Its 0.2 s an example are the machine's affair: where a time is what is tested, the test measures it.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Tell pytest-xdist what `-n auto` is; 0: this process alone."""
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.keyword
    return WORKERS if whole else 0
