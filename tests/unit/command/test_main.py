# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `fazmail parse`, as a person or a script uses it."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command import run as run_command
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import COMMANDS, command_parser, main
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.manual import commands_of, manual
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import JobError

LOGS = Path(__file__).parents[2] / "samples" / "logs"
FAILED = str(LOGS / "swaks_relay_denied.log")
UNKNOWN = str(LOGS / "capture_unknown.log")
ACCEPTED = str(LOGS / "capture_counters.log")
COMMAND = [sys.executable, "-c", f"import sys; from {main.__module__} import main; sys.exit(main())", "parse"]

Printed = pytest.CaptureFixture[str]


def run(
    *arguments: str, given: bytes = b"", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*COMMAND, *arguments], input=given, capture_output=True, env={**os.environ, **(environment or {})}, check=False
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_a_person_sees_what_failed_and_who_must_act(capsys: Printed) -> None:
    assert main(["parse", FAILED]) == 1

    printed = capsys.readouterr().out
    assert "relay_denied" in printed
    assert "mail admin" in printed
    assert "line 19: 554 5.7.1 <ops@example.net>: Relay access denied" in printed
    assert "22 lines: 22 event, 0 ignored, 0 foreign, 0 unmatched" in printed


def test_json_is_one_document_with_a_schema(capsys: Printed) -> None:
    main(["parse", "--format", "json", FAILED, ACCEPTED])

    result = json.loads(capsys.readouterr().out)
    assert result["schema"] == "fortiops.mail/parse/1"
    assert [file["path"] for file in result["files"]] == [FAILED, ACCEPTED]


def test_json_lines_hold_the_same_as_json(capsys: Printed) -> None:
    main(["parse", "--format", "json", FAILED, UNKNOWN])
    files = json.loads(capsys.readouterr().out)["files"]
    main(["parse", "--format", "jsonl", FAILED, UNKNOWN])
    rows = [json.loads(line) for line in capsys.readouterr().out.split("\n") if line]

    for file in files:
        for kind, many in (("record", "records"), ("unmatched", "unmatched"), ("verdict", "verdicts")):
            mine = [row for row in rows if row["path"] == file["path"] and row["kind"] == kind]
            assert mine == [{"path": file["path"], "kind": kind, **each} for each in file[many]]
    assert [row["path"] for row in rows if row["kind"] == "summary"] == [FAILED, UNKNOWN]


def test_standard_input_is_read_as_the_file_would_be(capsys: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.FileIO(FAILED))))
    assert main(["parse", "--format", "json", "-"]) == 1
    piped = json.loads(capsys.readouterr().out)["files"][0]
    main(["parse", "--format", "json", FAILED])

    assert {**json.loads(capsys.readouterr().out)["files"][0], "path": "-"} == piped


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ([ACCEPTED], 0),
        ([FAILED], 1),
        ([UNKNOWN], 3),
        ([ACCEPTED, FAILED], 1),
        ([ACCEPTED, UNKNOWN], 3),
        ([UNKNOWN, FAILED], 1),
    ],
)
def test_the_exit_status_tells_the_outcome(files: list[str], status: int, capsys: Printed) -> None:
    assert main(["parse", *files]) == status


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "a shopping list\n",
        "< 250 Ok\nwho wrote this\n",
        "250 2.0.0 not queued, 550 rejected\n",
        "235 2.7.0 hi\n",
    ],
)
def test_what_was_not_understood_is_no_success(text: str, tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "x.log").write_text(text, encoding="utf-8")

    assert main(["parse", str(tmp_path / "x.log")]) == 3


def test_a_file_that_cannot_be_read_is_one_clear_line_and_stops_no_other(tmp_path: Path, capsys: Printed) -> None:
    missing = tmp_path / "missing.log"

    assert main(["parse", "--format", "json", str(missing), ACCEPTED]) == 2

    printed = capsys.readouterr()
    assert [file["path"] for file in json.loads(printed.out)["files"]] == [ACCEPTED]
    assert printed.err.count("\n") == 1
    assert printed.err.startswith(f"fazmail: {missing}: cannot be read: ")


@pytest.mark.parametrize("arguments", [["parse"], ["parse", "--format", "xml", FAILED], ["--no-such-option"]])
def test_a_wrong_command_line_is_status_2(arguments: list[str], capsys: Printed) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)

    assert stopped.value.code == 2
    assert "usage: fazmail" in capsys.readouterr().err


def test_without_arguments_it_says_what_there_is(capsys: Printed) -> None:
    assert main([]) == 0
    alone = capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["--help"])

    assert alone == capsys.readouterr().out
    assert all(f"\n    {name} " in alone for name in COMMANDS)


