# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret leaves in no form, and ordinary words stay readable."""

from __future__ import annotations

import base64
import html
import json
import string
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import MASK, Redactor
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.secret_lines import SecretLines
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp import knowledge
from ansible_collections.fortiops.mail.plugins.plugin_utils.terminal.clean import ESCAPE_SEQUENCE
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup

CANARY = 'c4n"ary\\P@ss/wörd'
KNOWING = Redactor([CANARY])
UNKNOWING = Redactor()


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "printed",
    [
        CANARY,
        CANARY.replace("\\", "\\\\").replace('"', '\\"'),
        json.dumps(CANARY),
        json.dumps(CANARY, ensure_ascii=False),
        json.dumps({"deep": json.dumps(CANARY)}),
        repr(CANARY),
        html.escape(CANARY),
        urllib.parse.quote(CANARY),
        urllib.parse.quote(CANARY, safe=""),
        CANARY.encode().hex(),
        b64(CANARY),
        b64("x" + CANARY),
        b64("xy" + CANARY),
        b64("\0alerts@example.com\0" + CANARY),
        b64(CANARY + "\r\n"),
        str(Markup.escape(CANARY)),
        repr(CANARY.encode()),
        CANARY.encode("utf-16-le").decode("utf-8", "replace"),
        CANARY.encode("utf-16-be").hex(),
        base64.b64encode(("x" + CANARY).encode("utf-16-le")).decode(),
        base64.urlsafe_b64encode(CANARY.encode()).decode(),
        "\r\n".join(CANARY),
        "\x1b[0m".join(CANARY),
    ],
    ids=[
        *("plain", "cli", "json", "json-utf8", "json-json", "repr", "html", "url", "url-all", "hex", *"12345", "jinja"),
        *("bytes", "utf-16", "utf-16-hex", "utf-16-base64", "base64url", "wrapped", "coloured"),
    ],
)
def test_a_known_secret_is_masked_in_every_form(printed: str) -> None:
    cleaned = KNOWING.text(f"before {printed} after")

    assert MASK in cleaned
    assert cleaned.startswith("before ") and cleaned.endswith(" after")
    for part in ("ary", "P@ss", "wörd", "w\\u00f6rd", "P%40ss", CANARY.encode().hex()[6:20]):
        assert part not in cleaned
    for before in ("", "x", "xy"):
        assert b64(before + CANARY)[4:20] not in cleaned


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ('        set passwd "hunter2hunter2"', "hunter2"),
        ("        set passwd hunter2", "hunter2"),
        ("        set passwd ENC AAAABBBBCCCC==", "AAAABBBB"),
        ("        set from-passwd ENC DDDDDDDD", "DDDDDDDD"),
        ("(1)# set oauth2-client-secret abc~def", "abc~def"),
        ("set psksecret some words here", "words"),
        ("passwd ENC AAAABBBBCCCC==", "AAAABBBB"),
        (">>> AUTH PLAIN AGFsZXJ0cwBodW50ZXIy", "AGFsZXJ0"),
        ("< AUTH=LOGIN YWxlcnRzQGV4YW1wbGU=", "YWxlcnRz"),
        ("send: 'AUTH XOAUTH2 dXNlcj1hQGIBYXV0aD1CZWFyZXI=\\r\\n'", "dXNlcj1h"),
        ("node_check_object fail! for passwd hunter2", "hunter2"),
        ("node_check_object fail! for cloud-authentication-access-key hunter2", "hunter2"),
        ("Attribute 'passwd' value 'hunter2' checking fail -7610", "hunter2"),
        ("set psk-secret hunter2", "hunter2"),
        ("set priv-pwd hunter2", "hunter2"),
        ("set pass\x1b[1mwd\x1b[0m hunter2", "hunter2"),
        ("0x0030   4155 5448 2050 4c41 494e 2041 4773 4148        AUTH.PLAIN.AGsAH", "4155"),
        ("0x0040\t 41", "41"),
        ("[10:00:01] 0x0040   4155 5448        AUTH", "AUTH"),
        ("auth=Bearer ya29.hunter2-x_y", "hunter2"),
        ('set "passwd" "hunter2"', "hunter2"),
        ("set passw hunter2", "hunter2"),
        ("a AUTHENTICATE PLAIN AGFsZXJ0cwBodW50ZXIy", "AGFsZXJ0"),
        ("passwd: hunter2", "hunter2"),
        ("set auth-password-l1 hunter2", "hunter2"),
        ("set passwd2 hunter2", "hunter2"),
        ("set history0 hunter2", "hunter2"),
        ("set snmp-community hunter2", "hunter2"),
        ("set api-key hunter2", "hunter2"),
        ("set apikey2 hunter2", "hunter2"),
        ("  - smtp_password: 'hunter2 and more'", "more"),
        ('{"user": "a", "passwd": "hunter2, really", "port": 25}', "really"),
        ("[config: [{id: 1, passwd: hunter2}]]", "hunter2"),
        ("debug: smtp password=hunter2", "hunter2"),
        ("oauth2-client-secret = hunter2", "hunter2"),
        ("GET api_key=hunter2", "hunter2"),
        ("proxy http://alerts:hunter2@proxy.example.com:8080/", "hunter2"),
        ("$ curl --user alerts:hunter2 smtp://mail.example.com", "hunter2"),
        ("$ curl -u 'alerts:hunter2' smtp://mail.example.com", "hunter2"),
        ("swaks --auth-user a --auth-password hunter2 --to b@example.com", "hunter2"),
        ("> Authorization: Basic YWxlcnRzOmh1bnRlcjI=", "YWxlcnRz"),
    ],
)
def test_a_line_that_carries_a_secret_is_masked(line: str, secret: str) -> None:
    cleaned = UNKNOWING.text(line)

    assert secret not in cleaned
    assert MASK in cleaned
    assert cleaned.partition(" ")[0] == line.partition(" ")[0]


