"""The tag: a page that has `<talking-face>` and no script of its own."""

from .workshop import Workshop, example


def test_a_tag_is_enough(workshop: Workshop) -> None:
    workshop.open(example("`<talking-face>`"))
    workshop.ask(
        """() => {
            window.face = document.querySelector('talking-face');
            window.told = [];
            for (const name of ['ready', 'utterance', 'word', 'finished'])
                face.addEventListener(name, ({ type }) => told.push(type));
        }"""
    )
    workshop.until("face.client?.session")
    assert workshop.ask("face.client.session.avatar") == "ida"
    workshop.page.get_by_role("button", name="Talk to me").click()
    workshop.until("told.includes('finished')")
    assert workshop.page.get_by_role("button").count() == 0
    assert workshop.page.get_by_role("log").inner_text() == (
        "Papa, mama, bubble: watch my mouth close."
    )
    assert {*workshop.ask("told")} >= {"utterance", "word", "finished"}
    assert workshop.ask("face.shadowRoot.querySelector('canvas').width") > 0

    workshop.ask("face.mode = 'svg'")
    workshop.until("face.shadowRoot.querySelector('svg')")
    assert workshop.ask("face.getAttribute('mode')") == "svg"
    assert workshop.ask("face.shadowRoot.querySelectorAll('canvas').length") == 0
    assert workshop.ask("face.interrupt()") is None
    client = workshop.page.evaluate_handle("face.client")
    # Another server is another client, even if two are asked for in a row.
    workshop.ask("() => { face.src = '/v1/stream?other'; face.src = '/v1/stream'; }")
    workshop.until("face.client?.session")
    assert client.evaluate("(client) => [client === face.client, client.state].join()") == (
        "false,closed"
    )
    client = workshop.page.evaluate_handle("face.client")
    # Moved within the page it goes on; taken out, it closes.
    workshop.ask("() => { document.body.prepend(face); }")
    assert client.evaluate("(client) => client.state") == "ready"
    workshop.ask("() => { face.remove(); }")
    assert client.evaluate("(client) => client.state") == "closed"
    assert workshop.ask("face.client") is None


def test_a_tag_that_may_begins_at_once_and_again_with_another_text(workshop: Workshop) -> None:
    workshop.open(
        "",
        """
        const face = document.createElement('talking-face');
        Object.assign(face, { text: 'One.', mode: 'svg', autoplay: true });
        Object.assign(window, { face, told: [] });
        face.addEventListener('word', ({ detail }) => told.push(detail.text));
        document.body.append(face);
        // Only now is it known what that is.
        await import('/client/element.js');""",
    )
    workshop.until("told.length === 1")
    workshop.until("face.client.state === 'ready'")
    workshop.ask("face.text = 'Two.'")
    workshop.until("told.length === 2")
    assert workshop.ask("told") == ["One", "Two"]
