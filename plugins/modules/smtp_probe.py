#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: smtp_probe
short_description: Probe a mail server from the controller
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Looks at a mail server from the controller, on several ports at once, with addresses, greeting, extensions, TLS versions,
    certificate and ways to log in. Compared with the verdict of M(fortiops.mail.mail_test) by the filter
    P(fortiops.mail.compare_views#filter) it tells a server that is down for everybody from one that only the device cannot use.
  - Logs in to no device and needs no connection to one, so it runs for C(hosts=localhost) as well as for devices.
  - Never sends a mail. Sender and recipient are named to the server only when O(mail_from) and O(mail_to) ask for it.
  - The task succeeds even if no port works; assert on RV(ports).
options:
  host:
    description: Name or address of the mail server.
    type: str
    required: true
  port:
    description: One port or several; they are probed at the same time.
    type: list
    elements: int
    default: [25, 465, 587]
  security:
    description:
      - How to speak. V(smtps) is TLS from the first byte, V(starttls) insists on STARTTLS, V(none) stays in clear text.
      - V(auto) takes V(smtps) on port 465 and STARTTLS where it is offered. A port other than 25 and 587 that keeps silent is tried
        with V(smtps) as well.
    type: str
    choices: [auto, none, starttls, smtps]
    default: auto
  timeout:
    description: Seconds for each port in all, and as many again for looking up the name.
    type: float
    default: 15
  helo:
    description: Name to introduce oneself with; the default is the host name of the controller.
    type: str
  user:
    description: Account to log in with. Without it no login is tried. Needs O(passwd).
    type: str
  passwd:
    description: Its password. It is sent only over TLS, and with O(validate_certs) only to a server whose certificate passes.
    type: str
  mail_from:
    description: Sender to name to the server. No mail follows.
    type: str
  mail_to:
    description: Recipient to name to the server; needs O(mail_from). No mail follows.
    type: str
  ca_file:
    description: File with the certificates of the CAs to trust; the default are those of the controller.
    type: path
  validate_certs:
    description:
      - Whether a certificate that does not pass the check makes the port fail with C(tls_cert_rejected).
      - It is examined and reported in any case.
    type: bool
    default: true
requirements:
  - dnspython, for MX records only
extends_documentation_fragment:
  - fortiops.mail.attributes
  - fortiops.mail.attributes.controller
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
    details: It never reports a change.
seealso:
  - module: fortiops.mail.mail_test
  - plugin: fortiops.mail.compare_views
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Look at the relay from here
  fortiops.mail.smtp_probe:
    host: smtp.example.com
    port: 587
  register: probe

- name: It takes a login over TLS, and its certificate is good for a month
  ansible.builtin.assert:
    that:
      - probe.ports[0].outcome == 'ok'
      - probe.ports[0].auth.usable | length > 0
      - probe.ports[0].certificate.days_left > 30

- name: Test the same relay from the device
  fortiops.mail.mail_test:
    id: relay
  register: test

- name: Say who is affected and who must act
  ansible.builtin.debug:
    msg: "{{ test.verdict | fortiops.mail.compare_views(probe, port=587) }}"
"""

RETURN = r"""
schema:
  description: C(fortiops.mail/probe/1), see C(plugins/plugin_utils/schemas/probe.json).
  returned: success
  type: str
host:
  description: The host that was probed.
  returned: success
  type: str
addresses:
  description: Its addresses as C(ipv4) and C(ipv6); C(cause) and C(evidence) when it has none.
  returned: success
  type: dict
mx:
  description: Its MX records, and in C(note) why there are none, such as that dnspython is not installed.
  returned: success
  type: dict
ports:
  description: What was found on each port, in the order asked for.
  returned: success
  type: list
  elements: dict
  contains:
    port:
      description: The port.
      type: int
    address:
      description: Address that answered, or the last that was tried.
      type: str
    state:
      description: C(reachable), C(refused), C(filtered) (no answer), C(unreachable) (no route) or C(unresolved).
      type: str
    security:
      description: How it was spoken to, C(none), C(starttls) or C(smtps).
      type: str
    outcome:
      description: C(ok) when everything that was tried worked, else C(failed).
      type: str
    stage:
      description: Stage at which it failed, or the last one that was reached. The stages are those of RV(fortiops.mail.mail_test#module:verdict).
      type: str
    cause:
      description: Cause of the failure, one of those of RV(fortiops.mail.mail_test#module:verdict); null when it worked.
      type: str
    owner:
      description: Who can usually put that right.
      type: str
    evidence:
      description: Text that proves the cause.
      type: str
    reply:
      description: Negative reply of the server that decided, with code, enhanced code and text; null when none did.
      type: dict
    greeting:
      description: First line of the server.
      type: str
    extensions:
      description: What the server offers after EHLO, over TLS if TLS is used.
      type: list
      elements: str
    starttls:
      description: Whether STARTTLS is offered; null when that was not seen.
      type: bool
    auth:
      description:
        - Mechanisms offered C(before_tls) and C(after_tls), and those of them that a device can use as C(usable). NTLM and GSSAPI are none.
        - C(login) says what became of the login; null when none was asked for.
      type: dict
    tls:
      description:
        - Negotiated C(version), C(cipher) and C(bits), and in C(versions) which versions the server takes; null without TLS.
        - A version is C(accepted), C(refused), C(not_offered_here) (the controller's own library cannot) or C(not_tested) (time was up).
      type: dict
    certificate:
      description:
        - The server's certificate with C(subject), C(issuer), C(names), C(not_before), C(not_after), C(days_left), C(self_signed), C(key_type),
          C(key_bits) and C(sha256); null when none was shown.
        - C(name_matches) shows whether it is for this host, C(chain_verified) whether a trusted CA vouches for it, C(verify_error) why not.
      type: dict
    limits:
      description: Causes that a client meets here if it insists on more, such as C(auth_not_offered), each with C(detail).
      type: list
      elements: dict
    dialogue:
      description: What was said, without credentials.
      type: list
      elements: str
    seconds:
      description: How long it took.
      type: float
  sample:
    - port: 587
      address: 192.0.2.25
      state: reachable
      security: starttls
      outcome: ok
      stage: ehlo
      cause: null
cause:
  description: One stable word for what went wrong, for playbooks and reports.
  returned: failure
  type: str
"""