@pytest.mark.parametrize("name", ["causes.yml", "vocabulary.yml", "reasons.yml"])
def test_what_the_collection_says_itself_is_never_masked(name: str) -> None:
    text = Path(knowledge.__file__).with_name(name).read_text(encoding="utf-8")

    assert UNKNOWING.text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "update_password: on_change needs fingerprint_file",
        "fortiops.mail.system_mail: {config: [{id: relay}], update_password: always}",
        "no credential for admin; expected ansible_password or ansible_ssh_private_key_file",
    ],
)
def test_an_option_that_is_no_password_is_not_masked(text: str) -> None:
    assert UNKNOWING.text(text) == text


def test_what_answers_a_challenge_is_masked() -> None:
    dialogue = [
        ">>> AUTH LOGIN",
        "<<< 334 VXNlcm5hbWU6",
        ">>> YWxlcnRzQGV4YW1wbGUuY29t",
        "<<< 334 UGFzc3dvcmQ6",
        ">>> aHVudGVyMmh1bnRlcjI=",
        "<<< 235 2.7.0 Authentication successful",
        ">>> MAIL FROM:<faz@example.com>",
    ]

    cleaned = UNKNOWING.text("\n".join(dialogue)).split("\n")

    assert cleaned[2] == f">>> {MASK}"
    assert cleaned[4] == f">>> {MASK}"
    assert [cleaned[n] for n in (0, 1, 3, 5, 6)] == [dialogue[n] for n in (0, 1, 3, 5, 6)]


@pytest.mark.parametrize(
    "mark",
    ["", "> ", "C: ", " -> ", "smtp_send:12: >>> ", "2026-11-24 10:00:00 [send:1 id=2] C: ", "CLIENT -> SERVER: "],
)
def test_what_answers_a_challenge_is_masked_in_any_notation(mark: str) -> None:
    cleaned = UNKNOWING.text(f"{mark}334 UGFzc3dvcmQ6\n{mark}aHVudGVyMmh1bnRlcjI=\n{mark}235 2.7.0 ok")

    assert "aHVudGVy" not in cleaned
    assert "235 2.7.0 ok" in cleaned


