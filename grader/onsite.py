"""What a bundle's scripts ask on a platform's machine: who handed this in, and whether the result may stand.

In: the platform's own files and how `grade` ended. Out: a line on stdout, and a result that nobody takes for a zero.
The rule: a result stands only if `grade` finished, or says itself that nothing was graded. What a grader left that died
on the way is a lower bound, and a platform would take it for the grade.

Run as `python -I -m grader.onsite student PLATFORM FILE` or `... settle PLATFORM RESULT CODE`; -I, because the scripts
stand in folders that students fill.
"""

import enum
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from grader.text import one_line

FINISHED = (0, 1)  # what `grade` ends with when the score is the student's
_MOST = 1 << 24  # bytes of a file that a platform wrote
_FAILED = "was not graded. This is our fault and not a zero: tell your course staff."


class Platform(enum.StrEnum):
    """Whose machine it is."""

    GRADESCOPE = "gradescope"
    PRAIRIELEARN = "prairielearn"
    GITHUB = "github"
    GITLAB = "gitlab"
    CLASSROOM50 = "classroom50"


def student_of(platform: str, path: Path) -> str:
    """Read who handed in, so that a rerun draws the same inputs; "" where the file does not say.

    Args:
        platform: "gradescope" takes the e-mail address that comes first of a group's; "prairielearn" the variant.
        path: submission_metadata.json, or data.json.
    """
    document = _read(path)
    if platform == "prairielearn":
        seed = document.get("variant_seed", "")
        return one_line(f"variant-{seed}") if isinstance(seed, str | int) and seed != "" else ""
    users = document.get("users", [])
    listed = [user for user in users if isinstance(user, dict)] if isinstance(users, list) else []
    people = [user.get("email") or user.get("id") or user.get("name") for user in listed]
    return min((one_line(str(person)) for person in people if person), default="")


def settle(platform: str, path: Path, code: int) -> str:
    """Let a result stand, or put one in its place that gives no score.

    Args:
        platform: whose result it is.
        path: the result; what was there of one that must not stand is kept beside it as `unfinished.json`.
        code: what `grade` ended with; more than 128 where a signal ended it.

    Returns:
        What happened, in a sentence; "" where the result is a whole one.
    """
    document = _read(path)
    if code in FINISHED and document:
        return ""
    says_so, withheld = _PLATFORMS[platform]
    reason = f"`grade` ended with exit code {code}"
    if document and says_so(document):
        return f"not graded: {reason}; the result says why and gives no score"
    if document:
        path.replace(path.with_name("unfinished.json"))
    if withheld is None:
        path.unlink(missing_ok=True)
    else:
        path.write_text(json.dumps(withheld, indent=2) + "\n", encoding="utf-8", newline="\n")
    return f"not graded: {reason} and left no whole result; what stands there now gives no score"


def main(arguments: Sequence[str]) -> None:
    """Answer one question of a bundle's script."""
    match list(arguments):
        case ["student", platform, path]:
            sys.stdout.write(student_of(platform, Path(path)) + "\n")
        case ["settle", platform, path, code] if platform in _PLATFORMS:
            if told := settle(platform, Path(path), int(code)):
                sys.stdout.write(told + "\n")
        case _:
            sys.stderr.write("usage: student PLATFORM FILE, or settle PLATFORM RESULT CODE\n")
            sys.exit(2)


def _read(path: Path) -> dict[str, Any]:
    """The object in a file, or an empty one: what cannot be read says nothing."""
    try:
        with path.open("rb") as file:
            document = json.loads(file.read(_MOST))
    except (OSError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _gradescope_says_so(document: Mapping[str, Any]) -> bool:
    return "score" not in document and "tests" not in document


def _prairielearn_says_so(document: Mapping[str, Any]) -> bool:
    return document.get("gradable") is False


def _classroom50_says_so(document: Mapping[str, Any]) -> bool:
    return document.get("tests") == [] and document.get("max-score") == 0


_PLATFORMS: Mapping[str, tuple[Callable[[Mapping[str, Any]], bool], Mapping[str, Any] | None]] = MappingProxyType(
    {
        "gradescope": (
            _gradescope_says_so,
            # Neither `score` nor `tests`: Gradescope then shows that there is no result.
            {
                "output": f"The submission {_FAILED}",
                "output_format": "text",
                "stdout_visibility": "hidden",
                "extra_data": {"standing": "not_graded"},
            },
        ),
        "prairielearn": (
            _prairielearn_says_so,
            {"gradable": False, "format_errors": [f"The submission {_FAILED}"]},
        ),
        "classroom50": (_classroom50_says_so, None),  # the runner writes one itself
    }
)

if __name__ == "__main__":
    main(sys.argv[1:])
