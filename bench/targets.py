# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmark must reach, judged on the runs of one invocation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from runs import Run
from variants import VARIANTS


@dataclass(frozen=True)
class Target:
    """One line of the verdict. `reached` is None when the runs it needs were not made."""

    what: str
    reached: bool | None
    found: str

    def __str__(self) -> str:
        word = {True: "PASS", False: "FAIL", None: "not measured"}[self.reached]
        return f"- {word}: {self.what}: {self.found}"


def judge(runs: Sequence[Run]) -> list[Target]:
    """Return the targets of a fleet without broken devices and without login delay."""
    found: list[Target] = []
    for peer in ("a", "a-2"):
        found += _against_network_cli(runs, peer)
    found.append(_logins(runs))
    for size, most in ((100, 1.0), (300, 0.8)):
        found.append(
            _ratio(
                f"{size} devices: ours takes at most {most:g} times as long as b",
                _median(runs, "ours", size, _wall),
                _median(runs, "b", size, _wall),
                lambda ratio, most=most: ratio <= most,
            )
        )
    found.append(
        _ratio(
            "100 devices: CPU of ours at most 6 times that of b",
            _median(runs, "ours", 100, _cpu),
            _median(runs, "b", 100, _cpu),
            lambda ratio: ratio <= 6,
        )
    )
    memory = _median(runs, "ours", 100, _pss)
    found.append(
        quick("100 devices: memory of ours", memory, 150, "MB")
        if memory is not None
        else Target("100 devices: memory of ours under 150 MB", None, "-")
    )
    found.append(_growth(runs))
    failed = {
        f"{run.variant} {run.size}": len(run.failed) for run in runs if run.variant.startswith("ours") and run.failed
    }
    found.append(Target("no failure", not failed if runs else None, str(failed or 0)))
    return found


def judge_broken(runs: Sequence[Run], patience: float, healthy: float | None) -> list[Target]:
    """Return the targets of fleets with broken devices.

    patience: seconds that one login may take. healthy: seconds that as many devices took of which none was broken.
    """
    found = []
    for run in runs:
        if run.variant != "ours":
            continue
        wrong = run.unexpected
        found.append(
            Target(
                f"{run.size} devices with {len(run.broken)} broken: each broken one fails, no other one does",
                not wrong,
                str(wrong or "so it is"),
            )
        )
        without_cause = [name for name in run.broken if run.failed.get(name, "-").startswith("-")]
        found.append(
            Target("each broken one fails with its cause", not without_cause, str(without_cause or "so it is"))
        )
        if healthy is not None:
            most = healthy + patience
            found.append(
                quick("the others are done in the time of a healthy run and one login limit", run.healthy, most, "s")
            )
    return found


def quick(what: str, value: float, most: float, unit: str) -> Target:
    """Return a target that is an upper limit."""
    return Target(f"{what} under {most:.4g} {unit}", value < most, f"{value:.1f} {unit}")


def _wall(run: Run) -> float:
    return run.usage.wall


def _cpu(run: Run) -> float:
    return run.usage.cpu


def _pss(run: Run) -> float:
    return run.usage.pss


def _median(runs: Sequence[Run], name: str, size: int, value: Callable[[Run], float]) -> float | None:
    values = [value(run) for run in runs if (run.variant, run.size) == (name, size)]
    return median(values) if values else None


def _ratio(what: str, one: float | None, other: float | None, good: Callable[[float], bool]) -> Target:
    if not one or not other:
        return Target(what, None, "-")
    return Target(what, good(one / other), f"{one:.1f} to {other:.1f}, {one / other:.2f} times")


def _against_network_cli(runs: Sequence[Run], peer: str) -> list[Target]:
    return [
        _ratio(
            f"20 devices: {peer} takes at least 25 times as long as ours",
            _median(runs, peer, 20, _wall),
            _median(runs, "ours", 20, _wall),
            lambda ratio: ratio >= 25,
        ),
        _ratio(
            f"20 devices: {peer} takes at least 10 times the memory of ours",
            _median(runs, peer, 20, _pss),
            _median(runs, "ours", 20, _pss),
            lambda ratio: ratio >= 10,
        ),
    ]


def _logins(runs: Sequence[Run]) -> Target:
    ours = [run for run in runs if run.variant.startswith("ours")]
    wrong = [
        f"{run.size} devices: {run.heard.logins}"
        for run in ours
        if run.heard.logins != VARIANTS[run.variant].logins * run.size
    ]
    return Target("one login per task on a device", not wrong if ours else None, ", ".join(wrong) or "so it is")


def _growth(runs: Sequence[Run]) -> Target:
    few, many = _median(runs, "ours", 20, _pss), _median(runs, "ours", 300, _pss)
    what = "memory growth of ours from 20 to 300 devices under 60 MB"
    if few is None or many is None:
        return Target(what, None, "-")
    return Target(what, many - few < 60, f"{many - few:.0f} MB ({few:.0f} to {many:.0f})")
