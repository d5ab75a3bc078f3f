#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: faz_facts
short_description: Facts about mail on a FortiAnalyzer or FortiManager
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Reads serial number, firmware, HA mode, mail servers, destinations of alert events, the mail daemon's state and counters,
    and its debug switches in one login, and returns them as facts below C(ansible_facts.faz).
  - Changes nothing. Their JSON schema is C(plugins/plugin_utils/schemas/facts.json); C(ansible.utils.validate) can
    check them.
extends_documentation_fragment:
  - fortiops.mail.attributes
  - fortiops.mail.device
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
    details: It never reports a change.
options: {}
seealso:
  - module: fortiops.mail.system_alert_event_mail_info
  - module: fortiops.mail.system_mail_info
"""

EXAMPLES = r"""
- name: Read the facts
  fortiops.mail.faz_facts:

- name: The daemon runs and its debug is off
  ansible.builtin.assert:
    that:
      - ansible_facts['faz'].fazmaild.state != 'paused'
      - not ansible_facts['faz'].debug.on
      - ansible_facts['faz'].firmware.version_tuple >= [7, 2, 2]
"""

RETURN = r"""
ansible_facts:
  description: The facts.
  returned: success
  type: dict
  contains:
    faz:
      description: Facts of this device.
      type: dict
      contains:
        hostname:
          description: Host name. Null when it could not be read.
          type: str
        serial:
          description: Serial number, which identifies the device. Null when it could not be read.
          type: str
        firmware:
          description: Family, version, version_tuple, build, maturity, platform, and the raw version line.
          type: dict
        ha:
          description:
            - Whether high availability is on, the raw mode, the role of this unit (C(primary) or C(secondary)), the name of the primary, and
              the units with role, hostname, serial_number and address.
            - Role, primary and units are null for a device that stands alone, and where they could not be read.
          type: dict
        mail:
          description: Entries of C(config system mail), as RV(fortiops.mail.system_mail_info#module:entries).
          type: list
          elements: dict
        alert_destinations:
          description:
            - Destinations of alert events, as RV(fortiops.mail.system_alert_event_mail_info#module:events).
            - Null when they could not be read.
          type: list
          elements: dict
        alertemail:
          description:
            - The old object C(config system alertemail), as RV(fortiops.mail.system_alert_event_mail_info#module:alertemail).
            - Null when it could not be read.
          type: dict
        approval_matrix:
          description:
            - Entries of C(config system workflow approval-matrix) with C(adom), C(mail_server) and C(notify).
            - Null when they could not be read.
          type: list
          elements: dict
        dns:
          description: Options of C(config system dns), the name servers. Null when they could not be read.
          type: dict
        global:
          description:
            - Options of C(config system global) that limit TLS, and C(faz_status), C(debug_tool) and C(cli_auth). Null when they could not be read.
            - Those three are null where the device does not show them, because their defaults are not known.
          type: dict
        fazmaild:
          description: Pid, state and counters of the mail daemon. Each is null when it could not be read.
          type: dict
        debug:
          description:
            - Level of the mail daemon's debug, whether anything of it is on, its time stamps, and whether other daemons are debugged.
            - Each is null when it could not be read.
          type: dict
        unread:
          description: For each fact that could not be read, the reason, in the device's words.
          type: dict
      sample:
        hostname: FAZ-HQ
        serial: FAZ-VMTM00000001
        firmware:
          family: FortiAnalyzer
          version: 7.4.2
          version_tuple: [7, 4, 2]
          build: 2397
          maturity: GA.F
          platform: FAZVM64
          raw: v7.4.2-build2397 231220 (GA.F)
        ha: {enabled: false, mode: Stand Alone, role: null, primary: null, units: null}
        debug: {level: 0, "on": false, timestamps: false, other_daemons: false}
unread:
  description: For each value that could not be read, and is null, the reason in the device's words. One warning names all of them.
  returned: success
  type: dict
  sample: {}
device:
  description: Host name, family, version, build and platform of the device; null where the device did not tell.
  returned: success
  type: dict
cause:
  description: One stable word for what went wrong, for playbooks and reports.
  returned: failure
  type: str
"""
