#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_path
short_description: Check the way from the device to a mail server
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Reads the device's name servers, pings the mail server (which also shows whether its name is resolved), traces the route if asked, and
    watches with the device's sniffer what becomes of the packets while the device tries to send.
  - Tells apart what a mail client sees as one time-out, a firewall that drops packets, a service that is down, two directions that take
    different ways, and a way that carries no large packets.
  - The sniffer is limited in packets, is stopped with Ctrl-C only while it runs, and never left running. It shows headers only, no contents.
  - The task succeeds even if the way is blocked; assert on RV(path).
notes:
  - While the packets are watched there is a second login, because the sniffer holds its session. If the device allows only one, a warning
    says so and the attempt is made without.
extends_documentation_fragment:
  - fortiops.mail.device.capture
  - fortiops.mail.attributes
  - fortiops.mail.device
attributes:
  check_mode:
    support: partial
    details: Reads name servers and mail servers only; no packet is sent.
  diff_mode:
    support: none
  idempotent:
    support: full
    details: It never reports a change.
options:
  id:
    description: Entry of C(config system mail) whose server to check. Either this or O(host).
    type: str
  host:
    description:
      - Mail server to check, by name or address.
      - A connection is attempted only if an entry of C(config system mail) leads to this O(host) and O(port), as the device has no other
        way to open one. Otherwise a warning says so.
    type: str
  port:
    description: Port of O(host). The port of an entry is its own.
    type: int
    default: 25
  attempt:
    description:
      - Whether to make the device connect with C(diagnose test connection mailserver), and to watch the packets.
      - If the server takes it, a test mail is sent.
    type: bool
    default: true
  mail_from:
    description: Sender to name in that command.
    type: str
  mail_to:
    description: Recipient to name in that command; needs O(mail_from).
    type: str
  traceroute:
    description: Whether to trace the route as well, which takes long on a way that does not answer.
    type: bool
    default: false
  interface:
    description: Interface to watch.
    type: str
    default: any
  max_packets:
    description: Number of packets after which the sniffer ends by itself.
    type: int
    default: 500
  ping_seconds:
    description: Seconds after which ping is stopped, if it has not ended by itself.
    type: float
    default: 15
  traceroute_seconds:
    description: Seconds after which traceroute is stopped.
    type: float
    default: 60
seealso:
  - module: fortiops.mail.mail_test
  - module: fortiops.mail.fazmaild_log_info
"""

EXAMPLES = r"""
- name: Check the way to the relay
  fortiops.mail.mail_path:
    id: relay
    traceroute: true
    capture_dir: captures
  register: way

- name: Nothing is in the way
  ansible.builtin.assert:
    that: way.path.findings | selectattr('severity', 'eq', 'failure') | length == 0
    fail_msg: "{{ way.path.findings | map(attribute='explanation') | join(' ') }}"

- name: Check a server before it is configured
  fortiops.mail.mail_path:
    host: mail.example.com
    port: 587
"""

RETURN = r"""
path:
  description: The path to the mail server. Its form is C(plugins/plugin_utils/schemas/path.json).
  returned: success
  type: dict
  contains:
    schema:
      description: Name and number of the form, C(fortiops.mail/path/1).
      type: str
    target:
      description: Entry, host and port of the mail server, and the address the device has for it (empty when it has none).
      type: dict
    dns:
      description: The name servers of the device as C(servers); null when the device did not show them.
      type: dict
    lookup:
      description:
        - What C(execute nslookup) said of a name - server, addresses and error; null when it was not run.
        - Firmware before 8.0 has no such command; there the ping shows the address.
      type: dict
    ping:
      description: Host, address, packets transmitted and received, loss in percent, or an error; null when it was not run.
      type: dict
    route:
      description: What traceroute printed, the hops in order.
      type: list
      elements: dict
    packets:
      description: Number of packets seen; null when they were not watched.
      type: int
    connections:
      description:
        - The TCP connections among them, with counts of SYN, SYN-ACK, resets, segments, repetitions and duplicate acknowledgements.
        - C(state) is C(unanswered), C(refused), C(reset), C(stuck), C(recovered) or C(fine).
        - C(largest_answered) and C(missing) are bytes; the sniffer prints no lengths, so they come from the sequence numbers.
      type: list
      elements: dict
    verdict:
      description: What the test command said, as RV(fortiops.mail.mail_test#module:verdict); null when there was no attempt.
      type: dict
    findings:
      description:
        - What that means, in the order of the way; each with finding, cause, stage, severity (C(failure) or C(hint)), owner, temporary,
          explanation, remedy and evidence.
        - C(cause) is null where no mail client has a word for it.
      type: list
      elements: dict
capture_file:
  description: File the sessions were saved to.
  returned: when O(capture_dir) is set, also when the task failed after it had begun
  type: str
capture_error:
  description: Why the session could not be saved. It is a warning, too; what was done on the device counts all the same.
  returned: when O(capture_dir) is set and cannot be written to after the work
  type: str
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
