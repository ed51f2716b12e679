"""Drives a Chromium for the tests: run by a Python that has playwright, told what to do line by line as JSON.

It imports nothing of the package, and answers each line with one: {"value": …} or {"error": …}.
"""

from __future__ import annotations

import json
import sys

from playwright.sync_api import Page, sync_playwright


def main(executable: str) -> None:
    """Answer lines of standard input until it ends."""
    said: list[str] = []
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        page: Page | None = None
        for line in sys.stdin:
            asked = json.loads(line)
            value: object = None
            try:
                if asked["do"] == "open":
                    if page is not None:
                        page.context.close()
                    context = browser.new_context(
                        viewport={"width": asked["width"], "height": asked["height"]},
                        java_script_enabled=asked["script"],
                        color_scheme=asked["scheme"],
                        permissions=["clipboard-read", "clipboard-write"],
                    )
                    page = context.new_page()
                    page.set_default_timeout(5_000)
                    said.clear()
                    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
                    page.on("pageerror", lambda error: said.append(f"error: {error}"))
                    page.on("dialog", lambda dialog: said.append(f"dialog: {dialog.message}"))
                    page.on("request", lambda request: said.append(f"request: {request.url}"))
                    page.goto(asked["address"])
                elif page is None:
                    raise RuntimeError("no page is open")
                elif asked["do"] == "evaluate":
                    value = page.evaluate(asked["code"], asked["argument"])
                elif asked["do"] == "click":
                    page.click(asked["selector"])
                elif asked["do"] == "fill":
                    page.fill(asked["selector"], asked["text"])
                elif asked["do"] == "choose":
                    page.select_option(asked["selector"], asked["text"])
                elif asked["do"] == "press":
                    page.keyboard.press(asked["key"])
                elif asked["do"] == "texts":
                    value = page.evaluate(
                        "(selector) => [...document.querySelectorAll(selector)]"
                        ".filter((each) => each.checkVisibility()).map((each) => each.innerText)",
                        asked["selector"],
                    )
                elif asked["do"] == "said":
                    value = said[:]
                elif asked["do"] == "print":
                    page.pdf(path=asked["file"], print_background=False, format="A4")
                else:
                    raise ValueError(asked["do"])
                answer = {"value": value}
            except Exception as error:
                answer = {"error": str(error)}
            print(json.dumps(answer), flush=True)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
