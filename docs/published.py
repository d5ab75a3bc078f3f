# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is published: the files of this checkout, in a folder from which artifacts are built: `make release`.

Galaxy and PyPI show the README without the files beside it. There its links lead to the repository, to the tag of the version.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
_LINK = re.compile(r"(!\[[^\]]*)?\]\(([^()\s]+)\)")


def led(text: str, page: str, ref: str, kept: Collection[str] = ()) -> str:
    """Return the text of a page with its links to files of the repository, but for those kept, leading there."""

    def address(match: re.Match[str]) -> str:
        name, mark, anchor = match[2].partition("#")
        place = os.path.normpath(Path(page).parent / name)
        if not name or name.startswith(("http:", "https:", "mailto:")) or place in kept:
            return match[0]
        kind = "raw" if match[1] else "blob"
        return f"{match[1] or ''}]({GALAXY['repository']}/{kind}/{ref}/{place}{mark}{anchor})"

    return _LINK.sub(address, text)


def copied(folder: Path) -> None:
    """Copy the files of the checkout, new ones too, into a folder, with a README for readers elsewhere."""
    command = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, listed):
        source, target = ROOT / name, folder / name
        if source.is_symlink() or source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    readme = folder / "README.md"
    readme.write_text(led(readme.read_text(encoding="utf-8"), "README.md", f"v{GALAXY['version']}"), encoding="utf-8")


if __name__ == "__main__":
    copied(Path(sys.argv[1]))
