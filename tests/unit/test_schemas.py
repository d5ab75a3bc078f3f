# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results keep to the JSON schemas that are shipped with them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse, document
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.facts import Facts, gather
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import plan_entries
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.push import push
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import (
    Table,
    alert_destination,
    system_alertemail,
    system_mail,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.runs import Run
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.sends import SendRow
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.stream import stream
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.summary import LogSummary
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.reader import read
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.conclude import Answer
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.examine import MailPath
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe.arrival import Arrival
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe.result import Probe
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.document import Document
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.run import RunDocument
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.verdict import Verdict
from ansible_collections.fortiops.mail.simulator.device.models import models
from ansible_collections.fortiops.mail.simulator.device.texts import refuse
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from .in_process import log_in, simulated

ROOT = Path(__file__).parents[2]
LOGS = sorted((ROOT / "tests" / "samples" / "logs").glob("*.log"))


def schema(name: str) -> Any:
    data = json.loads((ROOT / "plugins" / "plugin_utils" / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(data)
    return data


@pytest.mark.parametrize("model", list(models()))
def test_facts_of_every_firmware(model: str) -> None:
    state = simulated(model)
    __, inner = state.alert_event.working_copy("disk full")
    inner["alert-destination"].fill("2", {"to": "noc@example.com", "smtp-name": "relay"})
    state.alert_event.fill("disk full", {}, inner)
    state.alertemail.fill("", {"smtpserver": "old.example.com", "smtppassword": "an old secret"})
    device = log_in(state)
    entry = {"id": "relay", "server": "smtp.example.com", "auth": "enable", "passwd": "secret"}
    push(device.session, plan_entries(system_mail(), [entry], {}, device.status().firmware))
    facts = gather(device)
    Draft202012Validator(schema("facts")).validate(facts)
    assert facts["firmware"]["version_tuple"] == list(models()[model].firmware.version)
    assert facts["mail"][0]["auth_enabled"] is True
    assert facts["alert_destinations"] == [
        {"event": "disk full", "id": 2, "type": "mail", "from": "", "to": "noc@example.com", "smtp_name": "relay"}
    ]
    assert (facts["alertemail"]["smtpserver"], facts["alertemail"]["smtppassword_set"]) == ("old.example.com", True)
    assert facts["debug"] == {"level": 0, "on": False, "timestamps": False, "other_daemons": False}
    assert facts["fazmaild"]["queue_limit"] == 5000


@pytest.mark.parametrize("table", ["alert_event", "alertemail"])
def test_a_device_that_refuses_to_show_who_is_mailed_has_facts_without_it(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(entries: Any) -> list[str]:
        raise refuse("parse_error", word=table)

    state = simulated()
    monkeypatch.setattr(getattr(state, table), "show", refused)
    facts = gather(log_in(state))
    Draft202012Validator(schema("facts")).validate(facts)
    missing = {"alert_event": "alert_destinations", "alertemail": "alertemail"}[table]
    assert facts[missing] is None  # type: ignore[literal-required]
    assert list(facts["unread"]) == [missing]
    assert facts["mail"] == []


def differences(kind: Any, node: Mapping[str, Any], root: Mapping[str, Any], where: str = "") -> Iterator[str]:
    """Yield in which fields a type and its part of a schema differ, however deep they are."""
    node = root["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node
    if get_origin(kind) in (NotRequired, Union, UnionType):
        (kind, *__) = (each for each in get_args(kind) if each is not NoneType)
    if "oneOf" in node:
        (node,) = (each for each in node["oneOf"] if each.get("type") != "null")
        yield from differences(kind, node, root, where)
    elif get_origin(kind) is list and "items" in node:
        yield from differences(get_args(kind)[0], node["items"], root, f"{where}[]")
    elif is_typeddict(kind) and "properties" in node:  # what is described in another schema has none
        fields = get_type_hints(kind, include_extras=True)
        known = node["properties"]
        yield from (f"{where}.{name} is only in one of type and schema" for name in set(fields) ^ set(known))
        required = {name for name, hint in fields.items() if get_origin(hint) is not NotRequired}
        for name in required ^ set(node["required"]):
            yield f"{where}.{name} is required only in one of type and schema"
        for name in set(fields) & set(known):
            yield from differences(fields[name], known[name], root, f"{where}.{name}")


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        (Probe, ["probe"]),
        (Arrival, ["arrival"]),
        (Facts, ["facts"]),
        (Document, ["compliance"]),
        (RunDocument, ["run"]),
        (Verdict, ["parse", "$defs", "verdict"]),
        (SendRow, ["parse", "$defs", "send"]),
        (Run, ["parse", "$defs", "run"]),
        (MailPath, ["path"]),
        (Answer, ["answer"]),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_a_type_has_the_fields_of_its_schema(typed: Any, where: list[str]) -> None:
    root = described = schema(where[0])
    for step in where[1:]:
        described = described[step]
    assert list(differences(typed, described, root)) == []


REFUSED = (
    "$ telnet mail.example.com 25\nTrying 192.0.2.25...\ntelnet: Unable to connect to remote host: Connection refused\n"
)


@pytest.mark.parametrize("arguments", [["535 5.7.8 no"], [REFUSED], ["--list"], ["--cause", "relay_denied"]])
def test_what_explain_prints(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    main(["explain", *arguments, "--format", "json"])
    parse = Resource.from_contents(schema("parse"))
    validator = Draft202012Validator(schema("explain"), registry=Registry().with_resource("parse.json", parse))
    validator.validate(json.loads(capsys.readouterr().out))


def named(table: Table) -> set[str]:
    return {f"{option.python_name}_set" if option.secret else option.python_name for option in table.options}


def test_every_option_of_the_tables_has_a_place_in_the_schema() -> None:
    facts = schema("facts")
    assert set(facts["$defs"]["entry"]["properties"]) == {"id", "auth_enabled"} | named(system_mail())
    assert set(facts["$defs"]["alert_destination"]["properties"]) == {"event", "id"} | named(alert_destination())
    assert set(facts["properties"]["alertemail"]["properties"]) == named(system_alertemail())


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.stem)
def test_the_analysis_of_every_sample_log(log: Path) -> None:
    result = document([analyse(log.read_text(encoding="utf-8"), str(log))])
    Draft202012Validator(schema("parse")).validate(result)


def test_the_sums_of_the_sample_logs() -> None:
    total = LogSummary()
    for log in LOGS:
        for item in stream(read(io.BytesIO(log.read_bytes()))):
            total.add(item)

    sums = total.as_dict()
    Draft202012Validator(schema("summary")).validate(sums)
    assert (
        sums["sends"]
        == sum(sums["verdicts"].values())
        == sum(number for row in sums["hours"] for name, number in row.items() if name != "hour")
    )


def test_a_wrong_document_does_not_pass() -> None:
    result = document([analyse("sendmail_task:1: mail failed: 535 5.7.8 no\n")])
    result["files"][0]["verdicts"][0]["outcome"] = "fine"
    assert list(Draft202012Validator(schema("parse")).iter_errors(result))
