"""Pages that hear what others said, or what was said before: sample for sample the same."""

from typing import Any

from playwright.sync_api import Page

TEXT = "Glue the sheet to the dark blue background. It is easy to tell the depth of a well."
_SCRIPT = """async () => {
    const { LipwireClient } = await import('/client/lipwire.js');
    /** What is heard of an utterance, and where its samples lie. */
    const taped = (utterance) => {
        const tape = { words: [], samples: new Map(), utterance };
        utterance.on('word', ({ text }) => tape.words.push(text));
        utterance.on('audio', ({ start, samples }) => tape.samples.set(start, samples.slice()));
        return tape;
    };
    const from = (tape, begin) => {
        const all = [];
        for (const [start, samples] of tape.samples) {
            all.push(...samples.subarray(Math.max(0, begin - start)));
        }
        return all;
    };
    /** What two tapes have in common, and from where on. */
    window.told = async (one, other) => {
        const { reason, sample } = await other.utterance.finished;
        const begin = Math.min(...other.samples.keys());
        const [whole, rest] = [from(one, begin), from(other, begin)];
        const same = whole.length === rest.length && whole.every((value, i) => value === rest[i]);
        return { reason, sample, begin, same, count: rest.length, words: other.words };
    };
    const client = new LipwireClient('/v1/stream');
    await client.connect();
    Object.assign(window, { LipwireClient, client, taped });
}"""


def _open(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/client/lipwire.js")
    page.evaluate(_SCRIPT)


def _assert_rest(told: dict[str, Any], words: list[str]) -> None:
    assert told["reason"] == "done"
    assert told["same"]
    assert 0 < told["begin"] < told["begin"] + told["count"] == told["sample"]
    assert 0 < len(told["words"]) < len(words)
    assert words[-len(told["words"]) :] == told["words"]


def test_who_comes_late_hears_the_rest(blank: Page, server_url: str) -> None:
    _open(blank, server_url)
    told, words = blank.evaluate(
        """async (text) => {
            const spoken = taped(client.speak(text));
            await new Promise((resolve) => {
                spoken.utterance.on('word', () => spoken.words.length === 3 && resolve());
            });
            const { id, watch_secret: secret } = client.session.session;
            const watcher = new LipwireClient('/v1/stream', { watch: { session: id, secret } });
            const seen = new Promise((resolve) => {
                watcher.on('utterance', (utterance) => resolve(taped(utterance)));
            });
            await watcher.connect();
            await spoken.utterance.finished;
            return [await told(spoken, await seen), spoken.words];
        }""",
        TEXT,
    )
    _assert_rest(told, words)


def test_what_was_said_is_said_again_from_any_sample_on(blank: Page, server_url: str) -> None:
    _open(blank, server_url)
    told, words = blank.evaluate(
        """async (text) => {
            const spoken = taped(client.speak(text));
            await spoken.utterance.finished;
            const again = taped(client.replay(spoken.utterance, { from: 50_000 }));
            return [await told(spoken, again), spoken.words];
        }""",
        TEXT,
    )
    assert told["begin"] == 50_000
    _assert_rest(told, words)
