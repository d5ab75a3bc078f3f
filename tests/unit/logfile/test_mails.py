# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What customers mail: the mail itself, its attachments, saved web pages and archives of all kinds are read as the logs in them."""

from __future__ import annotations

import gzip
import io
import random
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse_file
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.archives import open_log
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.mail import mail_parts, mailbox_parts
from ansible_collections.fortiops.mail.tests.analysed import analyse_bytes
from hypothesis import given
from hypothesis import strategies as st

SAMPLES = Path(__file__).parents[2] / "samples"
LOG = (SAMPLES / "logs" / "debug_three_sends.log").read_bytes()
LETTER = "Hello,\nplease find the log of our FAZ attached.\n\nKind regards\n"
OUTLOOK = SAMPLES / "mails" / "outlook.msg"  # made by libgsf's `gsf createole`


def mail(text: str = LETTER, cte: str = "base64", *attachments: tuple[str, bytes]) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Zoë <z@example.com>", "support@example.net", "No alert mail"
    message["Date"] = "Tue, 24 Nov 2026 10:00:00 +0000"
    message.set_content(text)
    message.add_alternative(f"<html><body>{text}</body></html>", subtype="html")
    for name, content in attachments:
        kind = ("text", "plain") if cte == "quoted-printable" else ("application", "octet-stream")
        message.add_attachment(content, maintype=kind[0], subtype=kind[1], filename=name, cte=cte)
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="logo.png")
    return message.as_bytes()


def tar(files: dict[str, bytes], mode: str = "w") -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return data.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def opened(path: Path, data: bytes) -> list[tuple[str, bytes, str]]:
    path.write_bytes(data)
    with open_log(path) as members:
        return [(each.name.removeprefix(str(path)), each.stream.read(), each.stream.problem) for each in members]


@pytest.mark.parametrize("cte", ["base64", "quoted-printable"])
def test_an_attachment_is_read_and_the_letter_beside_it_is_not(cte: str, tmp_path: Path) -> None:
    assert opened(tmp_path / "x", mail(LETTER, cte, ("debug ü.log", LOG))) == [("!debug ü.log", LOG, "")]


def test_a_log_in_the_letter_is_read(tmp_path: Path) -> None:
    ((name, content, __),) = opened(tmp_path / "x", mail("Hello,\n\n2026-11-24 10:00:00 smtp:1: 535 5.7.8 no\n"))

    assert name == "!text"
    assert b"smtp:1: 535 5.7.8 no" in content


def test_lines_that_a_mail_program_broke_are_whole_again(tmp_path: Path) -> None:
    data = (
        b"From: a@example.com\r\nTo: b@example.com\r\nSubject: log\r\nContent-Type: text/plain; format=flowed\r\n\r\n"
        b"> 2026-11-24 10:00:00 smtp:1: send mail \r\n> failed: 535 5.7.8 no\r\nend\r\n"
    )

    assert opened(tmp_path / "x", data)[0][1] == b"> 2026-11-24 10:00:00 smtp:1: send mail failed: 535 5.7.8 no\nend"


def test_each_mail_of_a_mailbox_is_read(tmp_path: Path) -> None:
    first, second = (mail(LETTER, "base64", (name, LOG)) for name in ("a.log", "b.log"))
    box = (
        b"From z@example.com Tue Nov 24 10:00:00 2026\n"
        + first
        + b"\nFrom z@example.com Tue Nov 24 11:00:00 2026\n"
        + second
    )

    assert opened(tmp_path / "x", box) == [("!1!a.log", LOG, ""), ("!2!b.log", LOG, "")]


def test_a_mail_of_outlook_is_read() -> None:
    with open_log(OUTLOOK) as members:
        found = {each.name.rpartition("!")[2]: each.stream.read() for each in members}

    assert found == {"debug of FAZ-HQ.log": LOG * 3, "small.txt": b"smtp:1: send mail failed: 535 5.7.8 no\n"}


