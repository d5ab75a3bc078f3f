# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An accepted mail is waited for in the mailbox of its recipient, and one that never comes there is a failure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import ENTRY, MAIL_PASSWORD
from .mailbox import PASSWORD, mailbox
from .test_roles import role

RELAY = {
    "server": "mail.example.com", "port": 587, "secure-option": "starttls", "auth": "enable", "user": "alerts",
    "passwd": MAIL_PASSWORD,
}  # fmt: skip
MAIL = {"mail_from": "faz@example.com", "mail_to": "noc@example.com"}


@pytest.fixture
def fleet(start: Any) -> Any:
    return start({"name": "faz", "mail": {"relay": RELAY}})


@pytest.fixture
def imap(fleet: Any, tmp_path: Path) -> Iterator[dict[str, Any]]:
    folder = tmp_path / "certificates"
    folder.mkdir()
    with mailbox(fleet.mail_servers["mail.example.com:587"], folder) as account:
        yield account


def verified(imap: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    mail = {f"verify_{name}": value for name, value in MAIL.items()}
    return role("verify", verify_mail_server="relay", verify_imap=imap, verify_arrival_wait=1, **mail, **more)


def test_the_role_finds_the_mail_where_it_has_to_arrive(
    fleet: Any, imap: dict[str, Any], playbook: Callable[..., Any]
) -> None:
    run = playbook(verified(imap), fleet)

    assert run.status == 0, run.output
    (arrived,) = run.of("faz", "Wait for the mail where it has to arrive")
    assert (arrived["arrived"], arrived["found_by"]) == (True, "queue_id")
    assert [(hop["receiver"], hop["tls"]) for hop in arrived["hops"]] == [("mail.example.com", True)]
    assert PASSWORD not in run.output


def test_the_role_fails_where_an_accepted_mail_does_not_arrive(
    fleet: Any, imap: dict[str, Any], playbook: Callable[..., Any]
) -> None:
    elsewhere = {**imap, "mailbox": "Elsewhere"}
    run = playbook(verified(elsewhere), fleet)

    assert run.status == 2, run.output
    (said,) = run.of("faz", "The mail has arrived")
    assert said["msg"].startswith(
        "The mail through relay was accepted and is not in the mailbox of noc@example.com after "
    )

    run = playbook(verified(elsewhere, verify_assert=False), fleet)
    assert run.status == 0, run.output
    assert run.of("faz", "Wait for the mail where it has to arrive")[0]["arrived"] is False


def test_a_mailbox_that_cannot_be_read_is_no_mail_that_did_not_arrive(
    fleet: Any, imap: dict[str, Any], playbook: Callable[..., Any]
) -> None:
    run = playbook(verified({**imap, "passwd": "another-password-for-tests"}), fleet)

    assert run.status == 2, run.output
    (said,) = run.of("faz", "Wait for the mail where it has to arrive")
    assert said["cause"] == "mailbox_login_refused"
    assert "arrived" not in said
    assert "another-password-for-tests" not in run.output


@pytest.mark.parametrize(("box", "status"), [("INBOX", 0), ("Elsewhere", 2)])
def test_the_playbook_waits_for_the_mail_of_each_entry(
    box: str, status: int, fleet: Any, imap: dict[str, Any], playbook: Callable[..., Any]
) -> None:
    given = {**MAIL, "imap": {**imap, "mailbox": box}, "arrival_wait": 1, "mail_servers": [ENTRY], "target": "all"}
    run = playbook("fortiops.mail.verify", fleet, "-e", json.dumps(given))

    assert run.status == status, run.output
    (waited,) = run.of("faz", "Wait for the mails where they have to arrive")
    assert [each["arrived"] for each in waited["results"]] == [status == 0]
    missing = "The mail through relay was accepted and is not in the mailbox of noc@example.com after "
    assert (missing in str(run.of("faz", "Report mails that have not arrived"))) is (status == 2)