@pytest.mark.parametrize("between", [[], ["2026-11-24 10:00:00 something of another program"] * 3])
def test_what_follows_a_login_is_masked_where_the_log_lacks_its_challenges(between: list[str]) -> None:
    answers = [">>> YWxlcnRzQGV4YW1wbGUuY29t", ">>> aHVudGVyMmh1bnRlcjI="]
    after = [">>> MAIL FROM:<faz@example.com>", ">>> aHVudGVyMmh1bnRlcjI="]

    cleaned = UNKNOWING.text("\n".join([">>> AUTH LOGIN", *between, answers[0], *between, answers[1], *after])).split(
        "\n"
    )

    assert cleaned == [">>> AUTH LOGIN", *between, f">>> {MASK}", *between, f">>> {MASK}", *after]


@pytest.mark.parametrize("mark", ["> ", "send: ", "C: b'", ""])
@pytest.mark.parametrize("begin", string.ascii_letters + string.digits + "+/")
def test_what_follows_a_login_is_masked_whatever_it_begins_with(begin: str, mark: str) -> None:
    answers = [f"{begin}WFpbHVzZXI=", f"{begin}Xl1c2VyYQ==", f"{begin}Xlwc2Fzd29yZGFi"]

    cleaned = UNKNOWING.text("\n".join(["> AUTH LOGIN", *(f"{mark}{answer}" for answer in answers)]))

    assert cleaned == "\n".join(["> AUTH LOGIN", *[f"{mark}{MASK}"] * len(answers)])


def test_a_rejected_value_is_masked_where_the_error_repeats_it() -> None:
    text = "FAZ (1) # set passwd \"a b\" hunter2\n\nvalue parse error before 'hunter2'\nCommand fail. Return code -651"

    cleaned = UNKNOWING.text(text)

    assert "hunter2" not in cleaned
    assert "value parse error before '" in cleaned
    assert "Return code -651" in cleaned


def test_a_value_rejected_after_a_masked_echo_is_masked() -> None:
    text = "set x\nnode_check_object fail! for access-key hunter2\n\nvalue parse error before 'hunter2'"

    assert "hunter2" not in UNKNOWING.text(text)


def test_a_key_that_was_cut_off_does_not_hide_the_rest_of_a_log() -> None:
    text = "-----BEGIN PRIVATE KEY-----\n" + "line\n" * 300

    assert UNKNOWING.text(text).split("\n").count(MASK) == 250


def test_another_rejected_value_stays() -> None:
    text = "FAZ (1) # set port abc\nvalue parse error before 'abc'"

    assert UNKNOWING.text(text) == text


def test_the_key_in_the_head_of_a_backup_is_masked() -> None:
    assert UNKNOWING.text("#private-encryption-key=c4nary") == f"#private-encryption-key={MASK}"


def test_names_of_snmp_communities_are_masked_and_other_names_are_not() -> None:
    text = (
        'config system snmp community\n    edit 1\n        set name "c4nary"\n        config hosts\n            edit 1\n'
        "                set ip 192.0.2.1\n            next\n        end\n    next\n    edit 2\n        set name c4nary\n    next\n"
        'end\nconfig system snmp user\n    edit "noc"\n        set name "noc"\n        set auth-pwd c4nary\n'
    )
    shown = UNKNOWING.text(text)
    assert "c4nary" not in shown
    assert shown.count(f"set name {MASK}") == 2
    assert 'set name "noc"' in shown and "set ip 192.0.2.1" in shown


def test_a_private_key_is_masked_line_by_line() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nq83vEjRWeJA\n-----END RSA PRIVATE KEY-----\nafter"

    assert UNKNOWING.text(key) == "\n".join([MASK] * 4 + ["after"])


