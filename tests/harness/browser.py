"""A headless Chromium, driven as a person would use it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

#: Seconds for a page to show something: its first load parses megabytes of JavaScript, on a machine that may be busy.
PATIENCE = 120
#: Nothing leaves this machine, and nothing of the user's is read.
_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1600,1200",
)


def missing() -> str:
    """Return what has to be installed for a browser; empty when all is there."""
    absent = [name for name in ("chromium", "chromedriver") if not shutil.which(name)]
    return f"{' and '.join(absent)} not in PATH: Debian has them as chromium and chromium-driver" if absent else ""


class Browser:
    """One window."""

    def __init__(self, driver: Chrome, screenshots: Path) -> None:
        self.driver = driver
        self._screenshots = screenshots

    def open(self, url: str) -> None:
        """Load a page anew, also one whose URL differs only behind the `#`."""
        self.driver.get("about:blank")
        self.driver.get(url)

    def text(self) -> str:
        """Return what the page shows."""
        return self.driver.find_element(By.TAG_NAME, "body").text

    def wait_for(self, *texts: str) -> str:
        """Wait until the page shows every text, and return all that it shows then."""
        return self._wait(lambda: shown if all(t in (shown := self.text()) for t in texts) else "", f"{texts}")

    def find(self, css: str) -> WebElement:
        """Wait until an element is shown, and return it."""
        return self._wait(
            lambda: next((e for e in self.driver.find_elements(By.CSS_SELECTOR, css) if e.is_displayed()), None), css
        )

    def click(self, css: str) -> None:
        """Wait for an element and click it."""
        self.find(css).click()

    def shoot(self, name: str) -> None:
        """Keep a picture of the window."""
        self.driver.save_screenshot(str(self._screenshots / f"{name}.png"))

    def errors(self) -> list[str]:
        """Return the errors that the console has got since the last time it was asked."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    def _wait(self, look: Callable[[], Any], what: str) -> Any:
        wait = WebDriverWait(self.driver, PATIENCE, ignored_exceptions=[StaleElementReferenceException])
        try:
            return wait.until(lambda _: look())
        except Exception:
            self.shoot("failed")
            raise AssertionError(f"the page never showed {what}, but:\n{self.text()}\n{self.errors()}") from None


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser with a profile of its own and its screenshots in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in (*_ARGUMENTS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=ChromeService(shutil.which("chromedriver")))
    try:
        yield Browser(driver, folder)
    finally:
        driver.quit()
