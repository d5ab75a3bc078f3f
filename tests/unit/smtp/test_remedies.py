# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a remedy says can be done: a device takes its command lines, and Ansible its task."""

from __future__ import annotations

import re
from random import Random

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.fortiops.mail.plugins.action._task import argument_spec
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.explanation import cli_lines
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.knowledge import causes
from ansible_collections.fortiops.mail.simulator.cli.engine import Begin, Engine, Write
from ansible_collections.fortiops.mail.simulator.device.models import models
from ansible_collections.fortiops.mail.simulator.device.state import Device, Session

REMEDIES = [(cause.name, remedy) for cause in causes().values() for remedy in cause.remedy]
WITH_CLI = [pytest.param(each["cli"], id=f"{name}: {each['cli'][:60]}") for name, each in REMEDIES if each["cli"]]
WITH_TASK = [pytest.param(each["task"], id=f"{name}: {each['task'][:60]}") for name, each in REMEDIES if each["task"]]

# What an administrator would put in place of the words in angle brackets.
VALUES = {
    "id": "1",
    "port": "587",
    "number": "1",
    "interface": "port1",
    "name": "disk",
    "address": "ops@example.com",
    "user-address": "alerts@example.com",
    "url": "https://login.example.com/token",
    "certificate": "Fortinet_Local",
    "dns-server": "127.0.0.53",
    "gateway": "127.0.0.1",
}
REFUSED = re.compile(
    r"^(?:Unknown action|command parse error|value parse error|object check|.*Return code|.*fail!)", re.M | re.I
)


def filled_in(text: str) -> str:
    text = re.sub(r"set (primary|secondary) <address>", r"set \1 127.0.0.53", text)
    return re.sub(r"<([\w-]+)>", lambda word: VALUES.get(word[1], "mail.example.com"), text)


@pytest.mark.parametrize("cli", WITH_CLI)
@pytest.mark.parametrize("model", ["fmg-7.6.7"])
def test_the_device_takes_the_lines(cli: str, model: str) -> None:
    device = Device("device", "FAZ", models()[model], "SERIAL", 0, clock=lambda: 1.7e9, random=Random(7))
    engine = Engine(device, Session(1), None, lambda prompt, line: None)
    engine.start()
    for line in (line.strip() for line in cli_lines(filled_in(cli))):
        effects = engine.feed(f"{line}\n".encode())
        shown = "".join(each.data.decode() for each in effects if isinstance(each, Write))
        assert not REFUSED.search(shown), f"{line}: {shown}"
        if any(isinstance(each, Begin) for each in effects):
            engine.feed(b"\x03")
    assert "(" not in engine.prompt, "the remedy ends inside a table"


@pytest.mark.parametrize("task", WITH_TASK)
def test_ansible_takes_the_task(task: str) -> None:
    ((name, arguments),) = yaml.safe_load(filled_in(task)).items()
    found = ArgumentSpecValidator(argument_spec(name.rpartition(".")[2])).validate(arguments)

    assert not found.error_messages


def test_an_accepted_mail_is_asked_for_by_what_the_server_called_it() -> None:
    verdict = analyse("> DATA\n< 354 go ahead\n> .\n< 250 2.0.0 Ok: queued as 4F1B22A0C1\n")["verdicts"][-1]

    assert verdict["outcome"] == "accepted"
    assert verdict["remedy"][0]["advice"].endswith("250 2.0.0 Ok: queued as 4F1B22A0C1")
