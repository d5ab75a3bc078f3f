# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of a host are written where Ansible itself finds them, or not at all."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.gathered import HostFileError, host_file
from hypothesis import example, given
from hypothesis import strategies as st


def read_by_ansible(directory: Path, host: str) -> list[str]:
    return DataLoader().find_vars_files(str(directory), host)


@given(st.lists(st.text(min_size=1) | st.text("ab./$~'HOME{};% yml", min_size=1, max_size=8), max_size=5, unique=True))
@example(["x;y", "faz hq", "it's", "~root", "%41", "q~", "faz-\u00e9", "fe80::1%eth0", "a\\b"])
@example(["x", "x.yml", "x.yaml", "x.json", "a$HOME", "a${HOME}", "."])
def test_each_file_that_is_written_is_read_for_its_host_also_beside_others(hosts: list[str]) -> None:
    with TemporaryDirectory() as name:
        directory = Path(name)
        written = {}
        for host in hosts:
            try:
                file = host_file(directory, host)
            except HostFileError:
                continue
            assert file.parent == directory
            file.touch()
            written[host] = [str(file)]

        assert {host: read_by_ansible(directory, host) for host in written} == written


@pytest.mark.parametrize("host", ["x;y", "faz-hq.example.com", "faz-\u00e9", "fe80::1%eth0", "alerts@faz", "a b", "1"])
def test_the_file_has_the_exact_name_of_the_host(host: str, tmp_path: Path) -> None:
    assert host_file(tmp_path, host) == tmp_path / f"{host}.yml"


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("../../etc/x", "separator"),
        ("..", "begins with a dot"),
        (".hidden", "begins with a dot"),
        ("", "is empty"),
        ("a\nb", "not printable"),
        ("\udc80", "not printable"),
        ("a$HOME", "variables of the environment"),
        ("x.yaml", "the file of another host"),
        ("\u00e9" * 101, "200 bytes"),
    ],
)
def test_a_name_that_is_no_safe_name_of_a_file_is_refused(host: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(HostFileError, match=reason):
        host_file(tmp_path, host)


@pytest.mark.parametrize("other", ["faz", "faz.yaml", "faz.json"])
def test_another_file_of_the_host_is_neither_hidden_nor_hides_ours(other: str, tmp_path: Path) -> None:
    (tmp_path / other).write_text("a: 1\n", encoding="utf-8")

    with pytest.raises(HostFileError, match=f"{other} is there, and Ansible reads only one"):
        host_file(tmp_path, "faz")


def test_a_folder_of_the_host_is_a_place_to_write_to(tmp_path: Path) -> None:
    folder = tmp_path / "faz"
    folder.mkdir()

    with pytest.raises(HostFileError, match=f"expected another directory, such as {folder}"):
        host_file(tmp_path, "faz")
    host_file(folder, "faz").touch()
    assert read_by_ansible(tmp_path, "faz") == [str(folder / "faz.yml")]
