# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that between them make each module type every command it has."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.fortiops.mail.plugins.action._task import argument_spec
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.commands import commands
from ansible_collections.fortiops.mail.plugins.plugin_utils.errors import FazmailError
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import Context, TaskResult, run
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Session
from ansible_collections.fortiops.mail.simulator.cli.engine import Screen
from ansible_collections.fortiops.mail.simulator.device.state import Device as SimulatedDevice

from ..in_process import EngineTransport, context_of, session_on, simulated

_JOBS = "ansible_collections.fortiops.mail.plugins.plugin_utils.jobs"
# The modules that work on a device, as the list of commands has them.
MODULES = sorted({module for command in commands() for module in command.modules})

_SETUP = (
    "config system mail",
    'edit "relay"',
    'set server "mail.example.com"',
    "set port 587",
    "next",
    'edit "spare"',
    'set server "spare.example.com"',
    "end",
    "config system alert-event",
    'edit "disk full"',
    "config alert-destination",
    "edit 1",
    "set type mail",
    'set to "noc@example.com"',
    'set smtp-name "relay"',
    "end",
    "end",
)
_NO_INFO = {"diagnose debug info": "No permission to 'diagnose debug.info'"}
_NO_FAZ = ("config system global", "set faz-status disable", "end")
_MOVE = {"config": [{"id": "relay", "port": 588}], "wait": 1, "quiet": 1}
_NOC = {
    "event": "disk full",
    "num_events": "5",
    "destinations": [{"id": 1, "to": "night@example.com", "smtp_name": "relay"}],
}


@dataclass(frozen=True, eq=False)
class Case:
    """A task: module, options, what is typed on the device before it, and what the device answers instead of acting.

    disturbed: whether it is tried with other answers to each of its lines. ha: the role in a cluster.
    """

    module: str
    options: Mapping[str, Any] = field(default_factory=dict)
    before: Sequence[str] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    disturbed: bool = True
    model: str = "faz-7.4.2"
    ha: str = ""

    def __str__(self) -> str:
        words = [self.module, *(f"{name}={value}" for name, value in self.options.items() if name != "config")]
        words += [each for each in (self.model if self.model != "faz-7.4.2" else "", self.ha) if each]
        return " ".join([*words, *(line for line in self.before if line.startswith("diagnose"))])


