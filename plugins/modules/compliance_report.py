#!/usr/bin/python
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: compliance_report
short_description: Check a fleet against the rules and write reports
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Checks the facts of many devices against the rules of this collection, as P(fortiops.mail.mail_findings#filter) does for one, and writes what it
    finds as one document and as reports for people and for machines.
  - A device without facts, such as one that could not be reached, is in them as not assessed, with its cause. It never counts as compliant.
  - Runs on the controller and needs no connection to a device. Each file is written whole or not at all.
  - The task succeeds even if a device breaks a rule; assert on RV(status).
options:
  results:
    description:
      - Results of M(fortiops.mail.faz_facts) by the name of the device; those of tasks that failed, too.
      - Either this or O(configurations) is required.
    type: dict
  configurations:
    description:
      - Saved configuration in place of devices. Files, or folders of files, of one device each; backups, output of C(show), logs of
        sessions. A device is named by its file. C(fazmail check) does the same without Ansible.
    type: list
    elements: path
    default: []
  fail_on:
    description: The lowest severity that counts.
    type: str
    choices: [low, medium, high, critical]
    default: high
  rules:
    description:
      - Rules of your own, in the form of C(plugins/plugin_utils/policy/rules.yml), where each key is explained.
      - One with the RV(ignore:id) of a rule of the collection changes that rule in the keys it has, such as its severity.
    type: list
    elements: dict
    default: []
  approved_relays:
    description:
      - Mail servers that may be used, as rules FMAIL-010 and FMAIL-018 require. Each is a name or address, or a pattern as in
        V(glob:*.example.com).
    type: list
    elements: str
    default: []
  waivers:
    description:
      - Agreed exceptions. A finding that one covers is C(waived) and does not count, until its last day (UTC).
      - The reports list each with its state. V(ignore:active), V(ignore:expired), V(ignore:unused) when nothing needs it,
        V(ignore:not_assessed) when a device or the rule on it was not assessed, V(ignore:out_of_scope) when no device is meant.
    type: list
    elements: dict
    default: []
    suboptions:
      rule:
        description: The rule, such as V(FMAIL-005).
        type: str
        required: true
      device:
        description: Name of the device, or a pattern with C(*) and C(?).
        type: str
        required: true
      entry:
        description: What the finding is about, such as a mail server, as reports show it. Without it, everything the rule is about.
        type: str
        default: ""
      reason:
        description: Why.
        type: str
        required: true
      by:
        description: Who agreed.
        type: str
        required: true
      until:
        description: The last day it holds, such as V(2027-03-31).
        type: str
        required: true
  groups:
    description: Groups of the inventory by the name of the device. The page can show one group.
    type: dict
    default: {}
  tests:
    description:
      - Results of M(fortiops.mail.mail_test), one or those of a loop over the ids, or of M(fortiops.mail.mail_rollout), by the name of the
        device.
      - They prove that mail leaves. A device without them keeps the proof of the earlier documents in O(since).
    type: dict
    default: {}
  since:
    description:
      - An earlier document, or a folder of them. The reports then say what is new, fixed and still open, and since when; a folder
        gives a trend.
      - There may be none yet. It may be the file of this run's document, which is read before it is written.
    type: path
  reports:
    description: Files to write, by the format of each. C(fazmail report) makes the other formats of V(ignore:json) at any time.
    type: dict
    default: {}
    suboptions:
      json:
        description: The document itself. Its schema is C(plugins/plugin_utils/schemas/compliance.json).
        type: path
      html:
        description: One page for people that needs nothing else.
        type: path
      junit:
        description: JUnit XML, for CI.
        type: path
      csv:
        description: One row for each finding, for spreadsheets. No cell of it is a formula.
        type: path
      prometheus:
        description: For the textfile collector of Prometheus.
        type: path
      sarif:
        description: SARIF 2.1.0, for code scanning.
        type: path
      markdown:
        description: For chats and merge requests.
        type: path
extends_documentation_fragment:
  - fortiops.mail.attributes
  - fortiops.mail.attributes.controller
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: partial
    details: Reports are written each time.
seealso:
  - module: fortiops.mail.faz_facts
  - plugin: fortiops.mail.mail_findings
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the facts
  fortiops.mail.faz_facts:
  register: facts
  failed_when: false

- name: Write a page for people and a file for CI
  fortiops.mail.compliance_report:
    results: "{{ dict(ansible_play_hosts_all | zip(results)) }}"
    reports:
      json: compliance.json
      html: compliance.html
      junit: compliance.xml
    rules:
      - id: ACME-001
        title: Mail goes through the relays of ACME
        severity: high
        why: Alerts carry what only we should know
        require: {server: [relay1.acme.example, relay2.acme.example]}
        fix: set server relay1.acme.example
      - id: FMAIL-003
        severity: high
    waivers:
      - rule: FMAIL-005
        device: faz-lab
        entry: relay
        reason: The relay knows the lab by its address, CHG-1234
        by: J. Doe, security
        until: 2027-03-31
  vars:
    results: "{{ ansible_play_hosts_all | map('extract', hostvars) | map(attribute='facts', default={}) }}"
  run_once: true
"""

RETURN = r"""
verdict:
  description: What was found, in one sentence.
  returned: success
  type: str
status:
  description: C(compliant), C(findings), or C(incomplete) when a device was not assessed by every rule.
  returned: success
  type: str
devices:
  description:
    - Names of the devices that break a rule that counts (C(broken)), on which one could not be assessed (C(partly)), have lesser findings
      (C(minor)), none (C(clean)), or were C(not_assessed).
  returned: success
  type: dict
messages:
  description: For each device that does not pass, by name, what is wrong with it in one text.
  returned: success
  type: dict
files:
  description: Files that were written, or would be in check mode.
  returned: success
  type: list
  elements: str
document:
  description: The document, so that nothing is lost where no file can be kept. Its schema is C(plugins/plugin_utils/schemas/compliance.json).
  returned: success
  type: dict
cause:
  description: One stable word for what went wrong, for playbooks and reports.
  returned: failure
  type: str
"""
