# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts that nobody knew: learned whatever their letters, or quoted and then set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import Redactor
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import LimitError
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.open import open_session
from ansible_collections.fortiops.mail.simulator.running import RunningDevice, running
from ansible_collections.fortiops.mail.simulator.specification.fleet import DeviceSpec, Fleet

from .logins import LIMITS, PASSWORD, target

NAMES = ["FAZ+DR", "admin@FAZ", "HOST(Primary)", "FAZ HQ", "Zürich·FAZ", "FAZ-HQ~", "[FAZ]", "#1"]


@contextmanager
def device(hostname: str = "FAZ-HQ", **faults: Any) -> Iterator[RunningDevice]:
    with running(Fleet((DeviceSpec("faz", hostname, password=PASSWORD),))) as fleet:
        fleet.misbehave("faz", **faults)
        yield fleet.devices["faz"]


@pytest.mark.parametrize("hostname", NAMES)
@pytest.mark.parametrize("host_in_prompts", [False, True])
def test_a_prompt_is_learned_whatever_its_letters(hostname: str, host_in_prompts: bool) -> None:
    motd = "################\n# Authorised use only #\n################"
    with (
        device(hostname, host_in_prompts=host_in_prompts, cut_names=8, motd=motd) as faz,
        open_session(target(faz), LIMITS, Redactor()) as session,
    ):
        assert session.prompt == f"{hostname} # "
        assert "Hostname" in session.run("get system status").text
        for line, place in (
            ("config system mail", "mail"),
            ("edit a-long-name", "a-lo~ame"),
            ("end", ""),
            ("config system alert-event", "aler~ent"),
            ("end", ""),
        ):
            result = session.run(line)
            assert (session.context, result.text) == (place, "")
        assert "a-long-name" in faz.state.mail.entries


def test_a_prompt_without_a_mark_is_quoted_and_can_be_set() -> None:
    limits = Limits(connect=5, login=1)
    with device(prompt_mark="%") as faz:
        with pytest.raises(LimitError) as failed:
            open_session(target(faz), limits, Redactor())
        assert str(failed.value) == (
            "login limit of 1 s ran out before the device showed a prompt; the last line that it showed is 'FAZ-HQ %'; "
            "if that is its prompt, set ansible_fortiops_mail_prompt to it"
        )
        with open_session(target(faz), LIMITS, Redactor(), expected_prompt="FAZ-HQ %") as session:
            assert "Hostname" in session.run("get system status").text
            session.run("config system mail")
            assert session.context == "mail"
