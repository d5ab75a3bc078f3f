# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: mail_answer
short_description: One answer from all evidence about one mail server of a device
version_added: 0.1.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Puts configuration, the way, the test mail and the view of the controller together, and says which of them decides.
  - What does not fit is kept as a contradiction and lowers the confidence; nothing is dropped.
  - Results of tasks that failed may be given as they are; what they could not do is told.
positional: _input, id, path, test, comparison
options:
  _input:
    description: Result of M(fortiops.mail.system_mail_info).
    type: dict
    required: true
  id:
    description: Entry of C(config system mail) this is about.
    type: str
    required: true
  path:
    description: Result of M(fortiops.mail.mail_path).
    type: dict
  test:
    description: Result of M(fortiops.mail.mail_test).
    type: dict
  comparison:
    description: Both views compared, by the filter P(fortiops.mail.compare_views#filter).
    type: dict
"""

EXAMPLES = r"""
- name: Conclude
  ansible.builtin.set_fact:
    answer: "{{ config | fortiops.mail.mail_answer(id='relay', path=way, test=test) }}"
"""

RETURN = r"""
_value:
  description:
    - The answer. RV(_value.outcome), RV(_value.cause), RV(_value.stage), RV(_value.temporary), RV(_value.owner), RV(_value.explanation),
      RV(_value.remedy), RV(_value.confidence) and RV(_value.evidence) are as in RV(fortiops.mail.mail_test#module:verdict).
  type: dict
  contains:
    outcome:
      description: C(accepted), C(failed) or C(unknown).
      type: str
    cause:
      description: One word for the cause; the name of a finding of M(fortiops.mail.mail_path) where no mail client has a word for it.
      type: str
    stage:
      description: Stage of the mail's way at which it ended.
      type: str
    temporary:
      description: Whether a later try may succeed; null when that is not known.
      type: bool
    owner:
      description: Who must act.
      type: str
    explanation:
      description: The cause in a few sentences.
      type: str
    remedy:
      description: What to do, as command line and as task.
      type: list
      elements: dict
    confidence:
      description: C(high), C(medium) or C(low).
      type: str
    evidence:
      description: Lines that prove it.
      type: list
      elements: dict
    decided_by:
      description: What decides, C(config), C(test), C(path) or C(nothing).
      type: str
    scope:
      description: Who is affected, as RV(fortiops.mail.compare_views#filter:_value.scope); null when that is not known.
      type: str
    supporting:
      description: Sentences on what else was seen and fits.
      type: list
      elements: str
    contradictions:
      description: Sentences on what was seen and does not fit.
      type: list
      elements: str
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.conclude import Evidence, conclude

# What each step returns when it could be done.
_STEPS = {"config": "entries", "path": "path", "test": "verdict"}


def mail_answer(config: Any, id: str, path: Any = None, test: Any = None, comparison: Any = None) -> dict[str, Any]:
    """Return the answer for one entry; see conclude()."""
    results = {"config": config, "path": path or {}, "test": test or {}}
    if not all(isinstance(each, Mapping) for each in results.values()):
        raise AnsibleFilterError(
            "fortiops.mail.mail_answer takes the results of system_mail_info, mail_path and mail_test; one of these values is no result"
        )
    entries = config.get("entries")
    return conclude(
        Evidence(
            entry=next((each for each in entries or () if each["id"] == str(id)), None),
            entry_known=entries is not None,
            path=results["path"].get("path"),
            verdict=results["test"].get("verdict"),
            comparison=comparison or None,
            problems=[
                {"step": step, "msg": str(result["msg"])}
                for step, result in results.items()
                if result.get("msg") and _STEPS[step] not in result
            ],
        )
    )


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"mail_answer": mail_answer}
