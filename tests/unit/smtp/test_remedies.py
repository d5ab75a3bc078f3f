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


TEST = "FAZ # diagnose test connection mailserver relay a@example.com b@example.com\n"
PEERS = [
    "connect to {host}[192.0.2.1]:{port}: Connection timed out",
    "Failed to connect to {host} port {port} after 30001 ms: Timeout was reached",
    "dial tcp {host}:{port}: i/o timeout",
    "connecting to {host} (192.0.2.1) port {port}\nConnection timed out",
    "Trying {host}:{port}...\nConnection timed out",
]


@pytest.mark.parametrize("said", PEERS)
@pytest.mark.parametrize("host", ["relay.example.com", "192.0.2.25", "[2001:db8::25]"])
def test_the_server_that_the_client_names_is_the_one_to_watch(said: str, host: str) -> None:
    verdict = analyse(f"{TEST}{said.format(host=host, port=587)}")["verdicts"][-1]

    assert verdict["cause"] == "connect_timeout"
    assert f"'host {host.strip('[]')} and port 587'" in verdict["remedy"][0]["cli"]


@pytest.mark.parametrize(
    "said",
    [
        "Connection timed out",
        "connecting to relay;reboot:587\nConnection timed out",
        "connecting to relay.example.com:70000\nConnection timed out",
        "connect() failed in /srv/mail.php:587: Connection timed out",
    ],
)
def test_a_server_that_nobody_names_stays_a_word_to_be_replaced(said: str) -> None:
    verdict = analyse(f"{TEST}{said}")["verdicts"][-1]

    assert "'host <server> and port <port>'" in verdict["remedy"][0]["cli"]


@pytest.mark.parametrize(("option", "port"), [("        set port 465\n", 465), ("", 25)])  # 25 is not shown
def test_the_entry_counts_for_more_than_what_the_client_names(option: str, port: int) -> None:
    entry = f'    edit "relay"\n        set server "mail.example.com"\n{option}    next\n'
    shown = f"FAZ # show system mail\nconfig system mail\n{entry}end\n"
    verdict = analyse(f"{shown}{TEST}connect to 192.0.2.1:25: Connection timed out\n")["verdicts"][-1]

    assert f"'host mail.example.com and port {port}'" in verdict["remedy"][0]["cli"]
