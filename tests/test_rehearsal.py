"""Our own submissions, played in this process."""

import contextlib
from pathlib import Path

from grader.records import Limits, Manner, Returned
from grader.rehearsal import Rehearsal

SUPPORT = """
import pathlib

scratch = "."

def write():
    pathlib.Path(scratch, "handed_out.keras").write_bytes(b"a model")
    return scratch
"""


def test_what_stands_beside_a_submission_writes_into_a_folder_of_its_own(tmp_path: Path) -> None:
    """Audits run side by side: in one folder, each would read the other's model."""
    with contextlib.chdir(tmp_path):
        session = Rehearsal(dict, support=SUPPORT).session(Limits(), seed=0)
        first, second = (session.call("write", [], {}, manner=Manner.SUPPORT) for _ in range(2))

    assert isinstance(first, Returned)
    assert isinstance(second, Returned)
    assert first.value != second.value
    assert not list(tmp_path.iterdir())
