# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail gather`: what a backup holds becomes variables of a host, once."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main

MAIL = """config system mail
    edit "relay"
        set server "smtp.{{ lookup('pipe', 'id') }}"
        set passwd ENC AAAA
        set port 587
    next
end
"""
ALERTS = """config system alert-event
    edit "disk full"
        set num-events 5
        config alert-destination
            edit 1
                set to "noc@example.com"
                set smtp-name "relay"
            next
            edit 2
                set type syslog
            next
        end
    next
end
"""


def gather(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    status = main(["gather", *map(str, arguments)])
    printed = capsys.readouterr()
    return status, printed.out + printed.err


def test_backups_become_host_variables_and_are_never_replaced_unasked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("backups").mkdir()
    Path("backups/faz-hq.conf").write_text(MAIL + ALERTS, encoding="utf-8")
    Path("backups/faz-dr.conf").write_text(MAIL, encoding="utf-8")
    status, said = gather(capsys, "backups")
    assert status == 0
    assert "host_vars/faz-hq.yml: mail servers: 1, alert events: 1" in said
    assert "alert events were not read: config system alert-event is not in the text" in said
    text = Path("host_vars/faz-hq.yml").read_text(encoding="utf-8")
    assert "ansible-vault encrypt_string --stdin-name passwd" in text
    assert text.partition("mail_servers:\n")[2] == (
        "  - id: relay\n    port: 587\n    server: !unsafe \"smtp.{{ lookup('pipe', 'id') }}\"\n    passwd_set: true\n"
        "    # The device stores a password here, which cannot be read. To set it elsewhere, too, put the output of\n"
        "    #   ansible-vault encrypt_string --stdin-name passwd\n    # in place of the next line.\n    # passwd: !vault |\n"
        "alert_events:\n  - event: disk full\n    num_events: '5'\n    destinations:\n"
        "      - id: 1\n        to: noc@example.com\n        smtp_name: relay\n"
    )
    assert "# Not read: config system alert-event is not in the text" in Path("host_vars/faz-dr.yml").read_text("utf-8")

    Path("host_vars/faz-hq.yml").write_text("mine\n", encoding="utf-8")
    status, said = gather(capsys, "backups")
    assert (status, Path("host_vars/faz-hq.yml").read_text(encoding="utf-8")) == (1, "mine\n")
    assert "host_vars/faz-hq.yml is there already; --force replaces it" in said
    assert gather(capsys, "backups", "--force")[0] == 0
    assert Path("host_vars/faz-hq.yml").read_text(encoding="utf-8") == text


def test_a_host_has_the_file_that_ansible_reads_for_it_or_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("x;y", "a$HOME"):
        Path(f"{name}.conf").write_text(MAIL, encoding="utf-8")

    status, said = gather(capsys, "x;y.conf", "a$HOME.conf")

    assert status == 1
    assert [file.name for file in Path("host_vars").iterdir()] == ["x;y.yml"]
    assert "fazmail: a$HOME: no file of variables can be called as this host: its name has a $" in said


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "config system mail is not in the text; expected a table of mail servers"),
        (MAIL[:-4].encode(), "is cut off: its `end` is missing"),
        (b"\xff\xfe\x00", "config system mail is not in the text"),
        (None, "no such file; expected a backup, or the name or address of a device"),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, message: str
) -> None:
    file = tmp_path / "faz.conf"
    if content is not None:
        file.write_bytes(content)
    status, said = gather(capsys, file, "--directory", tmp_path / "vars")
    assert (status, message in said) == (1, True), said
    assert not list(tmp_path.glob("vars/*"))


def test_standard_input_is_no_backup_as_it_has_no_name_for_a_host(capsys: pytest.CaptureFixture[str]) -> None:
    assert gather(capsys, "-") == (
        1,
        "fazmail: -: no such file; expected a backup, or the name or address of a device\n",
    )
