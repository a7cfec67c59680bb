"""The demo page in a real browser against the real server: what is heard and what is seen."""

from playwright.sync_api import Browser, Page, WebSocketRoute

from lipwire_protocol import Oculus

from .page import TalkingPage

SHORT = "Papa may buy a big map. Bob, move the bowl."
LONG = " ".join(f"This is sentence {number}, and it goes on for a while." for number in range(30))

OPEN = 6
"""The gap between the lips, in the units of the drawing, from which a mouth counts as open."""
SEALED = 0.01


def test_opens_with_a_voice_and_without_a_complaint(page: TalkingPage) -> None:
    assert page.page.inner_text("#status") == "Ready."
    assert page.page.inner_text("#voice") not in ("", "–")
    assert page.page.is_disabled("#stop")


def test_every_sample_that_is_sent_is_played(page: TalkingPage) -> None:
    page.talk(SHORT)
    finished = page.finished()

    announced = sum(segment["count"] for segment in page.segments())
    stats = page.stats()
    assert finished["reason"] == "done"
    assert finished["count"] == finished["sample"] == announced > 0
    assert stats["written"] == stats["played"] == announced
    assert stats["overflow"] == 0
    assert page.page.inner_text("#latency") == f"{finished['firstSoundMs']} ms"


def test_the_sketch_seals_its_lips_on_closures_and_opens_them_on_vowels(page: TalkingPage) -> None:
    page.pick("Sketch")
    page.page.wait_for_selector("#sketch", state="visible")
    page.talk(SHORT)
    page.finished()

    trace, rate = page.trace(), page.stats()["sampleRate"]
    sealed = opened = 0
    for segment in page.segments():
        for viseme, start, count, weight in segment["visemes"]["oculus"]:
            gaps = [f["gap"] for f in trace if start <= f["sample"] < start + count]
            if viseme == Oculus.PP and weight == 255:
                assert all(gap < SEALED for gap in gaps), f"{gaps} in the closure at {start}"
                sealed += bool(gaps)
            elif viseme in (Oculus.AA, Oculus.E, Oculus.OH) and count * 1000 > 60 * rate:
                opened += any(gap > OPEN for gap in gaps)
    assert sealed >= 3
    assert opened >= 3


def test_the_word_that_is_heard_is_marked(page: TalkingPage) -> None:
    page.ask(
        """(() => {
            globalThis.marked = new Set();
            const look = () => {
                for (const range of CSS.highlights.get('word') ?? []) marked.add(String(range));
                requestAnimationFrame(look);
            };
            look();
        })()"""
    )
    page.talk(SHORT)
    page.finished()

    marked = set(page.ask("[...marked]")) - {""}
    words = {word[0] for segment in page.segments() for word in segment["words"]}
    assert page.page.inner_text("#spoken") == SHORT
    assert len(marked) > len(words) / 2
    assert marked <= words | set(SHORT.split())


def test_stop_silences_and_tells_what_was_heard(page: TalkingPage) -> None:
    page.talk(LONG)
    page.until("lipwire.client.position()?.sample > lipwire.client.stats().sampleRate")
    page.page.click("#stop")
    finished = page.finished()

    assert finished["reason"] == "interrupted"
    assert finished["textSpoken"].startswith("This is")
    assert finished["textSpoken"] + finished["textRemaining"] == LONG
    page.wait_for("ready")
    silent = page.stats()
    assert silent["bufferedMs"] == 0
    assert silent["played"] < silent["written"]
    page.until(f"lipwire.client.audioNode.context.currentTime > {page.context_time() + 0.3}")
    assert page.stats()["played"] == silent["played"]


def test_speaks_again_after_an_end_and_after_a_stop(page: TalkingPage) -> None:
    page.talk("One.")
    assert page.finished()["reason"] == "done"
    page.talk(LONG)
    page.until("lipwire.client.position()?.sample > 2000")
    page.page.click("#stop")
    assert page.finished()["reason"] == "interrupted"
    page.talk("Three.")

    last = page.finished()
    assert last["reason"] == "done"
    assert last["sample"] == sum(segment["count"] for segment in page.segments())


