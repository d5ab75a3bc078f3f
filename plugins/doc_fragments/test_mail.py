# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How a test mail is sent, and how long its outcome is waited for."""

    DOCUMENTATION = r"""
options:
  mail_from:
    description: Sender to name in the command. Without it, or when it is empty, only the entry is named.
    type: str
  mail_to:
    description: Recipient to name in the command; needs O(mail_from), because the device tells them apart by position.
    type: str
  debug:
    description: Whether to switch the mail daemon's debug on during the test.
    type: bool
    default: true
  debug_level:
    description: Debug level of C(fazmaild), 1 to 255. Without debug, set O(debug=false).
    type: int
    default: 255
  wait:
    description: Seconds to wait at most for the daemon to report the outcome after the command has returned.
    type: float
    default: 30
  quiet:
    description: Stop waiting when the daemon has printed nothing for this many seconds.
    type: float
    default: 5
"""
