# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: mail_answer
short_description: Combine all evidence about one mail server of a device
version_added: 1.0.0
author:
  - The fortiops.mail maintainers (@fortiops)
description:
  - Combines the configuration, the path, the test mail and the view of the controller, and names the one that decides.
  - Evidence that does not fit is listed as a contradiction and lowers the confidence. Nothing is dropped.
  - Results of failed tasks are accepted as they are; the answer lists what those tasks could not do.
positional: _input, id, path, test, comparison, arrival
options:
  _input:
    description: Result of M(fortiops.mail.system_mail_info).
    type: dict
    required: true
  id:
    description: Id of the entry of C(config system mail).
    type: str
    required: true
  path:
    description: Result of M(fortiops.mail.mail_path).
    type: dict
  test:
    description: Result of M(fortiops.mail.mail_test).
    type: dict
  comparison:
    description: Result of the filter P(fortiops.mail.compare_views#filter).
    type: dict
  arrival:
    description: Result of M(fortiops.mail.mail_arrival) for the test mail; it counts where the mail was accepted.
    type: dict
seealso:
  - module: fortiops.mail.mail_test
  - module: fortiops.mail.mail_path
  - plugin: fortiops.mail.compare_views
    plugin_type: filter
  - plugin: fortiops.mail.answers_report
    plugin_type: filter
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
      description: Cause of the outcome, or the name of a finding of M(fortiops.mail.mail_path) that no mail client could report.
      type: str
    stage:
      description: Stage that the mail did not pass; C(arrived) for a mail that was looked for in the mailbox of its recipient.
      type: str
    temporary:
      description: Whether a later attempt may succeed; null when unknown.
      type: bool
    owner:
      description: Who must act.
      type: str
    explanation:
      description: The cause in a few sentences.
      type: str
    remedy:
      description: What to do, as a command line and as a task.
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
      description: Evidence that decides, C(config), C(state) (of the mail daemon), C(test), C(path), C(arrival) or C(nothing).
      type: str
    scope:
      description: Who is affected, as RV(fortiops.mail.compare_views#filter:_value.scope); null when unknown.
      type: str
    supporting:
      description: Other evidence that fits, in sentences.
      type: list
      elements: str
    contradictions:
      description: Evidence that does not fit, in sentences.
      type: list
      elements: str
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.plugin_utils.given import WrongShape, mapping, mappings, takes, task_end
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.conclude import Evidence, conclude

# What each step returns when it could be done.
_STEPS = {"config": "entries", "path": "path", "test": "verdict", "arrival": "arrived"}


@takes(
    "the result of fortiops.mail.system_mail_info, and those of mail_path, mail_test, mail_arrival and the filter compare_views",
    AnsibleFilterError,
)
def mail_answer(
    config: Any, id: str, path: Any = None, test: Any = None, comparison: Any = None, arrival: Any = None
) -> dict[str, Any]:
    """Return the answer for one entry; see conclude()."""
    given = {"config": config, "path": path or {}, "test": test or {}, "arrival": arrival or {}}
    results = {step: _result(step, result) for step, result in given.items()}
    entries = results["config"].get("entries")
    return conclude(
        Evidence(
            entry=next((each for each in mappings(entries or (), "id") if each["id"] == str(id)), None),
            entry_known=entries is not None,
            entry_id=str(id),
            path=results["path"].get("path"),
            verdict=results["test"].get("verdict"),
            state=mappings(results["test"].get("findings", ()), "finding", "severity", "cause"),
            comparison=mapping(comparison, "scope") if comparison else None,
            arrival=results["arrival"] if "arrived" in results["arrival"] else None,
            problems=[
                {"step": step, "msg": str(result["msg"])}
                for step, result in results.items()
                if result.get("msg") and _STEPS[step] not in result
            ],
        )
    )


def _result(step: str, result: Any) -> Mapping[str, Any]:
    """Return the result of a step, also of one that could not be done or was not even tried."""
    done = mapping(result)
    if done and _STEPS[step] not in done and not done.get("msg") and not task_end(done):
        raise WrongShape(done, f"without {_STEPS[step]}")
    return done


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"mail_answer": mail_answer}
