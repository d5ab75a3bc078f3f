# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What filters and tests take: a playbook may give them anything, also the result of a task that did nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from inspect import signature
from typing import Any, TypeVar

from .errors import FazmailError

_Function = TypeVar("_Function", bound=Callable[..., Any])
_SHOWN_KEYS = 6
# What a result says of a task that did not do its work, in the order in which it is looked for.
_ENDS = {
    "unreachable": "the device was unreachable",
    "failed": "the task failed",
    "skipped": "the task was skipped, as it may be in check mode",
}


class WrongShape(Exception):
    """A playbook gave what cannot be taken. Whoever knows what is expected writes the message."""

    def __init__(self, value: Any, detail: str = "") -> None:
        super().__init__(detail)
        self.value = value
        self.detail = detail


def takes(expected: str, error: type[Exception]) -> Callable[[_Function], _Function]:
    """Return a decorator of a function for playbooks, all of whose errors become this one with the name of the function.

    expected: what the function takes, and where that comes from. A value of another shape is refused with what it is and what to
    do, wherever in the function that is noticed.
    """

    def decorate(function: _Function) -> _Function:
        name = f"fortiops.mail.{function.__name__}"
        parameters = signature(function)

        @wraps(function)
        def answer(value: Any, *args: Any, **options: Any) -> Any:
            try:
                parameters.bind(value, *args, **options)
            except TypeError as unbound:
                raise error(f"{name}: {unbound}; it takes {', '.join(parameters.parameters)}") from unbound
            try:
                return function(value, *args, **options)
            except WrongShape as wrong:
                raise error(f"{name} takes {expected}; {_refused(wrong.value, wrong.detail)}") from None
            except (FazmailError, FileNotFoundError, ValueError) as refused:
                raise error(f"{name}: {refused}") from refused
            except (AttributeError, IndexError, KeyError, TypeError) as broken:
                detail = (
                    f"without {broken}" if isinstance(broken, KeyError) else f"with something else in it ({broken})"
                )
                said = f"one of the values is {detail}" if args or options else _refused(value, detail)
                raise error(f"{name} takes {expected}; {said}") from broken

        return answer  # type: ignore[return-value]

    return decorate


def text(value: Any) -> str:
    """Return a text as it is. Raises WrongShape for anything else."""
    if not isinstance(value, str):
        raise WrongShape(value)
    return str(value)


def mapping(value: Any, *keys: str) -> Mapping[str, Any]:
    """Return a dictionary that has these keys. Raises WrongShape for anything else."""
    if not isinstance(value, Mapping):
        raise WrongShape(value)
    if missing := [key for key in keys if key not in value]:
        raise WrongShape(value, f"without {' and '.join(missing)}")
    return value


def mappings(value: Any, *keys: str) -> list[Mapping[str, Any]]:
    """Return a list of dictionaries that have these keys, from a list or what makes one such as `map`. Raises WrongShape."""
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise WrongShape(value)
    return [mapping(row, *keys) for row in value]


def task_end(result: Mapping[str, Any]) -> str:
    """Return how the task of a result ended that did not do its work: `unreachable`, `failed` or `skipped`; "" for others."""
    return next((end for end in _ENDS if result.get(end)), "")


def _refused(value: Any, detail: str) -> str:
    """Return what a value is instead, and what to do."""
    if isinstance(value, Mapping):
        if end := task_end(value):
            said = f" ({value['msg']})" if value.get("msg") else ""
            return f"{_ENDS[end]}{said}, so its result has nothing of that; ask `is not {end}` first"
        if isinstance(value.get("results"), list):
            return "this is the result of a loop; give each of its `results`"
        if isinstance(value.get("stdout"), (str, list)):
            return "this is the result of a command; give its `stdout`"
    return f"this is {_kind(value)}{f', {detail}' if detail else ''}"


def _kind(value: Any) -> str:
    """Return what a value is, without its content, which may be a secret."""
    if isinstance(value, Mapping):
        names = [str(key) for key in value]
        return (
            f"a dictionary of {', '.join(names[:_SHOWN_KEYS])}{', ...' * (len(names) > _SHOWN_KEYS)}"
            if names
            else "an empty dictionary"
        )
    if isinstance(value, (str, bytes)):
        return f"a text of {len(value)} characters" if value else "an empty text"
    if isinstance(value, Iterable):
        return "a list"
    return "null" if value is None else f"of type {type(value).__name__}"
