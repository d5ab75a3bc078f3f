# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of the compliance report, as a person uses it in a browser."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_selenium_python import Axe
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from .conftest import look

Page = Callable[[int], str]


def shown(browser: webdriver.Chrome) -> list[str]:
    """The names of the devices in the list, from the top."""
    # One question for all: each one asked of the browser by itself takes as long.
    names: list[str] = browser.execute_script(
        "return [...document.querySelectorAll('.list > details')].filter(each => each.checkVisibility())"
        ".map(each => each.querySelector('summary b').textContent)"
    )
    return names


def choose(browser: webdriver.Chrome, name: str, value: str) -> None:
    Select(browser.find_element(By.NAME, name)).select_by_value(value)


def wait_until(browser: webdriver.Chrome, condition: Callable[[], bool]) -> None:
    """Wait until the page has done what it was asked; fail after ten seconds."""
    WebDriverWait(browser, 10).until(lambda __: condition())


def complaints(browser: webdriver.Chrome) -> list[Any]:
    return [each for each in browser.get_log("browser") if each["level"] in ("SEVERE", "WARNING")]  # type: ignore[no-untyped-call]


def test_search_filter_and_sort(browser: webdriver.Chrome, page: Page) -> None:
    browser.get(page(40))
    everything = shown(browser)
    assert len(everything) == 40
    search = browser.find_element(By.NAME, "q")
    search.send_keys("fmg-01")
    assert sorted(shown(browser)) == ["fmg-011", "fmg-013", "fmg-015", "fmg-017", "fmg-019"]
    assert browser.find_element(By.CLASS_NAME, "shown").text == "5 of 40 devices"
    search.clear()
    search.send_keys("TIMED out")
    assert set(shown(browser)) == {"faz-030", "fmg-007"}
    browser.find_element(By.CSS_SELECTOR, "button[type=reset]").click()
    wait_until(browser, lambda: shown(browser) == everything)
    for name, value, words in (
        ("rule", "FMAIL-007", "lowest_tls is tlsv1.0"),
        ("severity", "critical", "FMAIL-004"),
        ("firmware", "FortiManager 7.6.2", "FortiManager 7.6.2"),
        ("group", "amer", "amer"),
        ("state", "not_assessed", "timed out"),
        ("change", "new", "new"),
    ):
        choose(browser, name, value)
        chosen = shown(browser)
        assert 0 < len(chosen) < 40, name
        details = [each for each in browser.find_elements(By.CSS_SELECTOR, ".list > details") if each.is_displayed()]
        assert all(words in (each.get_attribute("textContent") or "") for each in details), name
        choose(browser, name, "")
    choose(browser, "sort", "name")
    assert shown(browser) == sorted(everything)
    choose(browser, "sort", "findings")
    counts = [
        int(each.get_attribute("data-count") or 0) for each in browser.find_elements(By.CSS_SELECTOR, ".list > details")
    ]
    assert counts == sorted(counts, reverse=True)
    assert complaints(browser) == []


def test_a_link_opens_a_finding_also_when_it_is_filtered_away(browser: webdriver.Chrome, page: Page) -> None:
    browser.get(page(40) + "#device-faz-000-FMAIL-002")
    finding = browser.find_element(By.ID, "device-faz-000-FMAIL-002")
    assert finding.is_displayed()
    top = browser.execute_script("return arguments[0].getBoundingClientRect().top", finding)
    assert 0 <= top < 900
    choose(browser, "state", "not_assessed")
    assert not finding.is_displayed()
    browser.execute_script("location.hash = ''; location.hash = '#device-faz-000-FMAIL-002'")
    wait_until(browser, finding.is_displayed)


def test_what_is_chosen_is_in_the_address(browser: webdriver.Chrome, page: Page) -> None:
    browser.get(page(40) + "?severity=critical&sort=name")
    chosen = shown(browser)
    assert 0 < len(chosen) < 40
    assert chosen == sorted(chosen)