def test_a_mail_gives_what_its_attachments_give(tmp_path: Path) -> None:
    (tmp_path / "x.eml").write_bytes(mail(LETTER, "base64", ("debug.log", LOG)))

    (file,) = analyse_file(str(tmp_path / "x.eml"))

    alone = analyse_bytes(LOG)
    assert file["status"] == "complete"
    assert (file["verdicts"], file["sends"]) == (alone["verdicts"], alone["sends"])


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_archive_has_a_member_for_each_file(mode: str, tmp_path: Path) -> None:
    files = {"logs/a.log": LOG, "b.log.gz": gzip.compress(LOG)}

    assert opened(tmp_path / "x", tar(files, mode)) == [("!logs/a.log", LOG, ""), ("!b.log.gz", LOG, "")]


@pytest.mark.parametrize(
    "pack",
    [
        lambda data: tar({"a.log.gz": gzip.compress(data)}, "w:gz"),
        lambda data: zipped({"a.log.gz": gzip.compress(data)}),
    ],
)
def test_a_mail_with_an_archive_of_packed_logs_is_read(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    assert opened(tmp_path / "x", mail(LETTER, "base64", ("logs", pack(LOG)))) == [("!logs!a.log.gz", LOG, "")]


def test_a_mail_in_a_mail_is_read(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.com", "b@example.com", "Fwd"
    message.set_content("see below\n")
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "c@example.com", "log"
    inner.set_content(LETTER)
    inner.add_attachment(LOG, maintype="text", subtype="x-log", filename="debug.log")
    message.add_attachment(inner)

    assert opened(tmp_path / "x", message.as_bytes()) == [("!debug.log", LOG, "")]


@pytest.mark.parametrize(
    "page",
    [
        "<!DOCTYPE html><html><head><title>Ticket</title><style>p{}</style></head><body><pre>%s</pre></body></html>",
        "\n<HTML><BODY><div>%s</div></BODY></HTML>",
        "<html><body><table>%s</table><script>let x = '<b>';</script></body></html>",
    ],
)
def test_a_saved_web_page_is_what_it_shows(page: str, tmp_path: Path) -> None:
    log = LOG.decode().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    row = {"<div>%s": "%s<br>", "<table": "<tr><td>%s</td></tr>"}
    form = next((form for mark, form in row.items() if mark in page), None)
    body = log if form is None else "".join(form.replace("%s", line) for line in log.splitlines())

    (file,) = analyse_bytes_of(tmp_path / "page.html", (page % body).encode())

    alone = analyse_bytes(LOG)
    assert [each["cause"] for each in file["verdicts"]] == [each["cause"] for each in alone["verdicts"]]
    assert file["unmatched"] == []


def test_a_word_document_is_its_text(tmp_path: Path) -> None:
    office = "http://schemas.openxmlformats.org"
    lines = LOG.decode().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").splitlines()
    # A paragraph for each line, or one with breaks, in several runs.
    half = len(lines) // 2
    text = "".join(f'<w:p><w:r><w:t xml:space="preserve">{line}</w:t></w:r></w:p>' for line in lines[:half])
    runs = (f"<w:r><w:t>{line[:9]}</w:t></w:r><w:r><w:t>{line[9:]}</w:t></w:r>" for line in lines[half:])
    text += f"<w:p>{'<w:br/>'.join(runs)}</w:p>"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    files = {
        "[Content_Types].xml": f'{head}<Types xmlns="{office}/package/2006/content-types"/>',
        "_rels/.rels": f'{head}<Relationships xmlns="{office}/package/2006/relationships"/>',
        "word/styles.xml": f'{head}<w:styles xmlns:w="{office}/wordprocessingml/2006/main"/>',
        "word/document.xml": f'{head}<w:document xmlns:w="{office}/wordprocessingml/2006/main">{text}</w:document>',
    }

    packed = {name: content.encode() for name, content in files.items()}
    (file,) = analyse_bytes_of(tmp_path / "x", zipped({**packed, "word/media/image1.png": b"\x89PNG\r\n\x1a\n\0"}))

    assert file["verdicts"] == analyse_bytes(LOG)["verdicts"]
    assert file["path"].endswith("!word/document.xml")


def test_a_tab_in_a_word_document_parts_words(tmp_path: Path) -> None:
    head = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p>'
    runs = b"<w:r><w:t>smtp:1:</w:t></w:r><w:r><w:tab/><w:t>535 5.7.8 no</w:t></w:r></w:p></w:document>"

    assert opened(tmp_path / "x", zipped({"word/document.xml": head + runs}))[0][1] == b"smtp:1:\t535 5.7.8 no\n"


def test_a_spreadsheet_is_refused_with_what_to_do(tmp_path: Path) -> None:
    sheet = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'

    (file,) = analyse_bytes_of(tmp_path / "x", zipped({"xl/worksheets/sheet1.xml": sheet}))

    assert [note["text"] for note in file["notes"]] == [
        "it is an Office document with no text that can be read; save it as text or CSV"
    ]


def analyse_bytes_of(path: Path, data: bytes) -> list[dict[str, object]]:
    path.write_bytes(data)
    return analyse_file(str(path))


@pytest.mark.parametrize(
    "text",
    [
        b"From: the device\n\n535 5.7.8 no\n",
        b"Subject: x\nTo: y\nwhat: z\nFrom the log:\n535\n",
        b"* From: x\nTo: y\nSubject: z\n",
        LOG,
        b"<htm",
        b"",
    ],
)
def test_what_only_looks_a_little_like_a_mail_is_a_log(text: bytes, tmp_path: Path) -> None:
    assert opened(tmp_path / "x", text) == [("", text, "")]


def test_a_damaged_mail_is_one_sentence_or_what_can_be_read(tmp_path: Path) -> None:
    whole = OUTLOOK.read_bytes()
    noise = random.Random(7)
    for cut in range(8, len(whole), 197):
        damaged = bytearray(whole[:cut])
        for __ in range(5):
            damaged[noise.randrange(8, len(damaged)) if len(damaged) > 8 else 0] = noise.randrange(256)
        damaged[:8] = whole[:8]
        for __, __, problem in opened(tmp_path / "x.msg", bytes(damaged)):
            assert "\n" not in problem
    for flips in range(200):
        damaged = bytearray(whole)
        for __ in range(1 + flips % 7):
            damaged[noise.randrange(8, len(damaged))] = noise.randrange(256)
        opened(tmp_path / "x.msg", bytes(damaged))


@given(st.binary(max_size=400), st.sampled_from([mail_parts, mailbox_parts]))
def test_any_bytes_behind_the_headers_of_a_mail_are_read(
    body: bytes, parts: Callable[..., Iterator[tuple[str, bytes]]]
) -> None:
    head = b"From: a@example.com\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"

    assert all(isinstance(content, bytes) for __, content in parts(io.BytesIO(head + body)))


def test_any_word_of_a_header_is_read(tmp_path: Path) -> None:
    for header in (
        b"Content-Type: text/plain; charset=nonsense",
        b"Content-Disposition: attachment; filename*=x''%FF%",
        b"Content-Type: text/html",
    ):
        data = (
            b"From: a@example.com\nTo: b@example.com\nSubject: x\n"
            + header
            + b"\nContent-Transfer-Encoding: base64\n\nPGI+NTM1IDUuNy44IG5vPC9iPg==\n"
        )
        ((__, content, problem),) = opened(tmp_path / "x", data)
        assert b"535 5.7.8 no" in content
        assert problem == ""


LOGIN = """\
=~=~=~=~=~=~=~=~=~=~=~= PuTTY log 2026.11.24 10:00:00 =~=~=~=~=~=~=~=~=~=~=~=
login as: admin
Pre-authentication banner message from server:
| Authorised users only.
|
End of banner message from server
admin@192.0.2.10's password:
Access denied
admin@192.0.2.10's password:
"""
OPENSSH = """\
The authenticity of host '192.0.2.10 (192.0.2.10)' can't be established.
ED25519 key fingerprint is SHA256:uNiVztksCsDhcc0u9e8BrJXm4ZhyEhGbC2yCyHwxU+k.
This key is not known by any other names.
Are you sure you want to continue connecting (yes/no/[fingerprint])? yes
Warning: Permanently added '192.0.2.10' (ED25519) to the list of known hosts.
admin@192.0.2.10's password:
"""


@pytest.mark.parametrize("login", [LOGIN, OPENSSH, "Password: \n", "(admin@192.0.2.10) Password: \n"])
def test_a_perfect_session_is_complete(login: str) -> None:
    data = login.encode() + LOG + b"FAZ-HQ # exit\nConnection to 192.0.2.10 closed.\n"

    assert analyse_bytes(data)["unmatched"] == []
    assert analyse_bytes(data)["status"] == "complete"
