# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options of every module that talks to a device."""

    DOCUMENTATION = r"""
notes:
  - Needs C(ansible_connection=fortiops.mail.cli). One task is one login; everything runs on the controller.
  - "In addition to the values below, each of these modules may return RV(ignore:cause), one stable word for why the task failed or the host is
    unreachable, see P(fortiops.mail.cli#connection); RV(ignore:stopped_at), where the login failed (RV(ignore:stopped_at.role) is V(device) or
    V(jump_host)) and the RV(ignore:stopped_at.step) that failed there; RV(ignore:login), the RV(ignore:login.tries) and the seconds
    RV(ignore:login.waited) until a busy device had a session; RV(ignore:host_key), the RV(ignore:host_key.fingerprint) of a new host key and whether it was
    RV(ignore:host_key.accepted_new)."
requirements:
  - paramiko >= 3.5, < 6
  - textfsm
attributes:
  platform:
    platforms: FortiAnalyzer, FortiManager
options: {}
"""

    CAPTURE = r"""
attributes:
  action_group:
    description: Use C(group/fortiops.mail.all) or C(group/fortiops.mail.capture) in C(module_defaults) to set options of this module.
    membership:
      - fortiops.mail.all
      - fortiops.mail.capture
options:
  capture_dir:
    description:
      - Directory on the controller to save the text of the whole session in, one file per task, readable by its owner only.
        Nothing is saved when it is not given or empty.
      - Secrets are removed before the file is written. The file can be read again with M(fortiops.mail.fazmaild_log_info)
        or C(fazmail parse) and gives the same verdict.
      - C(module_defaults) sets it for all modules that have it, with C(group/fortiops.mail.capture).
    type: path
"""
