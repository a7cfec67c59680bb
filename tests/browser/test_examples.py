"""The examples for pages: those of README.md and the docs, here and on somebody else's server."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.server_process import ServerProcess

ROOT = Path(__file__).parents[2]


def example(name: str) -> str:
    (found,) = re.findall(r"^```html\n(.*?)^```", (ROOT / name).read_text("utf-8"), re.M | re.S)
    return str(found)


def scripts(name: str) -> list[str]:
    """The examples that expect a `client`, and one that is connected."""
    return re.findall(r"^```js\n(.*?)^```", (ROOT / name).read_text("utf-8"), re.M | re.S)


@pytest.fixture(scope="module")
def elsewhere(welcoming: ServerProcess) -> Iterator[str]:
    """The address of a server whose files are named after the pages with the examples."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = example(self.path[1:]).replace("127.0.0.1:8000", f"127.0.0.1:{welcoming.port}")
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><link rel=icon href=data:,>{body}".encode())

        def log_message(self, *_: object) -> None:
            """Nothing: the tests' output is for what fails."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as pages:
        thread = threading.Thread(target=pages.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{pages.server_port}"
        pages.shutdown()
        thread.join()


@pytest.fixture
def lines(blank: Page) -> list[str]:
    """What the page logs, and what goes wrong in it, as it grows."""
    found: list[str] = []
    blank.on("console", lambda message: found.append(message.text))
    blank.on("pageerror", lambda error: found.append(str(error)))
    return found


def test_readme_prints_the_words_as_they_are_heard(
    blank: Page, elsewhere: str, lines: list[str]
) -> None:
    blank.goto(f"{elsewhere}/README.md")
    with blank.expect_console_message(lambda message: message.text == "there"):
        blank.click("button")
    assert lines == ["Hello", "there"]


def test_speech_changes_its_manner_and_can_be_held(
    blank: Page, elsewhere: str, lines: list[str]
) -> None:
    blank.goto(f"{elsewhere}/docs/speech.md")
    # Somebody who is quick: what follows takes a second.
    blank.evaluate(
        """() => {
            const { log } = console;
            console.log = (line) => {
                log(line);
                if (line === '150 percent') document.getElementById('hold').click();
            };
        }"""
    )
    with blank.expect_console_message(lambda message: message.text == "150 percent"):
        blank.click("#talk")
    blank.wait_for_timeout(1500)
    assert lines == ["150 percent"]
    with blank.expect_console_message(lambda message: message.text == "done"):
        blank.click("#hold")
    assert lines == ["150 percent", "done"]


def test_the_clients_readme_shows_a_face_that_speaks(
    blank: Page, server_url: str, lines: list[str]
) -> None:
    blank.goto(f"{server_url}/healthz")
    blank.set_content(f"<!doctype html><link rel=icon href=data:,>{example('client-js/README.md')}")
    blank.wait_for_function(
        """() => {
            const canvas = document.querySelector('canvas');
            const copy = new OffscreenCanvas(1, 1).getContext('2d');
            copy.drawImage(canvas, 0, 0, 1, 1);
            return canvas.width === 400 && copy.getImageData(0, 0, 1, 1).data[3] === 255;
        }"""
    )
    with blank.expect_console_message(lambda message: message.text.startswith("Hello")):
        blank.click("#talk")
    assert [line.split()[0] for line in lines] == ["Hello"]


def test_the_handbooks_quick_start_shows_a_face_that_speaks_and_stops(
    blank: Page, elsewhere: str, lines: list[str]
) -> None:
    assert len(example("docs/client.md").splitlines()) <= 17
    blank.goto(f"{elsewhere}/docs/client.md")
    blank.wait_for_function("document.querySelector('canvas').width === 400")
    with blank.expect_console_message(lambda message: message.text == "lips"):
        blank.click("#talk")
    blank.click("#stop")
    assert lines[0] == "Hello"


def test_the_handbooks_examples_say_what_was_heard(
    blank: Page, server_url: str, lines: list[str]
) -> None:
    run = """async (code) => {
        const { LipwireClient } = await import('/client/lipwire.js');
        const AsyncFunction = (async () => {}).constructor;
        await using client = new LipwireClient();
        await new AsyncFunction('LipwireClient', 'client', code)(LipwireClient, client);
    }"""
    blank.goto(f"{server_url}/healthz")
    for code in scripts("docs/client.md"):
        blank.evaluate(run, code)
    watched, sound, speaking, interrupted, posed = (
        [line for line in lines if line.startswith("watched")],
        [line for line in lines if re.fullmatch(r"first sound after \d+", line)],
        [line for line in lines if re.match("Hello|there|done", line)],
        lines.count("true"),
        lines.count("happy"),
    )
    assert watched[0] == "watched Look"
    assert len(sound) == interrupted == posed == 1
    assert speaking == ["Hello 0 5", "there 6 11", "done Hello there. "]