WORDS = [
    "admin",
    "password",
    "enable",
    "disable",
    "25",
    "587",
    "auth",
    "passwd",
    "mail",
    "ENABLE",
    "set",
    "server",
    "abc",
    "",
]


@pytest.mark.parametrize("word", WORDS)
def test_ordinary_words_are_never_masked(word: str) -> None:
    text = f'config system mail\n    edit "1"\n        set auth {word}\n        set port 25\n        # the administrator\n    next\nend'

    assert Redactor(WORDS).text(text) == text


@pytest.mark.parametrize(
    "line",
    [
        "AUTH LOGIN failed",
        ">>> AUTH LOGIN",
        "250-AUTH PLAIN LOGIN XOAUTH2",
        "250-AUTH=LOGIN PLAIN",
        "535 5.7.8 Error: authentication failed",
        "smtp auth enabled for user alerts",
        "unset passwd",
        "ENC",
        "total sent mail count:     334",
        "queued as 4F1B22A0C1",
        "set follow-key enable",
        "535 5.7.8 wrong password: access denied",
        "535-5.7.8 Username and Password not accepted. See https://support.google.com/mail/?p=x a@example.com",
        "Password: ",
        "password = (not set)",
        "passwd              : *",
        "task: {config: [{id: 1, passwd: <password>}]}",
        "server certificate: public key: ecdsa 256",
        "set ssh-hostkey-algo ssh-ed25519",
        "set auth-type psk",
        "error 0x0040 4155 in this line",
        "0x0040 is the number of an error",
        "set ssh-public-key AAAA",
    ],
)
def test_ordinary_lines_stay_as_they_are(line: str) -> None:
    assert UNKNOWING.text(f"{line}\nnext line") == f"{line}\nnext line"


@pytest.mark.parametrize(
    "line",
    [
        "fds_update: connection to the update server is idle",
        "2026-11-24 10:00:00 hcache: hit for report layout 27 key 1a2b3c4d",
        "FAZ # svc_authd(702) check local session of somebody",
        "logd: keeps the log of FAZVMS0000012345",
        "oftpd: session of FL-8HFT718900132",
        "10:00:01.412 dvmdb: lock is held by FMG-VMTM21008765",
    ],
)
def test_a_line_of_another_program_behind_a_challenge_stays_as_it_is(line: str) -> None:
    text = f"smtp_send:412: < 334 VXNlcm5hbWU6\n{line}\n"

    assert UNKNOWING.text(text) == text


@pytest.mark.parametrize("between", ["", "smtp_loop:9: waiting for an answer\n" * 2])
@pytest.mark.parametrize("line", ["smtp_send:413: > {}", "smtp_auth:7: {}", "{}", "the answer is {}", "send: '{}'"])
def test_the_answer_to_a_challenge_is_masked_in_any_notation(line: str, between: str) -> None:
    text = f"smtp_send:412: < 334 VXNlcm5hbWU6\n{between}{line.format('aHVudGVyMmh1bnRlcjI=')}\n"

    assert "aHVudGVy" not in UNKNOWING.text(text)


# How a dialogue marks what the server and what the client says.
NOTATIONS = [
    ("< ", "> "),
    ("<<< ", ">>> "),
    ("S: ", "C: "),
    ("smtp_send:412: < ", "smtp_send:413: > "),
    ("smtp_recv:412: < ", "smtp_send:413: > "),
    ("reply: b'", "send: '"),
    ("SERVER -> CLIENT: ", "CLIENT -> SERVER: "),
    ("", ""),
]
# What another program prints meanwhile; of a line that names none, the beginning is a word.
OTHERS = st.tuples(
    st.sampled_from(
        ["", "kernel: ", "2026-11-24 10:00:00 hcache: ", "FAZ # logd(702) ", "sqllogd: took: ", "10:00:01:412 "]
    ),
    st.sampled_from(["used", "data written", "waited for", "QUIT of", "data:", "reset after"]),
    st.integers(200, 599),
    st.sampled_from(["ms", "s", "MB", "bytes", "mails of", "packets, 4.2.1"]),
    st.sampled_from(["", " in the queue", " for FAZVMS0000012345", " for FMG-VMTM21008765", " at 4f1b22a0"]),
).map(lambda parts: f"{parts[0]}{parts[1]} {parts[2]} {parts[3]}{parts[4]}")


