# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Row 26 of the fault matrix: a canary password is in no output at `-vvvv`, whatever happens to it.

The tests of the other rows look for their secrets, too; these put them where they are written in every form.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.formats import FORMATS
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.connect import Target

from .canaries import CANARY, leaks, processes, written
from .conftest import ENTRY, play, task
from .processes import children, wait_for
from .sessions import closed_on_device

DEVICE_CANARY = "Device-Canary-91c4"
RELAY_TOKEN = "Token-Canary-5d02"
NUL = "\0"
INPUTS = ("playbook.yml", "inventory.yml")


def test_row_26_no_output_holds_a_secret(
    start: Any, playbook: Callable[..., Any], tmp_path: Path, state_dir: Path
) -> None:
    dialects = ["function", "curl", "bracket", "terse"]
    healthy = [
        {"name": name, "dialect": name, "password": DEVICE_CANARY, "debug_secrets": "clear"} for name in dialects
    ]
    faults: dict[str, dict[str, Any]] = {
        "refused": {"refuse": "set passwd"},
        "swallowed": {"swallow": "set passwd"},
        "cut": {"disconnect_after": "set passwd"},
        "cut-later": {"disconnect_after_bytes": 1500},
        "torn": {"segment": 1},
        "wrapped": {"wrap": True, "look_alikes": True},
        "masked": {"mask_passwords": True},
    }
    broken = [{"name": name, "password": DEVICE_CANARY, "faults": fault} for name, fault in faults.items()]
    wrong = {"name": "wrong-login", "password": "another", "vars": {"ansible_password": DEVICE_CANARY}}
    fleet = start(*healthy, *broken, wrong)
    captures = tmp_path / "captures"
    entry = {**ENTRY, "passwd": CANARY}
    oauth2 = {"id": "token", "server": "mail.example.com", "oauth2_client_secret": RELAY_TOKEN}
    send = {"id": "relay", "mail_from": "a@example.com", "mail_to": "noc@example.com", "capture_dir": str(captures)}
    tasks = [
        task("system_mail", "configure", config=[entry]),
        task("system_mail", "again", config=[entry], update_password="always"),
        task("mail_test", **send),
        task("fazmaild_debug", seconds=1, capture_dir=str(captures)),
        task("system_mail", "too long", config=[{**entry, "passwd": CANARY * 5}]),
        task("system_mail", "question mark", config=[{**entry, "passwd": CANARY + "?"}]),
        task("system_mail", "wrong type", config=[{**entry, "port": CANARY}]),
        task("system_mail", "token", config=[oauth2]),
    ]
    run = playbook(play(*({**each, "ignore_errors": True} for each in tasks)), fleet, "-vvvv", "--diff")
    assert run.status == 0, run.output
    assert fleet.devices["function"].state.daemon.failed, "the test means to log in with the canary"
    assert run.of("refused", "configure")[0]["cause"] == "refused"
    assert run.of("swallowed", "configure")[0]["cause"] == "echo"
    assert run.of("wrong-login", "configure")[0]["cause"] == "login_refused"
    texts = [("output", run.output), *written(tmp_path, *INPUTS)]
    assert len([where for where, __ in texts if "/captures/" in where]) >= 2 * len(dialects)
    assert any("Canary" in text or "redacted" in text for __, text in texts)
    assert leaks((CANARY, DEVICE_CANARY, RELAY_TOKEN), texts) == []
    assert {file.stat().st_mode & 0o077 for file in captures.iterdir()} == {0}
    assert closed_on_device(fleet)


def test_row_26_no_process_shows_a_secret_or_dumps_its_memory(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz", "password": DEVICE_CANARY})
    process = playbook(play(task("fazmaild_debug", seconds=600)), fleet, wait=False)
    try:
        wait_for(lambda: "diagnose debug enable" in fleet.devices["faz"].commands, "debug is on")
        shown = list(processes(process.pid))
        workers = [Path(f"/proc/{pid}/limits").read_text(encoding="utf-8") for pid in children(process.pid)]
    finally:
        process.terminate()
        output, __ = process.communicate(timeout=30)
    assert len(shown) >= 4
    assert leaks([DEVICE_CANARY], [*shown, ("output", output)]) == []
    cores = [line.split()[4] for limits in workers for line in limits.splitlines() if line.startswith("Max core")]
    assert "0" in cores, cores


def test_row_26_no_report_on_a_fleet_holds_a_secret(
    start: Any, playbook: Callable[..., Any], tmp_path: Path, state_dir: Path
) -> None:
    # The device repeats a secret where no secret belongs: as a user name, and in its last words to a wrong login.
    mail = {"relay": {"server": "mail.example.com", "auth": "enable", "user": DEVICE_CANARY, "passwd": CANARY}}
    old = {"smtpserver": "old.example.com", "smtpuser": "alerts", "smtppassword": CANARY}
    fleet = start(
        {"name": "faz", "password": DEVICE_CANARY, "mail": mail, "alertemail": old},
        {"name": "wrong", "password": "another", "vars": {"ansible_password": DEVICE_CANARY}},
    )
    files = {kind: str(tmp_path / f"report.{kind}") for kind in FORMATS}
    run = playbook("fortiops.mail.compliance", fleet, "-vvvv", "-e", json.dumps({"reports": files, "target": "all"}))
    assert run.status == 2, run.output
    texts = [("output", run.output), *written(tmp_path, *INPUTS)]
    assert set(files.values()) <= {where for where, __ in texts}
    assert leaks((CANARY, DEVICE_CANARY), texts) == []
    assert closed_on_device(fleet)


LOG = f"""\
FAZ # show system mail
config system mail
    edit "relay"
        set user alerts
        set passwd "{CANARY}"
    next
end
FAZ # config system mail
(mail)# edit "relay"
(relay)# set passwd {RELAY_TOKEN}?
node_check_object fail! for passwd {RELAY_TOKEN}
value parse error before '{RELAY_TOKEN}'
Command fail. Return code -61
>>> EHLO faz
<<< 250-AUTH PLAIN LOGIN
>>> AUTH PLAIN {base64.b64encode(f"{NUL}alerts{NUL}{CANARY}".encode()).decode()}
<<< 535 5.7.8 Error: authentication failed
>>> AUTH LOGIN
<<< 334 UGFzc3dvcmQ6
>>> {base64.b64encode(CANARY.encode()).decode()}
<<< 535 5.7.8 Error: authentication failed
something nobody knows
"""


@pytest.mark.parametrize("form", ["table", "json", "jsonl"])
def test_row_26_a_saved_log_is_read_without_showing_its_secrets(tmp_path: Path, form: str) -> None:
    (tmp_path / "saved.log").write_text(LOG, encoding="utf-8")
    done = subprocess.run(
        [str(Path(sys.executable).with_name("fazmail")), "parse", "--format", form, "saved.log"],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode in (1, 3), done.stderr
    assert "authentication failed" in done.stdout or "auth" in done.stdout
    assert leaks((CANARY, RELAY_TOKEN), [("output", done.stdout), ("errors", done.stderr)]) == []


def test_row_26_what_is_printed_of_our_objects_holds_no_secret() -> None:
    jump = Target("bastion", password=CANARY, role="jump host")
    target = Target("faz", password=CANARY, passphrase=CANARY, jump=jump)

    assert leaks([CANARY], [("target", repr(target))]) == []
