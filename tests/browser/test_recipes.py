"""The programs of docs/recipes.md: built as it says, run against the real server."""

import json
import re
import shlex
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.server_process import ServerProcess

from .site import site

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "client-js"
RECIPES = (ROOT / "docs" / "recipes.md").read_text("utf-8")
FILES = {
    name: text
    for text, name in re.findall(
        r"^```\w+\n((?://|<!--|#) ([\w.-]+)(?: -->)?\n.*?)^```", RECIPES, re.M | re.S
    )
}
COMMANDS = dict(
    re.findall(r"^## (\w[^\n]*)\n(?:(?!^## ).)*?^```sh\n(.*?)\n```", RECIPES, re.M | re.S)
)
NEEDED = ("react", "react-dom", "scheduler")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the files of the recipes, and what they are installed with."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "public").mkdir()
    modules = tmp_path / "node_modules"
    modules.mkdir()
    for name in NEEDED:
        (modules / name).symlink_to(CLIENT / "node_modules" / name)
    (modules / "lipwire").symlink_to(CLIENT)
    return tmp_path


def build(project: Path, command: str) -> None:
    """Runs what a recipe says; `npx` finds the program that it names."""
    program, *arguments = shlex.split(command)
    if program == "npx":
        program, *arguments = arguments
        program = str(CLIENT / "node_modules" / ".bin" / program)
    node = str(ROOT / ".venv" / "bin")
    subprocess.run(
        [program, *arguments],
        cwd=project,
        check=True,
        capture_output=True,
        env={"PATH": f"{node}:/usr/bin:/bin"},
    )


def watched(page: Page) -> list[str]:
    """What goes wrong on the page, as it grows."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    return wrong


def serve(page: Page, url: str, folder: Path) -> list[str]:
    """Puts a folder in front of the server's own pages; what goes wrong is in the list."""
    wrong = watched(page)

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(url).partition("?")[0].lstrip("/")
        file = folder / (path or "index.html")
        if file.is_file():
            route.fulfill(path=file)
        else:
            route.continue_()

    # Where a page comes from that a test hands out is not known, and might be far away.
    page.context.grant_permissions(["local-network-access"])
    page.route(f"{url}/**", answer)
    page.goto(f"{url}/")
    return wrong


def hear(page: Page, text: str) -> None:
    """Presses the first button, and waits until the page has logged what was heard."""
    with page.expect_console_message(lambda line: line.text == text or line.type == "error"):
        page.locator("button").first.click()


QUESTION = "What did you build last?"


def test_every_file_of_the_recipes_is_named() -> None:
    blocks = re.findall(r"^```(?!sh|text)\w+\n", RECIPES, re.M)
    assert len(blocks) == len(FILES) > 5


def test_react_asks_in_a_page_that_vite_built(blank: Page, server_url: str, project: Path) -> None:
    build(project, COMMANDS["Vite"])
    wrong = serve(blank, server_url, project / "dist")
    hear(blank, QUESTION)
    assert wrong == []


@pytest.mark.parametrize("minify", ["--minify ", ""])
def test_react_asks_in_a_page_that_esbuild_built(
    blank: Page, server_url: str, project: Path, minify: str
) -> None:
    """What is not minified is a development build: `StrictMode` mounts it twice there."""
    build(project, COMMANDS["esbuild"].replace("--minify ", minify))
    page = FILES["index.html"].replace("/main.jsx", "/app.js")
    (project / "public" / "index.html").write_text(page)
    wrong = serve(blank, server_url, project / "public")
    hear(blank, QUESTION)
    assert wrong == []


STRICT_PAGE = """<!doctype html><link rel="icon" href="data:,">
<canvas></canvas><button>Talk</button><script type="module" src="/strict.js"></script>"""


def speaks_strictly(page: Page, folder: Path, server: ServerProcess) -> None:
    """Looks at the folder under the policy of the recipe, as a site of its own."""
    (policy,) = re.findall(r"^Content-Security-Policy: (.*)$", RECIPES, re.M)
    policy = policy.replace("wss://speech.example.com", f"ws://127.0.0.1:{server.port}")
    with site(folder, {"Content-Security-Policy": f"{policy}; img-src data:"}) as url:
        wrong = watched(page)
        page.goto(url)
        hear(page, "No blobs were needed.")
        assert wrong == []


@pytest.fixture
def strict(project: Path, welcoming: ServerProcess) -> Path:
    """The project, whose page and Lipwire server are two sites."""
    script = FILES["strict.js"].replace("/v1/stream", f"{welcoming.url}/v1/stream")
    (project / "strict.js").write_text(script)
    return project


def test_a_bundle_speaks_under_the_strict_policy(
    blank: Page, welcoming: ServerProcess, strict: Path
) -> None:
    build(strict, COMMANDS["A strict Content-Security-Policy"])
    build(strict, "npx esbuild strict.js --bundle --format=esm --outfile=public/strict.js")
    (strict / "public" / "index.html").write_text(STRICT_PAGE)
    speaks_strictly(blank, strict / "public", welcoming)


