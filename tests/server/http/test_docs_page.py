from html import unescape
from html.parser import HTMLParser

from lipwire_server.http.docs_page import docs_page
from lipwire_server.http.openapi import openapi
from lipwire_server.http.rest import Operation
from tests.server.http.toys import NewToy, ToyQuery, operation


class Page(HTMLParser):
    """Collects what the page refers to, and whether its elements are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in ("meta", "link"):
            self.open.append(tag)
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.add(value)
            if name == "id" and value:
                self.ids.append(value)
            assert not name.startswith("on") and name != "style"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page(*rows: Operation) -> str:
    return docs_page(openapi(rows, version="1.2", tags={"toys": "To `play` with."}))


def test_every_operation_field_and_error_is_on_the_page() -> None:
    text = page(operation(query=ToyQuery), operation("POST", body=NewToy, description="Makes one."))
    for told in ("/toys", "Toys", "Makes one.", "count", "NewToy", "bad_message", "1.2"):
        assert told in text
    assert "To <code>play</code> with." in text


def test_every_operation_has_a_command_to_begin_with() -> None:
    text = unescape(page(operation("POST", path="/toys/{id}", body=NewToy)))
    assert """curl -X POST http://localhost:8000/toys/$ID""" in text
    assert """-H 'Content-Type: application/json' -d '{"name": "..."}'""" in text


def test_the_page_is_whole_and_its_links_lead_somewhere() -> None:
    made = Page(page(operation(query=ToyQuery), operation("POST", body=NewToy)))
    assert made.open == []
    assert len(made.ids) == len(set(made.ids))
    inner = {link[1:] for link in made.links if link.startswith("#")}
    assert inner <= set(made.ids)


def test_the_page_needs_nothing_from_elsewhere() -> None:
    made = Page(page(operation()))
    outer = {link for link in made.links if not link.startswith("#")}
    assert outer == {"/", "/demo/icon.svg", "/v1/docs.css", "/v1/openapi.json"}
    assert not made.tags & {"script", "style"}


def test_what_is_said_in_the_table_stays_text() -> None:
    text = page(operation(summary="<script>alert(1)</script>"))
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
