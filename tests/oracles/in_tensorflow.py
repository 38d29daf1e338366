"""Answers of TensorFlow, from a process of its own: arrays in, arrays out.

TensorFlow takes seconds to import and leaves threads behind; a test that forks must not meet them.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Arrays = dict[str, np.ndarray[Any, Any]]

needs_tensorflow = pytest.mark.skipif(sys.version_info >= (3, 14), reason="there is no TensorFlow for this Python yet")

_AROUND = """
import sys
import numpy as np
import tensorflow as tf
given = dict(np.load(sys.argv[1]))
answers = {{}}
{script}
np.savez(sys.argv[2], **answers)
"""


def answer(script: str, given: Arrays, folder: Path) -> Arrays:
    """Run a script that reads arrays from `given` and puts its own into `answers`."""
    asked, answered = folder / "asked.npz", folder / "answered.npz"
    np.savez(asked, **given)  # type: ignore[arg-type]  # no key is called allow_pickle
    command = [sys.executable, "-c", _AROUND.format(script=script), str(asked), str(answered)]
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2", "TF_ENABLE_ONEDNN_OPTS": "0"}
    done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    with np.load(answered) as answers:
        return dict(answers)
