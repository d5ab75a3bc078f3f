# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a playbook gives to a filter or test, it gets an answer, or one error that says what was expected, what came and what to do."""

from __future__ import annotations

import copy
import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from hypothesis import given, settings
from hypothesis import strategies as st

PLUGINS = Path(__file__).parents[3] / "plugins"
LOG = "smtp:1: >>> AUTH PLAIN AGEAYg==\nsmtp:1: <<< 535 5.7.8 Error: authentication failed\n"
VERDICT = analyse(LOG)["verdicts"][0]
ENTRY = {"id": "relay", "server": "mail.example.com", "port": 587, "secure_option": "starttls", "auth": "disable"}
EVENT = {
    "event": "disk",
    "destinations": [{"id": 1, "type": "mail", "from": "a@example.com", "to": "b@example.com", "smtp_name": "relay"}],
}
PORT = {"port": 587, "outcome": "ok", "stage": "accepted", "cause": "", "security": "starttls", "limits": []}
FINDING = {
    **dict.fromkeys(("cause", "stage", "owner", "explanation"), ""),
    **{"finding": "no_dns_server", "severity": "failure", "temporary": None, "remedy": [], "evidence": []},
}
DEVICE = {"family": "FortiAnalyzer", "version": "7.4.2"}
# One right use of each: its input and the other arguments.
RIGHT: dict[str, tuple[Any, dict[str, Any]]] = {
    "answers_report": ([{"device": "faz", "server": "m:25", "answer": {**VERDICT, "contradictions": []}}], {}),
    "compare_views": (
        {"verdict": VERDICT},
        {"probe": {"host": "m", "ports": [{**PORT, "auth": {"login": {"accepted": True}}}]}, "port": 587},
    ),
    "delivered": ({"verdict": VERDICT}, {}),
    "file_name": ("faz", {}),
    "host_variables": (
        {"gathered": {"mail_servers": [ENTRY], "alert_events": [EVENT]}, "device": DEVICE, "unread": {}},
        {"name": "faz"},
    ),
    "host_vars_file": ("faz", {"directory": "host_vars"}),
    "mail_answer": (
        {"entries": [ENTRY]},
        {
            "id": "relay",
            "path": {"path": {"verdict": VERDICT, "findings": [FINDING]}},
            "test": {"verdict": VERDICT},
            "comparison": {"scope": "works", "explanation": "", "next": [""], "owner": ""},
            "arrival": {"arrived": True, "delay": 1.5, "hops": [{"tls": True}], "waited": 1},
        },
    ),
    "mail_findings": (
        {"entries": [ENTRY], "device": DEVICE},
        {
            "rules": [{"id": "FMAIL-001", "severity": "low"}],
            "waivers": [{"rule": "FMAIL-001", "device": "*", "reason": "r", "by": "b", "until": "2099-01-01"}],
            "approved_relays": ["mail.example.com"],
        },
    ),
    "move_destinations": ([EVENT], {"old": "relay", "new": "other"}),
    "parse_log": (LOG, {}),
    "parse_show": ('config system mail\n    edit "relay"\n        set server "m"\n    next\nend\n', {}),
    "records": ('config system mail\n    edit "relay"\n    next\nend\n', {"template": "show_system_mail"}),
    "render_mail": ([ENTRY], {"firmware": "FortiAnalyzer 7.4.2"}),
    "rollout_report": ({"faz": {"state": "proved", "reason": "", "next": ""}}, {}),
    "verdict_table": ([{"device": "faz", "outcome": "accepted"}], {}),
}
NEITHER = [None, True, [None], [[]], ["relay"], {"changed": False}, b"bytes"]
# What tasks register that did not do their work, with what the error has to say of each.
ENDED = {
    "ask `is not failed` first": {"failed": True, "msg": "the password is wrong"},
    "ask `is not skipped` first": {"changed": False, "skipped": True, "skip_reason": "Conditional result was False"},
    "ask `is not unreachable` first": {"unreachable": True, "msg": "nothing answers", "changed": False},
    "give each of its `results`": {"results": [{"failed": True}], "changed": False},
}
# These take the results of tasks that did not do their work, and say so.
TAKES_ANY_RESULT = ("mail_answer",)
TAKES_A_TEXT = ("file_name", "host_vars_file", "parse_log", "parse_show", "records")