def test_a_file_alone_is_parsed(capsys: Printed, tmp_path: Path) -> None:
    assert main(["parse", FAILED, ACCEPTED]) == 1
    parsed = capsys.readouterr().out

    assert main([FAILED, ACCEPTED]) == 1
    assert capsys.readouterr().out == parsed
    assert main([FAILED, "--format", "html"]) == 1
    assert capsys.readouterr().out.lstrip().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("prase", "prase: is neither a command nor a file; did you mean parse"),
        ("no-such.log", "no-such.log: is neither a command nor a file; `fazmail` lists the commands"),
        ("x" * 5000, "is neither a command nor a file"),
    ],
)
def test_a_word_that_is_nothing_is_one_clear_line(word: str, said: str, capsys: Printed) -> None:
    assert main([word]) == 2

    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("option", ["-V", "--version"])
def test_the_version(option: str, capsys: Printed) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([option])

    assert stopped.value.code == 0
    assert re.fullmatch(r"fazmail \S.*\n", capsys.readouterr().out)


# -- shells and the manual -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("fazmail pa", {"parse "}),
        ("fazmail parse --format h", {"html "}),
        ("fazmail parse --summ", {"--summary "}),
        ("fazmail templates l", {"lint", "list"}),
        ("fazmail simulate --inv", {"--inventory "}),
    ],
)
def test_a_shell_completes_commands_and_options(line: str, expected: set[str], tmp_path: Path) -> None:
    answer = tmp_path / "answer"
    shell = {
        "_ARGCOMPLETE": "1",
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
    }

    subprocess.run(COMMAND[:-1], env={**os.environ, **shell, "_ARGCOMPLETE_IFS": "\n"}, check=True)

    assert set(answer.read_text(encoding="utf-8").split("\n")) == expected


def test_bash_takes_the_script_for_completion(capsys: Printed) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert main(["completion", shell]) == 0
        script = capsys.readouterr().out
        assert "fazmail" in script
        if shell == "bash":
            done = subprocess.run(
                ["bash", "-c", f"{script}\ncomplete -p fazmail"], capture_output=True, text=True, check=True
            )
            assert done.stdout.startswith("complete ")
            assert done.stderr == ""


def test_completion_without_its_package_is_one_clear_line(capsys: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "argcomplete.shell_integration", None)
    monkeypatch.setitem(sys.modules, "argcomplete", None)

    assert main(["completion", "bash"]) == 2
    assert "run: pip install argcomplete" in capsys.readouterr().err


def test_the_manual_page_has_every_command_and_option(capsys: Printed) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--manual"])
    page = capsys.readouterr().out

    assert stopped.value.code == 0
    assert page == manual(command_parser())

    for name, parser in commands_of(command_parser()):
        assert f"\n.SS {name}\n" in page
        for action in parser._actions:
            for option in action.option_strings:
                assert option.replace("-", "\\-") in page
    assert not re.search(r"^\.(?!TH|SH|SS|TP|PP|nf|fi|B|I|br)", page, re.MULTILINE)
    assert "%(" not in page


def test_files_may_stand_before_and_behind_options(capsys: Printed) -> None:
    main(["parse", FAILED, "--format", "json", ACCEPTED, "-j", "1", UNKNOWN])

    assert [file["path"] for file in json.loads(capsys.readouterr().out)["files"]] == [FAILED, ACCEPTED, UNKNOWN]


@pytest.mark.parametrize(
    "arguments", [["explain", "550", "551"], ["parse", "x", "--colour"], ["templates", "list", "x"]]
)
def test_a_word_too_many_shows_the_usage_of_its_command(arguments: list[str], capsys: Printed) -> None:
    with pytest.raises(SystemExit):
        main(arguments)

    told = capsys.readouterr().err
    assert told.startswith(f"usage: fazmail {arguments[0]} ")
    assert f"unrecognized arguments: {arguments[-1]}\n" in told


@pytest.mark.parametrize("host", ["bob@faz.example.com", "127.0.0.1:2222", "[::1]:22"])
def test_a_host_written_as_ssh_or_a_url_has_it_is_refused_with_the_options_for_it(
    host: str, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAZMAIL_PASSWORD", "x")

    assert main(["run", host, "get system status"]) == 2
    assert (
        capsys.readouterr().err
        == f"fazmail: run: HOST {host}: expected a name or an address; --user has the user, --port the port\n"
    )


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ("--templates", "fazmail: --templates none: expected a folder with a file `index`\n"),
        ("--vocabulary", "fazmail: none: cannot be read: No such file or directory; expected a vocabulary\n"),
    ],
)
def test_a_wrong_path_of_an_option_is_one_clear_line(option: str, complaint: str) -> None:
    done = run(option, "none", ACCEPTED)

    assert (done.returncode, done.stdout, done.stderr) == (2, "", complaint)


