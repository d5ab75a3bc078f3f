# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module mail_arrival finds the test mail of a device behind Postfix, in a mailbox of Dovecot."""

from __future__ import annotations

import imaplib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe.arrival import Wanted
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe.mailbox import Account, MailboxError, wait_for
from ansible_collections.fortiops.mail.simulator.running import running
from ansible_collections.fortiops.mail.simulator.specification.fleet import read_fleet
from ansible_collections.fortiops.mail.tests.integration.conftest import play, task

from .packages import unpacked
from .real_servers import PASSWORD, USER, real_servers

READER = "reader@test.example"
ENTRY = {
    "server": "mx.postfix.example", "port": "587", "secure-option": "starttls", "auth": "enable", "user": USER,
    "passwd": PASSWORD,
}  # fmt: skip


def at_the_last_stage(playbook: Callable[..., Any], fleet: Any, account: dict[str, Any]) -> dict[str, tuple[int, Any]]:
    """How verify and troubleshoot end where the mail arrives, and where it is looked for in another mailbox."""
    mail = {"mail_server": "relay", "mail_from": "faz@test.example", "mail_to": READER, "target": "all", "probe": False}

    def ran(name: str, task: str, imap: dict[str, Any], field: str) -> tuple[int, Any]:
        run = playbook(f"fortiops.mail.{name}", fleet, "-e", json.dumps({**mail, "imap": imap, "arrival_wait": 2}))
        (result,) = run.of("faz", task)
        result = result.get("results", [result])[0]
        return run.status, result.get("ansible_facts", {}).get("troubleshoot_result", result)[field]

    elsewhere = {**account, "mailbox": "Elsewhere"}
    with imaplib.IMAP4_SSL(account["host"], account["port"]) as mailbox:
        mailbox.login(account["user"], account["passwd"])
        mailbox.create("Elsewhere")
    role = {"role": "fortiops.mail.verify", "verify_imap": account, "verify_mail_server": "relay"}
    role |= {"verify_mail_from": "faz@test.example", "verify_mail_to": READER}
    by_role = playbook([{"hosts": "all", "gather_facts": False, "roles": [role]}], fleet)
    arrived = by_role.of("faz", "Wait for the mail where it has to arrive")[0]["arrived"]
    waits = "Wait for the mails where they have to arrive"
    return {
        "verify": ran("verify", waits, account, "arrived"),
        "verify, elsewhere": ran("verify", waits, elsewhere, "arrived"),
        "role": (by_role.status, arrived),
        "troubleshoot": ran("troubleshoot", "Conclude", account, "stage"),
        "troubleshoot, elsewhere": ran("troubleshoot", "Conclude", elsewhere, "cause"),
    }


@pytest.mark.root
def test_a_mail_arrives(playbook: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    with real_servers(unpacked()) as servers:
        host, __, port = servers.places["dovecot/imaps"].rpartition(":")
        account = {"host": host, "port": int(port), "user": "reader", "passwd": PASSWORD, "validate_certs": False}
        device = {
            "name": "faz",
            "mail": {"relay": ENTRY},
            "hosts": {"mx.postfix.example:587": servers.places["postfix/submission"]},
        }
        with running(read_fleet({"devices": [device]})) as fleet:
            mail = {"to": READER, "reply": "{{ sent.verdict.reply.text }}"}
            tasks = play(
                {**task("mail_test", id="relay", mail_from="faz@test.example", mail_to=READER), "register": "sent"},
                task("mail_arrival", "arrived", imap=account, **mail, wait=20, interval=0.2),
                task("mail_arrival", "another", imap=account, to=READER, sender="other@test.example", wait=0.1),
                {**task("mail_arrival", "refused", imap={**account, "passwd": "wrong"}, **mail), "ignore_errors": True},
            )
            run = playbook(tasks, fleet)
            stages = at_the_last_stage(playbook, fleet, account)
        assert stages == {
            "verify": (0, True),
            "verify, elsewhere": (2, False),
            "role": (0, True),
            "troubleshoot": (0, "arrived"),
            "troubleshoot, elsewhere": (2, "not_arrived"),
        }
        assert run.status == 0, run.output
        (arrived,) = run.of("faz", "arrived")
        assert (arrived["arrived"], arrived["found_by"]) == (True, "queue_id")
        assert arrived["delay"] < 20
        (hop,) = arrived["hops"]
        assert (hop["receiver"], hop["protocol"], hop["tls"]) == ("mx.postfix.example", "ESMTPSA", True)
        assert hop["tls_version"] in ("tlsv1.2", "tlsv1.3")
        assert run.of("faz", "another")[0]["arrived"] is False
        (refused,) = run.of("faz", "refused")
        assert refused["cause"] == "mailbox_login_refused"
        assert PASSWORD not in run.output

        # The certificate is for another name than this address, and for the right name it is good.
        strict = {**account, "validate_certs": True, "ca_file": str(servers.certificates / "trusted.pem")}
        wanted = Wanted(READER, datetime.now(UTC) - timedelta(minutes=10), sender="faz@test.example")
        with pytest.raises(MailboxError) as failure:
            wait_for(wanted, Account(**strict), 1, 0.2)
        assert failure.value.cause == "tls_cert_rejected"
        connect = imaplib.socket.create_connection  # type: ignore[attr-defined]
        monkeypatch.setattr("socket.create_connection", lambda address, *rest: connect((host, address[1]), *rest))
        named = {**strict, "host": "imap.postfix.example"}
        assert wait_for(wanted, Account(**named), 1, 0.2)["found_by"] == "sender"
        plain = {**named, "port": int(servers.places["dovecot/imap"].rpartition(":")[2]), "security": "starttls"}
        assert wait_for(wanted, Account(**plain), 1, 0.2)["arrived"]