@pytest.mark.parametrize(("server", "client"), NOTATIONS)
@pytest.mark.parametrize("begins", ["334 VXNlcm5hbWU6", "AUTH LOGIN"])
@given(others=st.lists(OTHERS, max_size=2), secret=st.text(min_size=9, max_size=30))
def test_what_another_program_prints_does_not_end_the_wait_for_an_answer(
    server: str, client: str, begins: str, others: list[str], secret: str
) -> None:
    opening = f"{client if begins.startswith('AUTH') else server}{begins}"

    cleaned = UNKNOWING.text("\n".join([opening, *others, f"{client}{b64(secret)}"])).split("\n")

    assert b64(secret) not in cleaned[-1]
    assert cleaned[0] == opening
    named = [place for place, line in enumerate(others, 1) if line.startswith(("kernel", "2026", "FAZ", "sqllogd"))]
    assert [cleaned[place] for place in named] == [others[place - 1] for place in named]


@pytest.mark.parametrize(
    "line", ["set " + "psk" * 20_000, "passwd" + " " * 60_000, "{ " * 30_000 + "passwd:", "-" * 60_000 + "pass"]
)
def test_a_hostile_line_takes_no_time(line: str) -> None:
    begun = time.process_time()
    UNKNOWING.text(line)

    assert time.process_time() - begun < 2