def test_vite_copies_the_worklet_for_the_strict_policy(
    blank: Page, welcoming: ServerProcess, strict: Path
) -> None:
    (line,) = re.findall(r"`(import workletUrl [^`]*)`", RECIPES)
    script = (strict / "strict.js").read_text()
    script = script.replace("workletUrl: '/player.worklet.js'", "workletUrl")
    (strict / "strict.js").write_text(f"{line};\n{script}")
    (strict / "index.html").write_text(STRICT_PAGE)
    build(strict, "npx vite build")
    speaks_strictly(blank, strict / "dist", welcoming)


ANSWER = "It is a quarter past nine. Then it will be half past nine, and so on, until “noon”."


class Model:
    """A server that writes like OpenAI's, slowly, and cuts its lines where it likes."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.left = threading.Event()
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_OPTIONS(self) -> None:
                self._begin(204)

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                model.asked.append(json.loads(self.rfile.read(length)))
                self._begin(500 if "fail" in self.path else 200)
                stream = b": hello\r\n\r\n" + b"".join(map(_event, _tokens())) + _event("[DONE]")
                try:
                    for start in range(0, len(stream), 7):
                        self.wfile.write(stream[start : start + 7])
                        self.wfile.flush()
                        model.pause.wait(0.002)
                    while "endless" in self.path:
                        self.wfile.write(b": and on\r\n\r\n")
                        model.pause.wait(0.01)
                except (BrokenPipeError, ConnectionResetError):
                    model.left.set()

            def _begin(self, status: int) -> None:
                self.send_response(status)
                self.send_header("Access-Control-Allow-Origin", "*")
                self.send_header("Access-Control-Allow-Headers", "Content-Type")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing: the tests' output is for what fails."""

        self.pause = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/v1/chat/completions"


def _tokens() -> list[str]:
    return [ANSWER[start : start + 3] for start in range(0, len(ANSWER), 3)]


def _event(token: str) -> bytes:
    if token == "[DONE]":
        return b"data: [DONE]\r\n\r\n"
    delta = {"choices": [{"delta": {"content": token}}]}
    return f"data: {json.dumps(delta, ensure_ascii=False)}\r\n\r\n".encode()


@pytest.fixture
def model() -> Iterator[Model]:
    model = Model()
    thread = threading.Thread(target=model.server.serve_forever)
    thread.start()
    yield model
    model.server.shutdown()
    thread.join()
    model.server.server_close()


def converse(page: Page, url: str, project: Path, model: str) -> None:
    (project / "index.html").write_text(
        f"""<!doctype html><link rel="icon" href="data:,"><script type="module">
        import {{ LipwireClient }} from '/client/lipwire.js';
        import {{ conversation }} from '/talk.js';
        globalThis.client = new LipwireClient(undefined, {{ leadMs: 500 }});
        globalThis.talk = conversation(client, 'Be brief.', {{ url: '{model}', model: 'm' }});
        document.title = 'ready';
        </script>"""
    )
    serve(page, url, project)
    page.wait_for_function("document.title === 'ready'")


def messages(page: Page) -> list[dict[str, str]]:
    found: list[dict[str, str]] = page.evaluate("talk.messages")
    return found


def test_a_model_speaks_and_is_told_what_was_heard(
    blank: Page, server_url: str, project: Path, model: Model
) -> None:
    converse(blank, server_url, project, model.url)
    blank.evaluate("talk.hear('What time is it?')")
    assert model.asked == [{"model": "m", "stream": True, "messages": messages(blank)[:2]}]
    assert messages(blank)[1:] == [
        {"role": "user", "content": "What time is it?"},
        {"role": "assistant", "content": ANSWER},
    ]


def test_a_model_that_is_interrupted_stops_writing_and_knows_it(
    blank: Page, server_url: str, project: Path, model: Model
) -> None:
    converse(blank, server_url, project, model.url)
    blank.evaluate(
        """async () => {
            const heard = new Promise((resolve) => client.on('utterance', (utterance) =>
                utterance.on('word', ({ text }) => text === 'quarter' && resolve())));
            talk.hear('What time is it?');
            await heard;
            await talk.hear('Thank you.');
        }"""
    )
    first, second = (m["content"] for m in messages(blank) if m["role"] == "assistant")
    assert ANSWER.startswith(first) and "It is a" in first
    assert len(first) < len(ANSWER)
    assert second == ANSWER
    assert model.asked[1]["messages"][2]["content"] == first


def test_an_interrupted_model_may_stop(
    blank: Page, server_url: str, project: Path, model: Model
) -> None:
    (project / "index.html").write_text("<!doctype html>")
    serve(blank, server_url, project)
    blank.evaluate(
        """async (url) => {
            const { write } = await import('/llm.js');
            for await (const token of write([], { url })) return token;
        }""",
        f"{model.url}/endless",
    )
    assert model.left.wait(60)


def test_a_model_that_fails_is_told_of(
    blank: Page, server_url: str, project: Path, model: Model
) -> None:
    converse(blank, server_url, project, f"{model.url}/fail")
    told = blank.evaluate("talk.hear('Hello?').catch((error) => error.message)")
    assert "the model said 500" in told
    # The conversation goes on.
    assert [message["role"] for message in messages(blank)] == ["system", "user"]