CASES = (
    Case("faz_command", {"commands": ["get system status"]}),
    Case(
        "faz_command", {"commands": ["config system mail", "end"], "allow_write": True}, ha="primary", disturbed=False
    ),
    Case("faz_facts"),
    Case("faz_facts", answers=_NO_INFO),
    Case("fazmaild"),
    Case("faz_facts", ha="secondary"),
    Case("fazmaild", before=_NO_FAZ, model="fmg-7.6.7"),
    Case("fazmaild", {"state": "paused"}),
    Case("fazmaild", {"state": "running"}, ["diagnose test application fazmaild 90"]),
    Case("fazmaild", {"state": "restarted"}),
    Case("fazmaild_debug", {"seconds": 1}),
    Case(
        "fazmaild_debug", {"seconds": 1}, ["diagnose debug application fazmaild 3", "diagnose debug timestamp enable"]
    ),
    Case("fazmaild_debug", {"seconds": 1}, ["diagnose debug application fazmaild 3"]),
    Case("fazmaild_debug", {"seconds": 1}, answers=_NO_INFO),
    Case("mail_test", {"id": "relay"}),
    Case("mail_test", {"id": "relay"}, answers=_NO_INFO),
    Case("mail_test", {"id": "relay"}, ["diagnose debug application fazmaild 3"]),
    Case("mail_test", {"id": "relay", "debug": False}),
    Case("mail_path", {"id": "relay", "traceroute": True}),
    Case("mail_path", {"host": "2001:db8::25", "traceroute": True}),
    Case("system_mail", {"config": [{"id": "relay", "server": "new.example.com"}]}),
    Case("system_mail", {"config": [{"id": "new", "server": "new.example.com", "passwd": "new secret"}]}),
    Case("system_mail", {"config": [{"id": "spare"}], "state": "deleted"}),
    Case("system_mail", {"config": [{"id": "relay", "server": "new.example.com"}]}, ha="primary"),
    Case("mail_path", {"id": "relay"}, model="faz-8.0.0"),
    Case("mail_test", {"id": "relay"}, before=_NO_FAZ, model="fmg-7.6.7", disturbed=False),
    Case("mail_rollout", _MOVE, before=_NO_FAZ, model="fmg-7.6.7", ha="primary", disturbed=False),
    Case("system_alert_event_mail", {"config": [_NOC]}, ha="primary"),
    # The destination is moved before the entry is deleted that it names.
    Case(
        "system_mail",
        {
            "config": [{"id": "relay"}],
            "state": "deleted",
            "alert_events": [{"event": "disk full", "destinations": [{"id": 1, "smtp_name": "spare"}]}],
        },
    ),
    Case("mail_rollout", _MOVE | {"debug": False}),
    Case("mail_rollout", {"config": [], "alert_events": [_NOC], "debug": False}),
    Case("mail_rollout", {"config": [{"id": "relay"}], "state": "overridden", "debug": False}),
    # What the test of a mail makes of other answers is seen above.
    Case("mail_rollout", _MOVE, disturbed=False),
    Case("mail_rollout", _MOVE, answers=_NO_INFO, disturbed=False),
    Case("mail_rollout", _MOVE, ["diagnose debug application fazmaild 3"], disturbed=False),
    Case("system_mail", {"state": "gathered"}),
    Case("system_mail_info"),
    Case("system_alert_event_mail", {"config": [_NOC]}),
    Case(
        "system_alert_event_mail",
        {"config": [{"event": "disk full", "destinations": [{"id": 1}]}], "state": "deleted"},
    ),
    Case("system_alert_event_mail_info"),
)
DISTURBED = [case for case in CASES if case.disturbed]


def prepared(case: Case, more: Sequence[str] = ()) -> SimulatedDevice:
    """A device with two mail servers and a destination, after more lines and what the case wants before."""
    state = _typed(case.model, (*_SETUP, *more, *case.before))
    # The schemas of the tables never change, and are much of a device.
    shared = [state.model, *(each for table in state.tables for each in (table.schema, *table._options.values()))]
    copied = deepcopy(state, {id(each): each for each in shared})
    copied.ha = case.ha
    return copied


@cache
def _typed(model: str, lines: tuple[str, ...]) -> SimulatedDevice:
    """A device on which some lines were typed, to be copied: thousands of tests want the same few."""
    state = simulated(model)
    with session_on(state) as session:
        for line in lines:
            session.run(line)
    return state


def options_of(case: Case) -> dict[str, Any]:
    """The options of a task with their defaults, as an action has them."""
    validated = ArgumentSpecValidator(argument_spec(case.module)).validate(dict(case.options))
    assert not validated.error_messages
    options: dict[str, Any] = validated.validated_parameters
    return options


@dataclass
class Run:
    """What a task returned or failed with, and typed, whichever session it was in."""

    typed: list[str]
    context: Context
    result: TaskResult = field(default_factory=dict)
    error: FazmailError | None = None


def do(case: Case, state: SimulatedDevice, directory: Path, **transport: Any) -> Run:
    """Do a task on a simulated device. transport: options of EngineTransport."""
    made: list[EngineTransport] = []

    def open_session() -> Session:
        session = session_on(state, **{"screen": Screen(answers=case.answers), **transport})
        assert isinstance(session.transport, EngineTransport)
        session.host_key = "SHA256:of-the-simulated-device"
        made.append(session.transport)
        return session

    context = context_of(open_session, directory)
    job = importlib.import_module(f"{_JOBS}.{case.module}").work
    done = Run([], context)
    try:
        done.result = run(job, options_of(case), context)
    except FazmailError as error:
        done.error = error
    done.typed = [line for each in made for line in each.lines if line]
    return done
