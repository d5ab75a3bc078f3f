# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A canary password must be in no output, at any verbosity, whatever happens to it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .conftest import ENTRY, play, task

CANARY = 'Canary-7f3a"\\b!x'
DEVICE_CANARY = "Device-Canary-91c4"


def forms(secret: str) -> list[str]:
    data = secret.encode()
    cores = [
        base64.b64encode(b"\0" * shift + data).decode()[(shift * 8 + 5) // 6 : (shift + len(data)) * 8 // 6]
        for shift in range(3)
    ]
    return [secret, secret.replace("\\", "\\\\").replace('"', '\\"'), *cores]


def test_no_output_holds_a_secret(start: Any, playbook: Callable[..., Any], tmp_path: Path, state_dir: Path) -> None:
    dialects = ["function", "curl", "bracket", "terse"]
    fleet = start(
        *({"name": name, "dialect": name, "password": DEVICE_CANARY, "debug_secrets": "clear"} for name in dialects)
    )
    captures = tmp_path / "captures"
    entry = {**ENTRY, "passwd": CANARY}
    run = playbook(
        play(
            task("system_mail", config=[entry]),
            task("system_mail", "again", config=[entry], update_password="always"),
            task(
                "mail_test", id="relay", mail_from="a@example.com", mail_to="noc@example.com", capture_dir=str(captures)
            ),
            task("fazmaild_debug", seconds=1, capture_dir=str(captures)),
            {**task("system_mail", "too long", config=[{**entry, "passwd": CANARY * 5}]), "ignore_errors": True},
            {**task("system_mail", "refused", config=[{**entry, "passwd": CANARY + "?"}]), "ignore_errors": True},
            {**task("system_mail", "wrong type", config=[{**entry, "port": CANARY}]), "ignore_errors": True},
        ),
        fleet,
        "-vvvv",
        "--diff",
    )
    assert run.status == 0, run.output
    assert fleet.devices["function"].state.daemon.failed, "the test means to log in with the canary"
    written = [
        file
        for directory in (captures, state_dir)
        if directory.exists()
        for file in directory.rglob("*")
        if file.is_file()
    ]
    assert len(written) >= 2 * len(dialects)
    texts = {"output": run.output, "results": (tmp_path / "results.jsonl").read_text(encoding="utf-8")}
    texts |= {str(file): file.read_text(encoding="utf-8") for file in written}
    leaks = [
        (where, form)
        for where, text in texts.items()
        for secret in (CANARY, DEVICE_CANARY)
        for form in forms(secret)
        if form in text
    ]
    assert leaks == []