def test_a_new_text_takes_the_place_of_the_one_that_is_spoken(page: TalkingPage) -> None:
    page.talk(LONG)
    page.until("lipwire.client.position()?.sample > 2000")
    page.talk("Enough.")

    assert page.finished()["reason"] == "done"
    first = page.ask("lipwire.utterances[0].finished")
    assert first["reason"] == "interrupted"


def test_a_text_that_breaks_off_does_not_hold_up_the_next(page: TalkingPage) -> None:
    page.ask(
        """(() => {
            async function* dying() {
                yield 'This is the first sentence. This is the second. And this';
                await new Promise((resolve) => {
                    const look = () => lipwire.client.position()?.sample > 2000
                        ? resolve() : requestAnimationFrame(look);
                    look();
                });
                throw new Error('the model died');
            }
            const utterance = lipwire.client.speak(dying());
            globalThis.cut = new Promise((resolve) => utterance.on('interrupted', resolve));
            globalThis.failed = utterance.finished.then(() => 'done', (error) => error.code);
        })()"""
    )
    assert page.ask("failed") == "internal"
    assert page.ask("cut")["sample"] > 2000
    page.wait_for("ready")
    page.talk("One.")
    assert page.finished()["reason"] == "done"


def test_a_text_longer_than_the_server_takes_at_once_is_taken(page: TalkingPage) -> None:
    page.talk("This is a sentence. " * 1500)
    page.until("lipwire.client.position()?.sample > 2000")
    assert not page.page.query_selector("#status.failed")
    page.page.click("#stop")
    assert page.finished()["reason"] == "interrupted"

    # White space becomes no segment, and is told of by none.
    page.ask("lipwire.utterances.push(lipwire.client.speak('One.' + ' '.repeat(30000) + 'Two.'))")
    assert page.finished()["reason"] == "done"
    assert [segment["text"] for segment in page.segments()] == ["One.", "Two."]


def test_the_keyboard_is_enough(page: TalkingPage) -> None:
    page.page.focus("#text")
    page.page.keyboard.press("Enter")
    page.until("lipwire.client.position()?.sample > 2000")
    page.page.keyboard.press("Escape")

    assert page.finished()["reason"] == "interrupted"


def test_the_first_click_lets_the_sound_out(strict_browser: Browser, server_url: str) -> None:
    page = TalkingPage(strict_browser.new_page())
    # All in a script of the page: whatever Playwright evaluates, and it does so to wait for a
    # selector, counts as a click.
    page.page.add_init_script(
        """new MutationObserver(() => {
            const { state } = document.documentElement.dataset;
            console.log(`state ${state}`);
            if (state !== 'ready' || document.getElementById('spoken').textContent) return;
            document.getElementById('text').value = 'Hello.';
            document.getElementById('form').requestSubmit();
        }).observe(document, { attributeFilter: ['data-state'], subtree: true });"""
    )
    with page.page.expect_console_message(lambda message: message.text == "state blocked"):
        page.open(server_url)
    assert "press Talk" in page.page.inner_text("#status")

    page.page.click("h1")
    page.wait_for("ready")
    finished = page.finished()
    assert finished["reason"] == "done"
    assert page.stats()["played"] == finished["count"]


def test_says_what_to_do_when_the_server_goes_away(blank: Page, server_url: str) -> None:
    def refuse(socket: WebSocketRoute) -> None:
        socket.close(code=1012)

    blank.route_web_socket("**/v1/stream", refuse)
    page = TalkingPage(blank)
    page.open(server_url)
    page.wait_for("idle")

    page.page.wait_for_selector("#status.failed")
    assert "Press Talk" in page.page.inner_text("#status")
