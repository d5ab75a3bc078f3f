# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What the attributes of every module mean."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying anything.
  diff_mode:
    description: Returns details on what has changed, or would change in check mode.
  async:
    description: Can run in the background, as the keyword C(async) asks for. A task that does is refused before anything is sent.
    support: none
  idempotent:
    description: A second run with the same options, outside check mode, reports no change.
  platform:
    description: What the module can be used on.
    support: full
  action_group:
    description: Use C(group/fortiops.mail.all) in C(module_defaults) to set options of this module.
    support: full
    membership:
      - fortiops.mail.all
"""

    # Of modules that work on the controller only.
    CONTROLLER = r"""
attributes:
  platform:
    platforms: posix
"""