@pytest.mark.parametrize("before", ["", "x", "xy"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_of_either_alphabet_is_masked(encode: Callable[[bytes], bytes], before: str) -> None:
    secret = "~?~?~?~?~?~?"
    shown = encode(f"{before}{secret}".encode()).decode()
    assert set(shown) & set("+/-_")

    assert shown[4:-4] not in Redactor([secret]).text(f"auth {shown} sent")


def test_a_known_secret_may_be_bytes_that_are_no_text() -> None:
    knowing = Redactor(["p\udce4ss-w0rd"])  # as Python reads the byte 0xe4 from a file or the environment

    said = "p\udce4ss-w0rd p\xe4ss-w0rd p%E4ss-w0rd " + base64.b64encode(b"p\xe4ss-w0rd").decode()
    assert knowing.text(said) == " ".join([MASK] * 4)


def test_nested_data_is_cleaned_and_keeps_its_shape() -> None:
    data = {"a": [CANARY, 25, None, True], "b": {"c": ("x " + CANARY,)}}

    assert KNOWING.data(data) == {"a": [MASK, 25, None, True], "b": {"c": ["x " + MASK]}}


def test_a_value_is_masked_as_a_whole_or_not_at_all_and_so_is_a_key() -> None:
    shown, places = KNOWING.values({"entries": {CANARY: [{"user": CANARY, "server": f"x {CANARY}", "port": 25}]}})

    assert shown == {"entries": {MASK: [{"user": MASK, "server": f"x {CANARY}", "port": 25}]}}
    assert places == ["entries", f"entries.{MASK}[0].user"]


TEXT = st.lists(
    st.sampled_from(
        [
            "334 VXNlcm5hbWU6",
            "YWxlcnRz",
            "set passwd x",
            "set passwd ENC abc",
            "-----BEGIN PRIVATE KEY-----",
            "value parse error before 'x'",
            "-----END PRIVATE KEY-----",
            "AUTH PLAIN AGFsZXJ0cwBodW50ZXIy",
            f"a {CANARY} b",
            b64("12" + CANARY),
            MASK,
        ]
    )
    | st.text(max_size=30),
    max_size=12,
).map("\n".join)


@given(TEXT)
def test_line_numbers_stay(text: str) -> None:
    assert KNOWING.text(text).count("\n") == text.count("\n")


@given(TEXT)
def test_redacting_twice_is_redacting_once(text: str) -> None:
    once = KNOWING.text(text)

    assert KNOWING.text(once) == once


@example("=00000", "\x1b", "")
@given(st.text(min_size=6, max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_no_known_secret_survives(secret: str, before: str, after: str) -> None:
    redactor = Redactor([secret])
    if secret in MASK or redactor.text(secret) == secret or "\n" in secret or (before + after).count(secret):
        return  # a word of the device, or spread over lines

    assert secret not in redactor.text(f"{before}{secret}{after}")
    assert b64(secret)[:-4] not in redactor.text(b64(secret))


OVERLAPPING = "aXbaXb"
PARTS = st.lists(
    st.sampled_from(
        [
            CANARY,
            "\r\n".join(CANARY),
            "\x1b[0m".join(CANARY),
            "\0".join(CANARY),
            OVERLAPPING + OVERLAPPING,
            "c4n" + "x" * 39,
            b64("\0alerts\0" + CANARY),
            "\n".join(b64("12" + CANARY)),
            "334 UGFzc3dvcmQ6\n",
            "YWxlcnRz\n",
            "        set passwd ENC AAAABBBB\r\n",
            "set pass\x1b[1mwd\x1b[0m hunter2\n",
            "value parse error before 'hunter2'\n",
            "-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKC\n",
            "-----END PRIVATE KEY-----\n",
            "AUTH PLAIN AGFsZXJ0cwBodW50ZXIy",
            "\x1b]0;title\x07",
            "\x1b",
            "\n",
            " ",
            "fazmaild: waiting\n",
        ]
    )
    | st.text(max_size=8),
    max_size=12,
).map("".join)


@given(PARTS)
def test_single_lines_give_the_same_as_the_whole(text: str) -> None:
    lines = SecretLines()
    assert [line for each in text.split("\n") for line in lines.masked([each])] == UNKNOWING.text(text).split("\n")


TEARS = st.sampled_from(["\r\n", "\n", "\r", "\x1b[31m", "\x1b[0m\r\n", "\0", "\x1b]0;x\x07"])


@given(st.lists(TEARS, min_size=1, max_size=4), st.booleans())
def test_no_tearing_shows_a_secret(tears: list[str], encoded: bool) -> None:
    secret = b64("x" + CANARY)[2:-2] if encoded else CANARY
    third = len(secret) // 3
    text = "before " + secret[:third] + "".join(tears) + secret[third:] + "\nafter\n"

    shown = KNOWING.text(text)

    joined = ESCAPE_SEQUENCE.sub("", shown).translate(dict.fromkeys(map(ord, "\r\n\0")))
    assert secret[:third] not in joined and secret[third:] not in joined
    assert joined.startswith("before " + MASK) and joined.endswith("after")
    assert shown.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "piece", ["set ", "334 ", "AUTH PLAIN ", "set a-", "ENC ", "-----BEGIN ", "A", "'", " ", "\x1b["]
)
def test_hostile_text_takes_no_longer_than_any_other(piece: str) -> None:
    # A quadratic pattern would need minutes.
    text = piece * (200_000 // len(piece))

    Redactor([CANARY]).text(f"334 x\nset passwd x\n{text}\n{text}?")


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_quotation_mark_in_a_secret_does_not_end_it(quote: str) -> None:
    line = f"{{{quote}passwd{quote}: {quote}c4n\\{quote}y-7f{quote}, {quote}user{quote}: {quote}a{quote}}}"

    assert Redactor().text(line) == f"{{{quote}passwd{quote}: {MASK}, {quote}user{quote}: {quote}a{quote}}}"
