# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about a log, as a customer sees it: in a browser, on paper, and in a mail that takes the style away."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from axe_selenium_python import Axe
from selenium import webdriver
from selenium.webdriver.common.by import By

from .conftest import look
from .logs import log_page, page_of_many_reasons


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("log") / "page.html"
    file.write_text(log_page(), encoding="utf-8")
    return file.as_uri()


def complaints(browser: webdriver.Chrome) -> list[Any]:
    return [each for each in browser.get_log("browser") if each["level"] in ("SEVERE", "WARNING")]  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("width", [400, 800, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it_at_any_width(browser: webdriver.Chrome, address: str, width: int, scheme: str) -> None:
    look(browser, width, scheme)
    browser.get(address)

    axe = Axe(browser)
    axe.inject()
    assert axe.run()["violations"] == []
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    assert complaints(browser) == []


def test_the_first_screen_says_what_happened_and_what_to_do(browser: webdriver.Chrome, address: str) -> None:
    look(browser, 1280, script=False)
    browser.get(address)

    def bottom(selector: str) -> float:
        return browser.find_element(By.CSS_SELECTOR, selector).rect["y"]

    assert browser.find_element(By.TAG_NAME, "h1").text == "1,016 of 1,350 mails were not sent"
    assert bottom("header p:nth-of-type(2)") < bottom(".facts") < bottom(".steps li") < 900
    assert bottom(".ladder .failed") < 900
    failed = browser.find_element(By.CSS_SELECTOR, ".ladder .failed").text
    assert "The device logs in" in failed
    assert "failed here" in failed


def test_the_chart_shows_each_hour_in_its_colours(browser: webdriver.Chrome, address: str) -> None:
    browser.get(address)
    chart = browser.find_element(By.CSS_SELECTOR, "svg.trend")
    columns = chart.find_elements(By.TAG_NAME, "g")
    width = chart.rect["width"]

    assert len(columns) > 20
    assert all(0 <= rect.rect["x"] - chart.rect["x"] <= width for rect in chart.find_elements(By.TAG_NAME, "rect"))
    colours = {rect.value_of_css_property("fill") for rect in chart.find_elements(By.TAG_NAME, "rect")}
    assert len(colours) == len(browser.find_elements(By.CSS_SELECTOR, ".key li")) == 3


def printed(browser: webdriver.Chrome, folder: Path, how: str) -> str:
    """Return the text of the page on paper, with a form feed behind each sheet. how: to read it, `-raw` or `-layout`."""
    data = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True})["data"]
    (folder / "page.pdf").write_bytes(base64.b64decode(data))
    converter = shutil.which("pdftotext")
    assert converter, "the browser tests need pdftotext: make browser"
    command = [converter, how, str(folder / "page.pdf"), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_no_sheet_ends_with_a_heading(browser: webdriver.Chrome, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page_of_many_reasons(), encoding="utf-8")
    browser.get((tmp_path / "page.html").as_uri())
    headings = [each.text for each in browser.find_elements(By.CSS_SELECTOR, "h2:has(+ .soft)")]
    sheets = printed(browser, tmp_path, "-layout").split("\f")

    assert len(headings) == 6
    assert len(sheets) > 3
    ends = [sheet.split()[-6:] for sheet in sheets if sheet.strip()]
    assert [end for end in ends if "10:00." in end] == []


def test_it_prints_on_a4_with_nothing_lost(browser: webdriver.Chrome, address: str, tmp_path: Path) -> None:
    browser.get(address)
    browser.execute_script("document.querySelectorAll('.screen').forEach(each => each.remove())")  # not for paper
    text = printed(browser, tmp_path, "-raw")

    on_paper, on_screen = (set(re.findall(r"[A-Za-z]{4,}", each)) for each in (text, _text(browser)))
    assert on_screen <= on_paper
    assert text.count("\f") <= 3


def test_a_mail_program_that_takes_the_style_away_leaves_the_order_and_the_words(
    browser: webdriver.Chrome, address: str, tmp_path: Path
) -> None:
    html = Path(address.removeprefix("file://")).read_text(encoding="utf-8")
    (tmp_path / "bare.html").write_text(
        re.sub(r"<style>.*?</style>|<svg.*?</svg>|<meta[^>]*>", "", html, flags=re.DOTALL), encoding="utf-8"
    )
    look(browser, 600)
    browser.get((tmp_path / "bare.html").as_uri())
    text = _text(browser)

    parts = ["were not sent", "refused the user name", "Serial number", "What to do", "failed here", "535 5.7.8"]
    assert sorted(parts, key=text.index) == parts
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def _text(browser: webdriver.Chrome) -> str:
    return browser.find_element(By.TAG_NAME, "main").text
