# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Going back: what was read is restored, what could not be read is named."""

from __future__ import annotations

from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import plan_deleted, plan_entries
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.push import push
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.restore import restoration

from .conftest import log_in, simulated

OLD = {"id": "relay", "server": "old.example.com", "secure_option": "starttls", "user": "me", "passwd": "old secret"}


def test_changed_new_and_deleted_entries_are_brought_back_but_for_the_password() -> None:
    device = log_in(simulated())
    firmware = device.status().firmware
    push(device.session, plan_entries([OLD, {"id": "gone", "port": 26}], {}, firmware))
    before = device.mail_table()
    wanted = [
        {"id": "relay", "server": "new.example.com", "secure_option": "smtps", "port": 465, "passwd": "new secret"},
        {"id": "extra"},
    ]
    plan = plan_entries(wanted, before, firmware, state="overridden", update_password="always")
    push(device.session, plan)

    undo = restoration(plan.before, plan.after, plan.passwords)
    assert undo.passwords == ["relay"]
    assert undo.delete == [{"id": "extra"}]
    push(device.session, plan_entries(undo.restore, device.mail_table(), firmware))
    push(device.session, plan_deleted([each["id"] for each in undo.delete], device.mail_table()))
    assert device.mail_table() == before


def test_nothing_changed_needs_nothing() -> None:
    undo = restoration({"a": {"server": "x"}}, {"a": {"server": "x"}}, {"a": {"passwd": "unchanged_assumed"}})
    assert (undo.restore, undo.delete, undo.passwords) == ([], [], [])
