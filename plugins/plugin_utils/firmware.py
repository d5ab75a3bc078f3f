# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Firmware of a device, and ranges of firmware that have an option."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable
from dataclasses import dataclass

Version = tuple[int, int, int]

# `v7.4.6-build2588 241218 (GA.M)`; one sample writes a blank instead of the dash before `build`.
_VERSION = re.compile(
    r"^v(?P<version>\d+\.\d+\.\d+)(?:[- ]build(?P<build>\d+)(?:\s+(?P<date>\d+))?)?(?:\s*\((?P<maturity>[^)]*)\))?\s*$"
)
_BOUND = re.compile(r"^\s*(>=|<=|<|>|==)\s*(\d+)\.(\d+)(?:\.(\d+))?\s*$")
_OPERATORS = {">=": operator.ge, "<=": operator.le, "<": operator.lt, ">": operator.gt, "==": operator.eq}


@dataclass(frozen=True)
class Firmware:
    """What `get system status` says about the software of a device.

    `family` is `FortiAnalyzer` or `FortiManager`; `maturity` is the release tag in parentheses, such as `GA.M`.
    """

    family: str
    version: Version
    build: int | None = None
    maturity: str = ""
    platform: str = ""

    @classmethod
    def from_status(cls, full_name: str, version: str, platform: str = "") -> Firmware:
        """Read `Platform Full Name`, `Version` and `Platform Type` of `get system status`.

        Raises ValueError when the version line has another form or the product is neither of the two.
        """
        match = _VERSION.match(version.strip())
        if match is None:
            raise ValueError(f"version {version!r} does not look like 'v7.4.6-build2588 241218 (GA.M)'")
        family = full_name.strip().split("-", 1)[0]
        if family not in ("FortiAnalyzer", "FortiManager"):
            raise ValueError(f"platform {full_name!r} is neither a FortiAnalyzer nor a FortiManager")
        major, minor, patch = (int(part) for part in match["version"].split("."))
        return cls(
            family=family,
            version=(major, minor, patch),
            build=int(match["build"]) if match["build"] else None,
            maturity=match["maturity"] or "",
            platform=platform,
        )

    @classmethod
    def from_text(cls, text: str) -> Firmware:
        """Read what str() of a firmware says, such as `FortiAnalyzer 7.4.2`. Raises ValueError."""
        match = re.fullmatch(r"(FortiAnalyzer|FortiManager) (\d+)\.(\d+)\.(\d+)", text.strip())
        if match is None:
            raise ValueError(f"firmware {text!r} does not look like 'FortiAnalyzer 7.4.2' or 'FortiManager 7.6.7'")
        return cls(match[1], (int(match[2]), int(match[3]), int(match[4])))

    @property
    def version_text(self) -> str:
        return ".".join(str(part) for part in self.version)

    def __str__(self) -> str:
        return f"{self.family} {self.version_text}"


def in_ranges(version: Version, ranges: Iterable[str]) -> bool:
    """Return whether a version lies in one of the ranges, each written like `>=7.0.7,<7.1`.

    No ranges at all means every version. Raises ValueError for a range that cannot be read.
    """
    ranges = list(ranges)
    return not ranges or any(all(_holds(version, bound) for bound in each.split(",")) for each in ranges)


def _holds(version: Version, bound: str) -> bool:
    match = _BOUND.match(bound)
    if match is None:
        raise ValueError(f"firmware bound {bound!r} does not look like '>=7.4.4'")
    sign, major, minor, patch = match.groups()
    return bool(_OPERATORS[sign](version, (int(major), int(minor), int(patch or 0))))
