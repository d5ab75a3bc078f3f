# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get ansible.netcommon, which variant (a) needs, from the package `ansible` on PyPI.

Installing that package would put some hundred collections beside this one; two of them are taken out of the wheel.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# Of the line that goes with ansible-core 2.19; its netcommon still has ssh_type paramiko.
_PACKAGE = "ansible==12.3.0"
_WANTED = ("ansible_collections/ansible/netcommon/", "ansible_collections/ansible/utils/")


def fetch_peer(directory: Path) -> None:
    """Put the collections below `directory` unless they are there. Raises CalledProcessError when pip cannot get them."""
    if all((directory / folder / "MANIFEST.json").is_file() for folder in _WANTED):
        return
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, _PACKAGE]
        subprocess.run(pip, check=True)
        with zipfile.ZipFile(next(Path(folder).glob("ansible-*.whl"))) as wheel:
            wheel.extractall(directory, [name for name in wheel.namelist() if name.startswith(_WANTED)])
