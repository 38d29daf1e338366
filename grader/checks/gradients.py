"""Is a gradient the slope of its loss? One call, without a reference for the gradient itself.

In: a function that gives a gradient, a function that gives the loss, and arguments in float64. Out: nothing, or a
CheckFailed that names the argument, the place, both numbers, and the ratio where the two differ by a factor.

Each slope is a central difference, whose error is of order h^2 + eps/h; h is the cube root of eps times the
argument's size, where the two are equal. Where the loss has a kink (the ReLU at 0, the edge of a maximum) its slopes to
the left and to the right stay apart when h is halved, or the central ones part: such a place has no slope, is skipped,
and is counted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checks.comparison import BrokenCheckError
from grader.errors import CheckFailed

TOLERANCE = 1e-6  # relative; a central difference in float64 is good to about 1e-9
MOST_PLACES = 40  # of one argument: five calls of the loss each
_KINK = 1e-4  # how far the slopes of h and h/2 may part; a smooth loss parts them by 1e-8
_JUMP = 1e-6  # between left and right: what is less is rounding
_Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slopes:
    """Numerical slopes of a loss at some places of one argument."""

    places: tuple[tuple[int, ...], ...]
    values: _Array
    kinks: int  # places that have none


def check_gradient(
    gradient: Callable[..., Any],
    loss: Callable[..., Any],
    *args: Any,
    wrt: int = 0,
    tolerance: float = TOLERANCE,
    rng: np.random.Generator | None = None,
) -> None:
    """Hold a gradient against the slopes of its loss.

    Args:
        gradient: called with the arguments; gives an array of the shape of the one that `wrt` names.
        loss: called with the same arguments; gives a number, or an array whose sum is meant.
        *args: float64 arrays and what else both take; left unchanged.
        wrt: the position of the argument that is varied.
        tolerance: the relative error that is allowed, |a - n| / max(|a|, |n|, largest |n|).
        rng: draws the places where the argument has more than `MOST_PLACES`; None takes the first ones.

    Raises:
        CheckFailed: the gradient has another shape, or is not the slope.
        BrokenCheckError: the argument is no float64 array, or every place is a kink.
    """
    x = args[wrt]
    if not isinstance(x, np.ndarray) or x.dtype != np.float64:
        raise BrokenCheckError("a gradient check needs a float64 array, or its steps are lost in rounding")
    name = getattr(gradient, "name", getattr(gradient, "__name__", "the gradient"))
    got = gradient(*args)
    if not isinstance(got, np.ndarray) or got.shape != x.shape or got.dtype.kind not in "fiu":
        shape = got.shape if isinstance(got, np.ndarray) else type(got).__name__
        raise CheckFailed(
            f"{name} did not return one slope for each number of argument {wrt + 1}.",
            detail=f"{name} returned {shape}, argument {wrt + 1} has shape {x.shape}.",
        )
    slopes = numerical_slopes(loss, args, wrt=wrt, rng=rng)
    if not slopes.places:
        raise BrokenCheckError("every place of the argument is a kink of the loss: draw other numbers")
    analytic = np.array([got[place] for place in slopes.places], dtype=np.float64)
    _compare(name, wrt, x, analytic, slopes, tolerance)


def numerical_slopes(
    loss: Callable[..., Any], args: tuple[Any, ...], *, wrt: int, rng: np.random.Generator | None = None
) -> Slopes:
    """Take central differences of a loss at up to `MOST_PLACES` places of one argument."""
    x = args[wrt]
    every = list(np.ndindex(x.shape))
    if len(every) > MOST_PLACES:
        chosen = range(MOST_PLACES) if rng is None else sorted(rng.permutation(len(every))[:MOST_PLACES].tolist())
        every = [every[index] for index in chosen]
    found: list[tuple[tuple[int, ...], float]] = []
    for place in every:
        step = float(np.cbrt(np.finfo(np.float64).eps)) * max(1.0, abs(float(x[place])))
        slope = _slope(lambda move, at=place: _moved(loss, args, wrt, at, move), step)  # type: ignore[misc]
        if slope is not None:
            found.append((place, slope))
    return Slopes(
        places=tuple(place for place, _ in found),
        values=np.array([value for _, value in found], dtype=np.float64),
        kinks=len(every) - len(found),
    )


def _moved(loss: Callable[..., Any], args: tuple[Any, ...], wrt: int, place: tuple[int, ...], move: float) -> float:
    x = args[wrt].copy()
    x[place] += move
    return float(np.sum(loss(*args[:wrt], x, *args[wrt + 1 :])))


def _slope(along: Callable[[float], float], step: float) -> float | None:
    """The slope at 0, or None at a kink."""
    here = along(0.0)
    central, jump = [], []
    for width in (step, step / 2):
        ahead, behind = along(width), along(-width)
        central.append((ahead - behind) / (2 * width))
        jump.append(abs(ahead - 2 * here + behind) / width)
    scale = max(1.0, *map(abs, central))
    if abs(central[0] - central[1]) > _KINK * scale:
        return None
    # Of a smooth loss the jump halves with the step.
    return None if jump[1] > _JUMP * scale and jump[1] > 0.75 * jump[0] else central[1]


def _compare(name: str, wrt: int, x: _Array, analytic: _Array, slopes: Slopes, tolerance: float) -> None:
    size = np.maximum(np.maximum(abs(analytic), abs(slopes.values)), max(abs(slopes.values).max(), 1e-8))
    with np.errstate(invalid="ignore"):
        error = abs(analytic - slopes.values) / size
        wrong = ~(error <= tolerance)  # so that NaN is wrong
    if not wrong.any():
        return
    first = int(np.argmax(wrong))
    ratio = _ratio(analytic, slopes.values)
    told = [
        f"{name} returned {analytic[first]:.6g} at {list(slopes.places[first])} of argument {wrt + 1}, "
        f"where the loss has the slope {slopes.values[first]:.6g}.",
        f"{int(wrong.sum())} of {wrong.size} places differ (relative tolerance {tolerance:.0e}, central differences"
        + (f"; {slopes.kinks} kinks skipped)." if slopes.kinks else ")."),
    ]
    brief = f"{name} is not the slope of the loss in argument {wrt + 1}."
    if ratio is not None:
        brief = f"{name} has the direction of the slope in argument {wrt + 1}, but not its length."
        told.append(_explain(ratio, x))
    raise CheckFailed(brief, detail="\n".join(told), margin=float(np.nan_to_num(error[first], nan=np.inf)) / tolerance)


def _ratio(analytic: _Array, numeric: _Array) -> float | None:
    """The factor between the two, where there is one."""
    scale = float(numeric @ numeric)
    if not np.isfinite(analytic).all() or scale == 0:
        return None
    ratio = float(analytic @ numeric) / scale
    off = float(np.linalg.norm(analytic - ratio * numeric))
    return ratio if ratio and off <= 1e-5 * abs(ratio) * scale**0.5 else None


def _explain(ratio: float, x: _Array) -> str:
    count = x.shape[0] if x.ndim else 1
    if ratio < 0:
        return f"Your gradient is {ratio:.4g} times the slope: the sign is turned."
    for factor, cause in ((count, "not divided by N?"), (1 / count, "divided by N twice?"), (x.size, "not divided?")):
        if factor != 1 and abs(ratio / factor - 1) < 1e-4:
            return f"Your gradient is {ratio:.4g} times the slope: {cause}"
    return f"Your gradient is {ratio:.4g} times the slope."
