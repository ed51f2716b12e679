"""Drives a Chromium for the tests: run by a Python that has playwright, told what to do line by line as JSON.

It imports nothing of the package, and answers each line with one: {"value": …} or {"error": …}.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

# What the page may answer a moment later.
_ACTS = ("open", "click", "fill", "choose", "press")
_TEXTS = (
    "(selector) => [...document.querySelectorAll(selector)]"
    ".filter((each) => each.checkVisibility()).map((each) => each.innerText)"
)


def main(executable: str) -> None:
    """Answer lines of standard input until it ends."""
    said: list[str] = []
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        page: Page | None = None
        scripted = False
        for line in sys.stdin:
            asked = json.loads(line)
            try:
                if asked["do"] == "open":
                    if page is not None:
                        page.context.close()
                    page, scripted = opened(browser, asked, said), asked["script"]
                if page is None:
                    raise RuntimeError("no page is open")
                value = said[:] if asked["do"] == "said" else done(page, asked)
                if scripted and asked["do"] in _ACTS:
                    # What follows a change of the address comes after this turn of the page.
                    page.evaluate("new Promise((done) => setTimeout(done, 30))")
                answer = {"value": value}
            except Exception as error:
                answer = {"error": str(error)}
            print(json.dumps(answer), flush=True)
        browser.close()


def opened(browser: Browser, asked: dict[str, Any], said: list[str]) -> Page:
    """A page of its own; said: takes its messages, errors, dialogs, and what it loads."""
    context = browser.new_context(
        viewport={"width": asked["width"], "height": asked["height"]},
        java_script_enabled=asked["script"],
        color_scheme=asked["scheme"],
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    said.clear()
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("dialog", lambda dialog: said.append(f"dialog: {dialog.message}"))
    page.on("request", lambda request: said.append(f"request: {request.url}"))
    page.goto(asked["address"])
    return page


def done(page: Page, asked: dict[str, Any]) -> object:
    """Do what is asked of a page, and return what it answers."""
    acts = {
        "open": lambda: None,
        "evaluate": lambda: page.evaluate(asked["code"], asked["argument"]),
        "click": lambda: page.click(asked["selector"]),
        "fill": lambda: page.fill(asked["selector"], asked["text"]),
        "choose": lambda: page.select_option(asked["selector"], asked["text"]) and None,
        "press": lambda: page.keyboard.press(asked["key"]),
        "texts": lambda: page.evaluate(_TEXTS, asked["selector"]),
        "print": lambda: page.pdf(path=asked["file"], print_background=False, format="A4") and None,
    }
    return acts[asked["do"]]()


if __name__ == "__main__":
    main(sys.argv[1])