def test_a_fix_is_copied_line_by_line(browser: webdriver.Chrome, page: Page) -> None:
    browser.get(page(3))
    browser.execute_script("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    row = next(
        each
        for each in browser.find_elements(By.CLASS_NAME, "fix")
        if each.is_displayed() and "config system dns" in each.text
    )
    row.find_element(By.TAG_NAME, "button").click()
    wait_until(browser, lambda: row.find_element(By.TAG_NAME, "button").text == "copied")
    assert browser.execute_script("return window.copied.split('\\n').length") == 2


def test_everything_can_be_read_without_script(browser: webdriver.Chrome, page: Page) -> None:
    look(browser, script=False)
    browser.get(page(40))
    source = browser.page_source
    assert [each for each in browser.find_elements(By.TAG_NAME, "form") if each.is_displayed()] == []
    assert [each for each in browser.find_elements(By.TAG_NAME, "button") if each.is_displayed()] == []
    device = browser.find_element(By.ID, "device-faz-000")
    device.find_element(By.TAG_NAME, "summary").click()
    assert "secure_option is none" in device.text
    assert "lowest_tls is tlsv1.0" in source


def test_the_policy_lets_no_other_script_run(browser: webdriver.Chrome, page: Page, tmp_path: Path) -> None:
    text = Path(page(3).removeprefix("file://")).read_text(encoding="utf-8")
    assert text.count("<script>") == 1
    file = tmp_path / "changed.html"
    file.write_text(text.replace("</main>", "</main><script>document.title = 'owned'</script>"), encoding="utf-8")
    browser.get(file.as_uri())
    assert browser.title.startswith("Mail compliance")
    assert any("Content Security Policy" in each["message"] for each in complaints(browser))


def test_the_page_prints_completely_on_a4(browser: webdriver.Chrome, page: Page, tmp_path: Path) -> None:
    browser.get(page(40))
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True})
    file = tmp_path / "page.pdf"
    file.write_bytes(base64.b64decode(printed["data"]))
    converter = shutil.which("pdftotext")
    assert converter, "the browser tests need pdftotext: make browser"
    text = subprocess.run([converter, "-layout", str(file), "-"], capture_output=True, text=True, check=True).stdout
    # Every failed finding is there, though its device was closed on the screen; nothing that only a screen needs is.
    findings = re.findall(r"secure_option is none", text)
    assert len(findings) >= len(re.findall(r"relay: secure_option is none", browser.page_source))
    assert "fmg-039" in text
    for words in ("search", "open all", "copy"):
        assert words not in re.sub(r"[^a-z ]", " ", text).split()
    size = subprocess.run(["pdfinfo", str(file)], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Page size: +59\d\.\d+ x 84\d", size), size


@pytest.mark.parametrize("width", [400, 800, 1400])
def test_no_width_breaks_the_page(browser: webdriver.Chrome, page: Page, width: int) -> None:
    look(browser, width)
    browser.get(page(40))
    browser.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    # A rule's name is never broken: it is as high as one line.
    for each in browser.find_elements(By.CSS_SELECTOR, "a.id, span.id"):
        if each.is_displayed() and each.text.startswith("FMAIL-"):
            assert each.size["height"] < 40


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_axe_finds_nothing(browser: webdriver.Chrome, page: Page, scheme: str, width: int) -> None:
    look(browser, width, scheme)
    browser.get(page(40))
    browser.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    axe = Axe(browser)
    axe.inject()
    violations = axe.run()["violations"]
    assert [
        (each["id"], each["impact"], [node["html"][:120] for node in each["nodes"][:3]]) for each in violations
    ] == []


def test_500_devices_are_one_small_page_that_can_be_searched(browser: webdriver.Chrome, page: Page) -> None:
    address = page(500)
    assert Path(address.removeprefix("file://")).stat().st_size < 1_000_000
    browser.get(address)
    browser.find_element(By.NAME, "q").send_keys("fmg-499")
    assert shown(browser) == ["fmg-499"]
