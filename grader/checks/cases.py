"""Arguments of one call, and other arguments like them.

In: a Case. Out: variations of it, on which functions that agreed by chance part. Nothing here knows which arguments
make sense: a reference decides that. Randomness comes from the arguments themselves, so a case varies the same way
each time.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Key = int | str  # a position, or a keyword

_MOST_INTEGERS = 8  # of nested arguments, that are varied one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The arguments of one call."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def items(self) -> Iterator[tuple[Key, Any]]:
        """Every argument with its place."""
        yield from enumerate(self.args)
        yield from self.kwargs.items()

    def put(self, key: Key, value: Any) -> "Case":
        """The same arguments but for one."""
        if isinstance(key, str):
            return replace(self, kwargs={**self.kwargs, key: value})
        return replace(self, args=(*self.args[:key], value, *self.args[key + 1 :]))

    def drop(self, key: str) -> "Case":
        """The same arguments without one keyword."""
        return replace(self, kwargs={name: value for name, value in self.kwargs.items() if name != key})

    def rng(self) -> np.random.Generator:
        """A generator that follows from the arguments alone."""
        digest = hashlib.sha256()
        for key, value in self.items():
            digest.update(repr(key).encode())
            _rebuild(value, lambda leaf: digest.update(_bytes(leaf)))
        return np.random.default_rng(int.from_bytes(digest.digest()[:8], "big"))


def variations(case: Case) -> Iterator[Case]:
    """Other arguments of the same shapes: values shuffled, rescaled, whole numbers a little larger, lists shorter."""
    for other in _variations(case):
        if not (same(other.args, case.args) and same(other.kwargs, case.kwargs)):
            yield other


def same(now: Any, was: Any) -> bool:
    """Whether an argument is what it was, to the last bit; NaN is the same as NaN."""
    if isinstance(was, np.ndarray):
        if type(now) is not type(was) or now.shape != was.shape or now.dtype != was.dtype:
            return False
        return bool(np.array_equal(now, was, equal_nan=was.dtype.kind in "fc"))
    if isinstance(was, list | tuple):
        return type(now) is type(was) and len(now) == len(was) and all(map(same, now, was))
    if isinstance(was, dict):
        return type(now) is dict and list(now) == list(was) and all(same(now[key], was[key]) for key in was)
    return type(now) is type(was) and bool(now == was or now != now)


def is_share(array: np.ndarray[Any, Any]) -> bool:
    """Whether all values lie between 0 and 1: probabilities, masks and one-hot rows keep that."""
    return bool(array.size) and bool(np.all((array >= 0) & (array <= 1)))


def _variations(case: Case) -> Iterator[Case]:
    rng = case.rng()
    yield _change(case, lambda leaf: _shuffled(leaf, rng))
    yield _change(case, lambda leaf: _rescaled(_shuffled(leaf, rng)))
    integers = min(_count_integers(case), _MOST_INTEGERS)
    # All of them first: two mistakes at once look like a third as long as only some arguments vary.
    everything = case
    for index in range(integers):
        everything = _bump(everything, index, 1 + index % 2)
    yield everything
    for step in (1, 2, 3):
        for index in range(integers):
            yield _bump(case, index, step)
    for key, value in case.items():
        if isinstance(value, list) and len(value) > 1:
            yield case.put(key, value[:-1])
            yield case.put(key, value[::-1])


def _bytes(leaf: Any) -> bytes:
    if isinstance(leaf, np.ndarray):
        return f"{leaf.dtype}{leaf.shape}".encode() + leaf.tobytes()
    return repr(leaf).encode()


def _change(case: Case, change: Callable[[Any], Any]) -> Case:
    return Case(
        args=tuple(_rebuild(value, change) for value in case.args),
        kwargs={name: _rebuild(value, change) for name, value in case.kwargs.items()},
    )


def _rebuild(value: Any, change: Callable[[Any], Any]) -> Any:
    """The same nesting with every leaf changed."""
    if isinstance(value, list | tuple):
        return type(value)(_rebuild(item, change) for item in value)
    if isinstance(value, dict):
        return {key: _rebuild(item, change) for key, item in value.items()}
    return change(value)


def _shuffled(leaf: Any, rng: np.random.Generator) -> Any:
    if not isinstance(leaf, np.ndarray) or leaf.ndim == 0:
        return leaf
    if leaf.dtype.kind in "biu" or is_share(leaf):
        return rng.permutation(leaf, axis=0)  # rows stay what they are: one-hot, or adding up to 1
    return rng.permutation(leaf.reshape(-1)).reshape(leaf.shape)


def _rescaled(leaf: Any) -> Any:
    if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "fc" and not is_share(leaf):
        with np.errstate(all="ignore"):
            factor = -1.5 if np.any(leaf.real < 0) else 1.5
            return (leaf * factor).astype(leaf.dtype)
    if isinstance(leaf, float):
        return 0.75 * leaf  # what lies in [0, 1] stays there
    return leaf


def _is_integer(leaf: Any) -> bool:
    return isinstance(leaf, int | np.integer) and not isinstance(leaf, bool)


def _count_integers(case: Case) -> int:
    found: list[Any] = []
    _change(case, lambda leaf: found.append(leaf) if _is_integer(leaf) else None)
    return len(found)


def _bump(case: Case, index: int, step: int) -> Case:
    """Add `step` to the integer with that number among all the nested ones."""
    met = -1

    def change(leaf: Any) -> Any:
        nonlocal met
        if not _is_integer(leaf):
            return leaf
        met += 1
        return leaf + step if met == index else leaf

    return _change(case, change)
