"""What a death at some point may leave behind, and what is wrong with what it did leave."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from torture.children import Done, Seen
from torture.documents import Step
from torture.processes import Outcome

KEPT_GENERATIONS = 2  # the live one, and the last for readers that are still on it

_FILES = {"CURRENT", "store.sqlite", "store.sqlite.seal", "write.lock"}

Held = Mapping[str, str]


def allowed(held: Held, steps: Sequence[Step], points: Sequence[str]) -> list[Held]:
    """List what an index may hold when its writer ended after passing these points.

    ``held`` is what it held before; a point called "step" ends each step.
    """
    done = points.count("step")
    for step in steps[:done]:
        held = step.applied(held)
    if done == len(steps):
        return [held]
    began = len(points) - list(reversed(points)).index("step") if done else 0
    return _within(held, steps[done], points[began:])


def _within(held: Held, step: Step, points: Sequence[str]) -> list[Held]:
    if step.rebuild:  # what goes before fills another file
        return _switched(held, step.applied(held), points, "rebuild.adopt", "rebuild.adopted")
    if step.removed:
        began = points.index("erase.words") if "erase.words" in points else len(points)
        after = step.applied(held)
        return _switched(held, after, points[began:], "store.commit", "store.committed")
    return [step.applied(held, count) for count in _committed(points)]


def _switched(
    before: Held, after: Held, points: Collection[str], begun: str, done: str
) -> list[Held]:
    if done in points:
        return [after]
    return [before, after] if begun in points else [before]


def _committed(points: Sequence[str]) -> list[int]:
    """Count the documents committed for certain, and, where a commit was begun, perhaps."""
    certain = seen = perhaps = 0
    for point in points:
        seen += point == "store.document"
        if point == "store.commit":
            perhaps = seen
        if point == "store.committed":
            certain = seen
    return sorted({certain, max(certain, perhaps)})


def of_looking(outcome: Outcome, states: Sequence[Held]) -> Iterator[str]:
    """Say what is wrong with an index as somebody finds it after a death."""
    if outcome.exit or outcome.error:
        yield f"unreadable ({ending(outcome)})"
        return
    seen: Seen = outcome.result
    if seen.held not in states:
        yield _difference(seen.held, states)
    yield from seen.problems


def of_repeating(outcome: Outcome) -> Iterator[str]:
    """Say what is wrong with doing again what was interrupted."""
    if outcome.exit or outcome.error:
        yield f"cannot be repeated ({ending(outcome)})"
        return
    done: Done = outcome.result
    if done.embedded != done.expected:
        yield f"embedded {done.embedded} texts, due were {done.expected}"


def of_files(seen: Seen) -> Iterator[str]:
    """Say what lies about once all is done."""
    generations = {name for name in seen.files if name.startswith("vectors-")}
    if left := set(seen.files) - _FILES - generations:
        yield f"left behind: {', '.join(sorted(left))}"
    if len(generations) > KEPT_GENERATIONS:
        yield f"{len(generations)} generations"


def ending(outcome: Outcome) -> str:
    if outcome.hung:
        return "it hangs"
    return outcome.error.strip().splitlines()[-1] if outcome.error else f"exit {outcome.exit}"


def _difference(held: Held, states: Sequence[Held]) -> str:
    nearest = max(states, key=lambda state: len(state.items() & held.items()))
    lost, more = nearest.items() - held.items(), held.items() - nearest.items()
    return f"lost {_named(lost)}, unexpected {_named(more)}"


def _named(items: Collection[tuple[str, str]]) -> str:
    first = [name for name, _ in sorted(items)[:3]]
    return f"{len(items)} documents ({', '.join(first)} ...)" if first else "none"
