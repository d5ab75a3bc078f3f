#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_rollout
short_description: Change mail servers, and prove the change or take it back
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Does what M(fortiops.mail.system_mail) does, sends a test mail through each entry that changed, as M(fortiops.mail.mail_test) does, and
    restores the earlier entries when one of them is not accepted, in one task and one login.
  - Each device ends in one RV(state), and the task fails unless that is V(unchanged) or V(proved).
  - The earlier entries are written to a file on the controller before the first line is sent, one for each serial number. It is removed when
    the change is proved or taken back. A run that finds such a file, because the one before was interrupted, first restores the entries in it and
    reports that.
  - A change is refused before the first line when a value that it replaces or deletes could not be sent again, such as one with a question mark,
    unless O(force=true). What was forced in this way and is not accepted ends as V(not_taken_back). RV(reason) names the value; set it by hand to what
    it was, and the next run takes the rest back.
  - Restored entries are read back, and proved by another test mail. An earlier password is the one of O(passwords_before), or else the
    encrypted text that the device showed. That a device takes this text back is assumed; the test mail proves it.
  - What goes wrong on the controller after a mail was sent, such as a full disk, is a warning and does not change RV(state).
  - O(alert_events) are part of the change, written, read back and taken back with the entries. The mail servers of changed destinations are
    tested, too.
  - Report outputs and event handlers that may name a mail server cannot be read over the command line.
extends_documentation_fragment:
  - fortiops.mail.device.capture
  - fortiops.mail.attributes
  - fortiops.mail.device
  - fortiops.mail.alert_events
  - fortiops.mail.mail_servers
  - fortiops.mail.test_mail
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: partial
    details: With O(update_password=always) it sends the passwords each time, and reports a change.
options:
  state:
    description:
      - V(merged), V(replaced) and V(overridden) are those of O(fortiops.mail.system_mail#module:state).
      - V(recovered) changes nothing but what an interrupted rollout has left, and needs no O(config).
    type: str
    choices: [merged, replaced, overridden, recovered]
    default: merged
  prove:
    description: Entries to send a test mail through, V(changed) for those that the task changes, V(all) for all that O(config) names.
    type: str
    choices: [changed, all]
    default: changed
  on_unknown:
    description: What to do when the outcome of a test mail is not known. A change that is kept unproved ends as V(not_taken_back).
    type: str
    choices: [take_back, keep]
    default: take_back
  passwords_before:
    description: Passwords that the entries have now, if you know them, to be restored where a test mail fails.
    type: list
    elements: dict
    suboptions:
      id:
        description: Name of the entry.
        type: str
        required: true
      passwd:
        description: Its password.
        type: str
      oauth2_client_secret:
        description: Its client secret.
        type: str
seealso:
  - module: fortiops.mail.system_mail
  - module: fortiops.mail.mail_test
"""

EXAMPLES = r"""
- name: Change the relay, and prove it or take the change back
  fortiops.mail.mail_rollout:
    config:
      - id: relay
        server: smtp.example.com
        port: 587
        secure_option: starttls
        auth: enable
        user: alerts@example.com
        passwd: "{{ vault_relay_password }}"
    mail_from: alerts@example.com
    mail_to: noc@example.com

- name: Rotate a password
  fortiops.mail.mail_rollout:
    config:
      - id: relay
        passwd: "{{ vault_relay_password }}"
    update_password: always
    passwords_before:
      - id: relay
        passwd: "{{ vault_relay_password_before }}"

- name: Take back what an interrupted run has left
  fortiops.mail.mail_rollout:
    state: recovered
"""

RETURN = r"""
state:
  description:
    - How the device ended. C(unchanged), nothing was sent. C(proved), a test mail was accepted through each entry in question.
      C(taken_back), the entries are as they were. C(not_taken_back), they are not, or an earlier password could not be proved, or a
      change was kept unproved. C(refused), nothing was saved. C(not_reached), nobody could log in, and nothing was sent. C(planned), in
      check mode, for C(proved).
  returned: always
  type: str
  sample: proved
identity:
  description: Serial number of the device, the fingerprint of its host key where that cannot be read, and both for a machine without a license.
  returned: when it was read
  type: str
reason:
  description: Why, in words.
  returned: always
  type: str
  sample: a test mail was accepted through 'relay'
next:
  description: What to do then; null when nothing is left to do.
  returned: always
  type: str
tests:
  description: One for each test mail, with C(id), C(outcome), C(reason) and C(verdict), as RV(fortiops.mail.mail_test#module:verdict).
  returned: always
  type: list
  elements: dict
verdict:
  description: Verdict of the test mail that decided, null when none was sent.
  returned: always
  type: dict
taken_back:
  description:
    - What restored the entries, with the C(commands), the C(tests) of the restored entries, and C(passwords_unknown), the ids of entries
      whose earlier password is not known in any form.
  returned: when entries were restored
  type: dict
restore_point:
  description: File on the controller that keeps the entries as they were, while they have to be taken back; else null.
  returned: always
  type: str
before:
  description: The table before, without options at their default. A password shows as C(ENC).
  returned: when it was read
  type: dict
after:
  description: The table afterwards, null where it could not be read after taking back failed; in check mode, as it would be.
  returned: when it was planned
  type: dict
commands:
  description: The command lines that were sent, or would be sent in check mode, without secrets.
  returned: when it was planned
  type: list
  elements: str
reasons:
  description: Why each of the RV(commands) is sent.
  returned: when it was planned
  type: list
  elements: str
alert_events:
  description: The alert events C(before) and C(after), in the device's words, with their destinations by number. C(after) may be null as RV(after).
  returned: when O(alert_events) names any, and they were planned
  type: dict
passwords:
  description: What was done with each password, as RV(fortiops.mail.system_mail#module:passwords).
  returned: when it was planned
  type: dict
not_seen:
  description: What may name a deleted entry and cannot be read over the command line.
  returned: when entries are deleted, and when RV(cause) is C(referenced)
  type: list
  elements: str
  sample: [report outputs, event handlers]
capture_file:
  description: File the session was saved to, beside those of the test mails.
  returned: when O(capture_dir) is set and RV(state) is a failure
  type: str
capture_error:
  description: Why the session could not be saved. It is a warning, too; what was done on the device counts all the same.
  returned: when O(capture_dir) is set and cannot be written to after the work
  type: str
cause:
  description: Why the push failed or nobody could log in, as RV(fortiops.mail.system_mail#module:cause) or one of P(fortiops.mail.cli#connection).
  returned: when that is so
  type: str
unread:
  description: For each value that could not be read, and is null, the reason in the device's words. One warning names all of them.
  returned: success
  type: dict
device:
  description: Host name, family, version, build and platform of the device; null where the device did not tell.
  returned: success
  type: dict
"""
