"""What hidden tests say of a student's `build_resnet`, and by what its known mistakes are recognised.

In: `student.build_resnet`, and what it is asked for. Out: nothing, or CheckFailed with a sentence for each thing that
is not as in the lecture's network. Only the saved configuration is read: a network of this width weighs 30 MB.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.checks.blockfaults import Aspect, Finding, Place
from grader.checks.blocks import take_apart
from grader.checks.diagnosis import diagnose_by_property
from grader.checks.layerkinds import Shape
from grader.checks.resnetfaults import Wanted, find_faults, places_of
from grader.checks.students import Call, Student
from grader.checks.trained import network_of
from grader.errors import CheckFailed
from grader.records import Returned

_TOLD = 3  # sentences at once

Where = Callable[[Place], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a check found out: noted for recognisers."""

    places: tuple[Place, ...]  # of the blocks that are there
    findings: tuple[Finding, ...]  # of the aspects that were asked for


def check_resnet(student: Student, cfg: Sequence[int], input_shape: Shape, classes: int, *aspects: Aspect) -> None:
    """Assert that `build_resnet` gives the lecture's network, as far as these aspects go.

    Raises:
        CheckFailed: says what is not as it should be, and in which block.
        NotAttempted, StudentRaised, WorkerStopped: there is no network.
    """
    network = network_of(student, cfg, input_shape, classes, function="build_resnet")
    wanted = Wanted(cfg=tuple(cfg), input_shape=tuple(input_shape), classes=classes)
    found = [each for each in find_faults(network, wanted) if each.aspect in aspects]
    trunk = take_apart(network)
    student.build_resnet.note(Built(places=places_of(trunk, wanted), findings=tuple(found)))
    if not found:
        return
    told = " ".join(each.brief for each in found[:_TOLD])
    more = f" {len(found) - _TOLD} more of this kind follow." if len(found) > _TOLD else ""
    details = dict.fromkeys(each.detail for each in found if each.detail)
    diagnosis = diagnose_by_property(student.build_resnet)
    raise CheckFailed(told + more, detail="\n".join(details), hints=diagnosis.hints, candidates=diagnosis.fitting)


# --- recognisers of known mistakes ----------------------------------------------


def shows(*anywhere: str, **where: Where) -> Callable[[Sequence[Call]], bool]:
    """Recognise a student by what a test found: this, in just these blocks, and nothing else.

    Args:
        anywhere: findings that count wherever they are.
        where: further ones, each with the blocks that have it.
    """

    def recogniser(calls: Sequence[Call]) -> bool:
        reply = calls[-1].reply if calls else None
        built = reply.value if isinstance(reply, Returned) else None
        if not isinstance(built, Built) or {each.what for each in built.findings} != {*anywhere, *where}:
            return False
        return all(_is_in(built, what, there) for what, there in where.items())

    return recogniser


def _is_in(built: Built, what: str, where: Where) -> bool:
    found = {each.place for each in built.findings if each.what == what}
    return found == {place for place in built.places if where(place)}
