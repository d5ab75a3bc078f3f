# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Going back: what was read is restored, what could not be read is named."""

from __future__ import annotations

from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import plan_deleted, plan_entries
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.push import push
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.restore import restoration
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import system_mail

from ..in_process import log_in, simulated

OLD = {"id": "relay", "server": "old.example.com", "secure_option": "starttls", "user": "me", "passwd": "old secret"}


def test_changed_new_and_deleted_entries_are_brought_back_but_for_the_password() -> None:
    device = log_in(simulated())
    firmware = device.status().firmware
    push(device.session, plan_entries(system_mail(), [OLD, {"id": "gone", "port": 26}], {}, firmware))
    before = device.mail_table()
    wanted = [
        {"id": "relay", "server": "new.example.com", "secure_option": "smtps", "port": 465, "passwd": "new secret"},
        {"id": "extra"},
    ]
    plan = plan_entries(system_mail(), wanted, before, firmware, state="overridden", update_password="always")
    push(device.session, plan)

    undo = restoration(plan.before, plan.after, plan.passwords)
    assert undo.passwords == ["relay"]
    assert undo.delete == [{"id": "extra"}]
    push(device.session, plan_entries(system_mail(), undo.restore, device.mail_table(), firmware))
    push(device.session, plan_deleted(system_mail(), undo.delete, device.mail_table()))
    assert device.mail_table() == before


def test_nothing_changed_needs_nothing() -> None:
    undo = restoration({"a": {"server": "x"}}, {"a": {"server": "x"}}, {"a": {"passwd": "unchanged_assumed"}})
    assert (undo.restore, undo.delete, undo.passwords) == ([], [], [])


def test_another_way_to_log_in_is_taken_back() -> None:
    device = log_in(simulated("fmg-7.6.7"))
    firmware = device.status().firmware
    push(device.session, plan_entries(system_mail(), [OLD], {}, firmware))
    before = device.mail_table()
    for wanted in (
        {"auth_type": "certificate", "local_cert": "ours"},
        {"auth_type": "oauth2", "oauth2_client_id": "ours", "oauth2_client_secret": "new secret"},
    ):
        plan = plan_entries(system_mail(), [{"id": "relay", **wanted}], before, firmware)
        push(device.session, plan)
        undo = restoration(plan.before, plan.after, plan.passwords)
        # The device may have kept the password behind the other way, or not.
        assert undo.passwords == ["relay"]
        push(device.session, plan_entries(system_mail(), undo.restore, device.mail_table(), firmware))
        assert device.mail_table() == before


def test_every_kind_of_password_that_is_lost_is_named() -> None:
    oauth2 = {"auth-type": "oauth2", "oauth2-client-secret": "ENC"}
    kept = {"relay": {"oauth2_client_secret": "unchanged_assumed"}}
    assert restoration({"relay": oauth2}, {"relay": oauth2}, kept).passwords == []
    new = {"relay": {"oauth2_client_secret": "set"}}
    assert restoration({"relay": oauth2}, {"relay": oauth2}, new).passwords == ["relay"]
    assert restoration({"relay": {"passwd": "ENC"}}, {"relay": {}}, {}).passwords == ["relay"]
    assert restoration({"relay": oauth2}, {}, {}).passwords == ["relay"]
