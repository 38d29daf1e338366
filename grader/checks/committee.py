"""Whether trained networks make a committee: each good enough, no two the same, together better than alone.

In: `student.members` with the bytes of their files, the student's rules of decision, hidden images. Out: nothing, or
CheckFailed, which carries the share of the points that is earned all the same.
The rule: the student's rules see what the members say of hidden images, and nothing else; the labels stay here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.checks.panel import Hearing, bounds, failure, gather, hear, question
from grader.checks.students import Student, StudentFunction, restart
from grader.checks.trained import Images, share
from grader.checks.training import Neutral
from grader.errors import CheckFailed, NotAttempted, StudentRaised, WorkerStopped

WEIGHTED = "weighted_decision"
RULES = ("average_decision", "majority_vote", WEIGHTED)
EXPONENT = 2
AGREEMENT = 0.95  # with the rule as the reference has it: a right table of the images would differ more often


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdict:
    """What came of one rule."""

    better: bool
    told: str
    detail: str = ""
    skipped: NotAttempted | None = None


def check_members(members: StudentFunction, neutral: Neutral, hidden: Images, rng: np.random.Generator) -> None:
    """Assert that each member reaches the target; one that does not earns its part of the points.

    Args:
        members: `student.members`: the files, floor and target.
        neutral: predicts.
        hidden: images and labels.
        rng: draws which images, their order, and the jitter.

    Raises:
        CheckFailed: a file is no network of the course, two are the same, or one is below the target.
        NotAttempted: a file is missing.
    """
    floor, target = bounds(question(members), hidden)
    hearing = hear(members, neutral, hidden, rng, floor)
    accuracies = hearing.accuracies(slice(None))
    earned = sum(share(each, floor=floor, target=target) for each in accuracies) / len(accuracies)
    listed = ", ".join(f"{each:.1%}" for each in accuracies)
    told = f"The members name {listed} of {len(hearing.labels):,} hidden images right."
    if earned >= 1:
        members.remark(told)
        return
    raise failure(members, f"{told} Points begin at {floor:.1%}; {target:.1%} earns all of them.", share=earned)


def check_rules(student: Student, neutral: Neutral, hidden: Images, rng: np.random.Generator) -> None:
    """Assert that by each rule the committee is better than its members are in the mean; each rule earns its part.

    Args:
        student: with the members, and the rules as functions of their predictions.
        neutral: predicts.
        hidden: images and labels.
        rng: draws which images, their order, and the jitter.

    Raises:
        CheckFailed: by a rule it is not, or a member is not good enough to count.
        NotAttempted: a file is missing, or every rule.
    """
    floor, _ = bounds(question(student.members), hidden)
    hearing = hear(student.members, neutral, hidden, rng, floor)
    for name, accuracy in zip(hearing.panel.names, hearing.accuracies(slice(None)), strict=True):
        if accuracy < floor:
            told = f"{name} names {accuracy:.1%} of the hidden images right; a member counts from {floor:.1%}."
            raise failure(student.members, told)
    verdicts = [_by_rule(student, rule, hearing) for rule in RULES]
    if all(verdict.skipped is not None for verdict in verdicts):
        assert verdicts[0].skipped is not None
        raise verdicts[0].skipped
    told = f"Alone the members name {hearing.alone:.1%} right in the mean. {' '.join(each.told for each in verdicts)}"
    earned = sum(verdict.better for verdict in verdicts) / len(verdicts)
    if earned >= 1:
        student.members.remark(told)
        return
    details = "\n".join(each.detail for each in verdicts if each.detail)
    raise failure(student.members, told, share=earned, detail=details)


def check_member_files(members: StudentFunction, neutral: Neutral) -> None:
    """Assert that the members are there, are networks of the course, and no two are the same.

    Raises:
        CheckFailed: they are not.
        NotAttempted: a file is missing.
    """
    question(members)
    gather(members, neutral)


# --- steps --------------------------------------------------------------------


def _by_rule(student: Student, rule: str, hearing: Hearing) -> _Verdict:
    """Let one rule decide, in a process of its own: what goes wrong there costs no other rule."""
    arguments: list[Any] = [hearing.probabilities[:, hearing.rest]]
    if rule == WEIGHTED:
        arguments += [np.array(hearing.accuracies(hearing.validation), np.float32), EXPONENT]
    restart(student)
    try:
        decision = _decision(getattr(student, rule), arguments)
    except NotAttempted as missing:
        return _Verdict(better=False, told=f"{rule} is not there.", skipped=missing)
    except StudentRaised as raised:
        return _Verdict(better=False, told=f"{rule} raised an exception.", detail=str(raised))
    except WorkerStopped as stopped:
        return _Verdict(better=False, told=f"{rule} {stopped.exit.reason}.", detail=str(stopped))
    except CheckFailed as failed:
        return _Verdict(better=False, told=failed.brief)
    right = int((decision == hearing.labels[hearing.rest]).sum())
    better = hearing.is_beaten_by(right)
    told = (
        f"By {rule} the committee names {right / len(decision):.1%} right{'' if better else ', which is not better'}."
    )
    return _Verdict(better=better, told=told)


def _decision(function: StudentFunction, arguments: Sequence[Any]) -> npt.NDArray[Any]:
    """The student's decision, once it is a class for each image and by that rule."""
    decision = function(*arguments)
    count = arguments[0].shape[1]
    if not isinstance(decision, np.ndarray) or decision.shape != (count,) or decision.dtype.kind not in "iu":
        raise CheckFailed(f"{function.name} does not give a class index for each image.")
    if function.reference is not None and np.mean(decision == function.reference(*arguments)) < AGREEMENT:
        raise CheckFailed(f"{function.name} decides otherwise than its rule says; its own tests say more.")
    return decision