def playbook_functions() -> dict[str, Callable[..., Any]]:
    found: dict[str, Callable[..., Any]] = {}
    for kind, maker in (("filter", "FilterModule"), ("test", "TestModule")):
        for file in (PLUGINS / kind).glob("*.py"):
            plugin = importlib.import_module(f"ansible_collections.fortiops.mail.plugins.{kind}.{file.stem}")
            found |= getattr(getattr(plugin, maker)(), f"{kind}s")()
    return found


FUNCTIONS = playbook_functions()


def message_of(name: str, value: Any, arguments: dict[str, Any]) -> str | None:
    """The message of the error, or None for an answer. Any other exception ends the test."""
    try:
        FUNCTIONS[name](value, **arguments)
    except AnsibleFilterError as error:
        assert str(error).startswith(f"fortiops.mail.{name}"), str(error)
        return str(error)
    return None


def test_there_is_a_right_use_of_each() -> None:
    assert RIGHT.keys() == FUNCTIONS.keys()
    assert [name for name, (value, arguments) in RIGHT.items() if message_of(name, value, arguments)] == []


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@pytest.mark.parametrize("wrong", NEITHER, ids=repr)
def test_what_is_something_else_is_refused(name: str, wrong: Any) -> None:
    message = message_of(name, wrong, RIGHT[name][1])

    assert message is not None and " takes " in message and ("; this is " in message or "; one of" in message)


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - {*TAKES_ANY_RESULT, "rollout_report"}))
@pytest.mark.parametrize("advice", ENDED)
def test_a_result_of_a_task_that_did_not_do_its_work_is_refused_with_what_to_ask_before(name: str, advice: str) -> None:
    message = message_of(name, ENDED[advice], RIGHT[name][1])

    assert message is not None and " takes " in message
    assert advice in message and str(ENDED[advice].get("msg", "")) in message
    if name not in TAKES_A_TEXT:
        rows = message_of(name, [ENDED[advice]], RIGHT[name][1])
        assert rows is not None and " takes " in rows


@pytest.mark.parametrize("name", TAKES_A_TEXT[2:])
def test_a_result_of_a_command_is_refused_with_the_name_of_its_text(name: str) -> None:
    assert "give its `stdout`" in str(message_of(name, {"stdout": "text", "stdout_lines": ["text"]}, RIGHT[name][1]))


@pytest.mark.parametrize("name", ["compare_views", "host_variables", "mail_answer", "move_destinations", "render_mail"])
def test_an_argument_that_is_missing_or_unknown_is_named(name: str) -> None:
    value, arguments = RIGHT[name]

    assert "missing a required argument" in str(message_of(name, value, {}))
    assert "'colour'" in str(message_of(name, value, {**arguments, "colour": 1}))


def test_an_error_does_not_repeat_a_text_that_may_be_a_secret() -> None:
    assert not any("hunter2" in str(message_of(name, ["hunter2"], RIGHT[name][1])) for name in FUNCTIONS)
    assert not any("hunter2" in str(message_of(name, {"passwd": "hunter2"}, RIGHT[name][1])) for name in FUNCTIONS)


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield way
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from places(inner, (*way, key))


ABSENT = object()
SCALARS = st.none() | st.booleans() | st.integers(-1, 70_000) | st.text(max_size=4) | st.floats()
WRONG = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
)


@settings(max_examples=600, deadline=None)
@given(data=st.data())
def test_a_value_that_is_wrong_anywhere_is_answered_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(FUNCTIONS)))
    value, arguments = copy.deepcopy(RIGHT[name])
    whole: dict[str, Any] = {"": value, **arguments}
    way = data.draw(st.sampled_from([way for way in places(whole) if way]))
    *above, last = way
    around: Any = whole
    for key in above:
        around = around[key]
    wrong = data.draw(st.just(ABSENT) | WRONG | st.sampled_from([*NEITHER, *ENDED.values()]))
    if wrong is not ABSENT or len(way) == 1:
        around[last] = None if wrong is ABSENT else wrong
    else:
        del around[last]

    message_of(name, whole.pop(""), whole)


def test_a_device_whose_rollout_was_skipped_was_not_visited() -> None:
    report = FUNCTIONS["rollout_report"](
        {"faz": {"changed": False, "skipped": True}, "fmg": {"failed": True, "msg": "no"}}
    )

    assert report.startswith("2 devices: 1 refused, 1 not visited")
