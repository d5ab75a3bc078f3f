# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What devices say instead of giving a session: each text of the table, further ones, and what only sounds so."""

from __future__ import annotations

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.meanings import meaning_of, meanings, refusal

TEXTS = [(each.text, meaning.cause) for meaning in meanings().values() for each in meaning.texts]
FURTHER = [
    ("Your password was reset by an administrator. You must set a new password now.", "password_change_required"),
    ("WARNING: password expired\nRetype new password: ", "password_change_required"),
    ("Passwords expire in 90 days.\nChange the password before you continue.\nOld password:", "password_change_required"),
    ("User admin has been disabled.", "account_locked"),
    ("Too many wrong passwords, try again later", "account_locked"),
    ("RSA SecurID passcode: ", "second_factor"),
    ("Duo two-factor login\nPasscode or option (1-2): ", "second_factor"),
    ("Enter your authentication code:", "second_factor"),
    ("PTY allocation request failed", "no_command_line"),
    ("Administrators of the API cannot use the CLI.", "no_command_line"),
    ("Another administrator is logged in: the limit of sessions is reached", "busy"),
    ("Wrong username or password", "login_refused"),
    ("Authorised use only. Accounts are locked after 3 attempts.\nLogin incorrect", "login_refused"),
]  # fmt: skip
NOTHING = [
    "",
    "Welcome to FAZ-HQ",
    "Please change your password in 3 days.",
    "Your password will expire in 5 days.\nPlease change your password.",
    "You should change your password within 14 days",
    "Your password expires on Fri Jan  2. Change the password by 2 January.",
    "Users will be locked out after three attempts.",
    "Password: ",
]


@pytest.mark.parametrize(("text", "cause"), [*TEXTS, *FURTHER])
def test_a_text_means_one_thing(text: str, cause: str) -> None:
    for said in (text, text.replace("\n", "\r\n"), text.upper(), f"Authorised use only\n\n{text}"):
        meaning = meaning_of(said)
        assert meaning is not None and meaning.cause == cause


@pytest.mark.parametrize("text", NOTHING)
def test_a_notice_is_no_demand(text: str) -> None:
    assert meaning_of(text) is None


def test_the_words_of_the_device_are_quoted_without_secrets() -> None:
    error = refusal(
        "it ended",
        "x" * 5000 + "\nToo many sessions of canary-1",
        "other",
        lambda text: text.replace("canary-1", "***"),
    )
    assert (error.cause, error.again) == ("busy", True)
    assert str(error).startswith("it ended: 'Too many sessions of ***' (no session is left; close ")
    unknown = refusal("it ended", "The moon is full.", "session_refused")
    assert (unknown.cause, unknown.again, str(unknown)) == ("session_refused", False, "it ended: 'The moon is full.'")