def test_a_vocabulary_of_ones_own_is_asked_first(tmp_path: Path) -> None:
    file = tmp_path / "mine.yml"
    file.write_text(
        "texts:\n- {text: did something nobody has seen, library: fazmaild, stage: queue, cause: queue_blocked,"
        " evidence: verbatim}\n",
        encoding="utf-8",
    )

    done = run("--vocabulary", str(file), "--format", "json", UNKNOWN)

    assert done.returncode == 1
    assert json.loads(done.stdout)["files"][0]["verdicts"][0]["cause"] == "queue_blocked"


def test_a_template_of_ones_own_is_asked_first(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("Template, Hostname, Platform, Version, Command\n", encoding="utf-8")
    (tmp_path / "fazmaild_debug.textfsm").write_text(
        "Value Required TEXT (.*)\n\nStart\n  ^mine ${TEXT} -> Record\n", encoding="utf-8"
    )

    done = run("--templates", str(tmp_path), "--format", "json", "-", given=b"mine hello\n")

    assert json.loads(done.stdout)["files"][0]["records"] == [
        {"template": "fazmaild_debug", "line": 1, "text": "hello"}
    ]


def test_a_reader_that_leaves_early_is_in_the_status_and_no_error() -> None:
    shell = " ".join(f"'{word}'" for word in [*COMMAND, "--format", "json", *[FAILED] * 40])

    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{shell} | head -c 10"], capture_output=True, text=True, check=False
    )

    assert done.stdout == '{\n  "schem'
    assert done.stderr == ""
    assert done.returncode == 141


def test_control_characters_of_a_log_do_not_reach_the_terminal(capsys: Printed, tmp_path: Path) -> None:
    (tmp_path / "x.log").write_text(
        "smtp:1: \u202eConnection refused\x9b31m \x1b(B\nwho \x1b\x07 \x9b is \u2028 this\n", encoding="utf-8"
    )

    main(["parse", str(tmp_path / "x.log")])

    printed = capsys.readouterr().out
    assert not [character for character in printed if character != "\n" and not character.isprintable()]
    assert "\\u202eConnection refused\\x9b31m" in printed


def test_a_secret_is_not_shown(tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "x.log").write_text(
        ">>> AUTH PLAIN AGFsZXJ0cwBodW50ZXIy\n<<< 535 5.7.8 no\nset passwd hunter2\n", encoding="utf-8"
    )
    for form in ("table", "json", "jsonl"):
        main(["parse", "--format", form, str(tmp_path / "x.log")])

        printed = capsys.readouterr().out
        assert "hunter2" not in printed
        assert "AGFsZXJ0" not in printed


@pytest.mark.parametrize("form", ["table", "json", "jsonl"])
def test_any_bytes_and_any_file_name_can_be_shown(form: str, tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff\xf6.log"
    Path(os.fsdecode(name)).write_bytes(b"\xff\xfe\xff\xff\x00\xd8 \x81\n")

    encoding = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run([*COMMAND, "--format", form, name], capture_output=True, check=False, env=encoding)

    assert done.stderr == b""
    assert done.returncode == 3


def test_help_tells_the_exit_statuses(capsys: Printed) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["parse", "--help"])

    assert stopped.value.code == 0
    assert "a verdict is unknown" in capsys.readouterr().out


def test_a_log_of_unknown_doings_is_no_success_and_an_idle_log_is_one(tmp_path: Path, capsys: Printed) -> None:
    log = tmp_path / "x.log"
    log.write_text("sendmail_task:12: mail task left the loop with state 7\n", encoding="utf-8")
    assert main(["parse", str(log)]) == 3
    assert "no send was recognised" in capsys.readouterr().out
    log.write_text("sendmail_loop:1143: total pending tasks: 0.\n", encoding="utf-8")
    assert main(["parse", str(log)]) == 0


def test_help_is_not_kept_waiting_for_what_commands_need() -> None:
    package = "ansible_collections.fortiops.mail"
    code = (
        f"import sys\nfrom {package}.plugins.plugin_utils.command.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    print(*sys.modules, file=sys.stderr)\n"
    )

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr.split()

    ours = {name.removeprefix(f"{package}.plugins.plugin_utils.") for name in loaded if name.startswith(package)}
    assert {name for name in ours if "." in name and not name.startswith(("command.", package))} == set()
    assert not {"yaml", "jinja2", "textfsm", "paramiko"} & set(loaded)


def test_port_0_is_no_other_port(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FAZMAIL_PASSWORD", "x")
    assert main(["run", "127.0.0.1", "--port", "0", "get system status"]) == 2
    assert "port 0 is out of range 1-65535; check --port" in capsys.readouterr().err


def test_what_may_write_names_the_option_of_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*__: object) -> None:
        raise JobError(
            "'execute reboot' is not known to change nothing. Set allow_write: true to send it", "not_read_only"
        )

    monkeypatch.setattr(run_command, "do", refused)
    assert main(["run", "faz", "execute reboot"]) == 2
    assert "Set allow_write: true to send it, which is --allow-write here\n" in capsys.readouterr().err
