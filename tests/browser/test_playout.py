"""What leaves the loudspeaker, and what the client says of it: the real server, a real browser."""

import logging
import math
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserType, Page

from tests.server_process import ServerProcess

from .listening import Listening, Recording, Samples, jittery

_log = logging.getLogger(__name__)
"""Figures, for those who ask: `pytest --log-cli-level=INFO`."""

TEXT = "Papa may buy a big map. Bob, move the bowl."


@pytest.fixture(scope="module", autouse=True)
def rehearsed(browser: Browser, server_url: str) -> None:
    """The server has made the speech before: how fast it is on this machine is of no interest."""
    listening = Listening(browser.new_page(), server_url)
    listening.open()
    listening.begin(record=False, leadMs=20_000)
    listening.talk(TEXT)
    listening.until("utterance.state === 'ended'")
    listening.page.close()


@pytest.fixture
def listening(blank: Page, server_url: str) -> Iterator[Listening]:
    page = Listening(blank, server_url)
    yield page
    assert page.complaints == []


def decibels(expected: Samples, found: Samples) -> float:
    """How much louder what was expected is than all that is wrong about what was found."""
    wrong = float(np.mean((expected.astype(np.float64) - found) ** 2))
    return 10 * math.log10(float(np.mean(expected.astype(np.float64) ** 2)) / max(wrong, 1e-20))


def skew_ms(recording: Recording, rate: int, begin: int) -> Any:
    """How far the client's position was from the sample that left the loudspeaker just then.

    That is worked out from all that the device said of its time, before that moment and after it.
    """
    moments = recording.moments[recording.moments[:, 1] > 0]
    now, context, stamp, sample = moments.T
    heard = np.interp(now, stamp, context) * recording.rate
    truth = (heard - begin) * rate / recording.rate
    speaking = (sample > 0) & (sample < len(recording.sent)) & (now < stamp[-1])
    return (sample - truth)[speaking] / rate * 1000


def test_every_sample_is_heard_once_and_in_order(listening: Listening) -> None:
    listening.open()
    listening.begin()
    listening.talk(TEXT)
    finished = listening.finished()

    stats, recording = listening.stats(), listening.recording()
    count = finished["count"]
    assert finished["sample"] == count == len(recording.sent) > 0
    assert (stats["written"], stats["played"], stats["silent"]) == (count, count, 0)
    assert (stats["underruns"], stats["underrunMs"], stats["overflow"]) == (0, 0, 0)
    # It fades in, and is what was sent from then on, to the bit.
    begin, fade = recording.begins(), math.ceil(0.005 * recording.rate)
    heard = recording.between(begin + fade, begin + count)
    assert np.array_equal(heard, recording.sent[fade:])
    assert stats["startDelayMs"] > 0
    _log.info("first sample to first sound: %d ms", stats["startDelayMs"])


def test_the_position_is_that_of_the_sample_that_is_heard(listening: Listening) -> None:
    listening.open()
    listening.begin()
    listening.talk(TEXT)
    listening.finished()

    assert listening.stats()["clock"] == "output timestamp"
    recording = listening.recording()
    skew = skew_ms(recording, recording.rate, recording.begins())
    low, middle, high = np.percentile(skew, [5, 50, 95])
    _log.info("position - truth, of %d: %.1f / %.1f / %.1f ms", len(skew), low, middle, high)
    assert len(skew) > 50
    assert np.percentile(np.abs(skew), 95) < 20


def test_a_network_that_holds_things_up_is_not_heard(blank: Page, server: ServerProcess) -> None:
    with jittery(server.port, 0.12) as port:
        listening = Listening(blank, f"http://127.0.0.1:{port}")
        listening.open()
        listening.begin()
        listening.talk(TEXT)
        assert listening.finished()["reason"] == "done"
        assert listening.stats()["underruns"] == 0
        blank.close()
    assert listening.complaints == []


def test_a_page_that_is_busy_a_quarter_of_the_time_is_not_heard(listening: Listening) -> None:
    listening.open()
    listening.begin(record=False)
    listening.ask(
        """void setInterval(() => {
            const until = performance.now() + 250;
            while (performance.now() < until);
        }, 1000)"""
    )
    listening.talk(TEXT)
    assert listening.finished()["reason"] == "done"
    assert listening.stats()["underruns"] == 0


def test_an_interrupt_is_silence_soon_and_says_where_it_was(listening: Listening) -> None:
    listening.open()
    listening.begin()
    listening.talk(TEXT)
    listening.until("client.position()?.sample > 20000")
    asked = listening.ask(
        """(() => {
            const { context } = client.audioNode;
            const { contextTime, performanceTime } = context.getOutputTimestamp();
            const heard = contextTime + (performance.now() - performanceTime) / 1000;
            client.interrupt();
            return heard * context.sampleRate;
        })()"""
    )
    finished = listening.finished()
    frame = "client.audioNode.context.currentTime * client.audioNode.context.sampleRate"
    listening.until(f"{frame} > {asked + 10_000}")

    recording = listening.recording()
    silent_ms = (recording.last_sound() - asked) * 1000 / recording.rate
    _log.info("from interrupt() to silence: %.0f ms", silent_ms)
    assert finished["reason"] == "interrupted"
    assert finished["textSpoken"] + finished["textRemaining"] == TEXT
    # 60 ms where nothing else runs; the frames that wait in the device are a part of it.
    assert silent_ms < 200
    heard = recording.sent[: finished["sample"]]
    last = recording.last_sound() - recording.begins(heard)
    assert abs(finished["sample"] - last) <= 2
    steps = np.abs(np.diff(recording.between(recording.last_sound() - 300, int(asked) + 9000)))
    assert steps.max() < np.abs(np.diff(recording.sent)).max()


def test_a_held_text_stands_still_and_goes_on(listening: Listening) -> None:
    listening.open()
    listening.begin()
    listening.talk(TEXT)
    listening.until("client.position()?.sample > 10000")
    listening.ask("client.pause()")
    # What is in the device is still heard.
    context = "client.audioNode.context.currentTime"
    listening.until(f"{context} > {listening.ask(context) + 0.3}")
    held = listening.ask("client.position().sample")
    listening.until(f"{context} > {listening.ask(context) + 0.3}")
    assert listening.ask("client.position().sample") == held
    listening.ask("client.resume()")
    finished = listening.finished()
    assert finished["reason"] == "done"
    stats = listening.stats()
    assert (stats["played"], stats["underruns"]) == (finished["count"], 0)


@pytest.fixture
def plain_browser(chromium_type: BrowserType, chromium: str, tmp_path: Path) -> Iterator[Browser]:
    """One as people have it. What Playwright starts takes every page for one that is looked at."""
    process = subprocess.Popen(
        [
            chromium,
            "--headless=new",
            "--no-sandbox",
            "--disable-quic",
            "--disable-gpu",
            "--mute-audio",
            "--no-first-run",
            "--autoplay-policy=no-user-gesture-required",
            "--remote-debugging-port=0",
            f"--user-data-dir={tmp_path}",
            # While Chromium's own first page loads, Playwright may wait for it in vain.
            "about:blank",
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        found = (re.search(r"ws://\S+", line) for line in process.stderr)
        address = next(match[0] for match in found if match)
        with chromium_type.connect_over_cdp(address, no_defaults=True) as browser:
            yield browser
            # A signal would have it leave a folder behind.
            browser.new_browser_cdp_session().send("Browser.close")
        process.communicate()
    finally:
        process.kill()
        process.wait()


def test_a_page_that_nobody_sees_goes_on_speaking(plain_browser: Browser, server_url: str) -> None:
    (context,) = plain_browser.contexts
    listening = Listening(context.new_page(), server_url)
    listening.open()
    # A lead that is over soon: the server has to hear of what was played.
    listening.begin(leadMs=1000)
    listening.talk(TEXT)
    listening.until("client.position()?.sample > 2000")
    context.new_page().bring_to_front()
    hidden = listening.ask(
        """new Promise((resolve) => {
            const look = () => document.hidden && resolve(tape.moments.length);
            document.addEventListener('visibilitychange', look);
            look();
        })"""
    )
    finished = listening.finished()
    stats, drawn = listening.stats(), listening.ask("tape.moments.length")
    _log.info("drawn while hidden: %d", drawn - hidden)
    assert listening.ask("document.hidden")
    assert drawn - hidden <= 2
    assert finished["reason"] == "done"
    assert (stats["played"], stats["underruns"]) == (finished["count"], 0)
    assert listening.complaints == []


GREETING = """
let said = false;
const say = (what) => console.info(`greeting ${what}`);
begin({}).then(() => {
  talk('Papa may buy a big map. Bob, move the bowl. Papa may buy a big map.');
  utterance.on('word', ({ text }) => {
    if (!said) say(`words ${client.state} ${client.stats().played} ${client.stats().context}`);
    said = true;
    const mouth = client.face.mouth();
    if (text === 'buy') say(`mouth ${mouth.utterance === utterance}`);
  });
});
"""


def test_a_greeting_is_seen_before_the_first_click_and_heard_after_it(
    strict_browser: Browser, server: ServerProcess
) -> None:
    listening = Listening(strict_browser.new_page(), server.url)
    seen: list[str] = []
    listening.page.on("console", lambda message: seen.append(message.text))
    # What Playwright evaluates counts as a click, so the page does all of it by itself.
    with listening.page.expect_console_message(lambda m: m.text == "greeting mouth true"):
        listening.open(script=GREETING)
    assert "greeting words blocked 0 suspended" in seen
    assert "state blocked" in seen
    with listening.page.expect_console_message(lambda m: m.text == "state speaking"):
        listening.page.mouse.click(5, 5)

    finished, stats = listening.finished(), listening.stats()
    assert finished["reason"] == "done"
    assert stats["silent"] > 0
    assert stats["played"] > 0
    # What was seen in silence is not heard after it, and nothing in between is left out.
    assert stats["silent"] + stats["played"] == finished["count"]
    assert (stats["context"], stats["underruns"]) == ("running", 0)
    assert [text for text in listening.complaints if "not allowed to start" not in text] == []


def test_who_wants_it_waits_for_the_click_with_all_of_it(
    strict_browser: Browser, server: ServerProcess
) -> None:
    listening = Listening(strict_browser.new_page(), server.url)
    script = GREETING.replace("begin({})", "begin({ silentWhenBlocked: false })")
    with listening.page.expect_console_message(lambda m: m.text == "state blocked"):
        listening.open(script=script)
    listening.page.mouse.click(5, 5)
    finished = listening.finished()
    stats = listening.stats()
    assert (stats["silent"], stats["played"]) == (0, finished["count"])


def test_a_page_without_any_sound_has_a_face_and_words(listening: Listening) -> None:
    listening.page.add_init_script("delete globalThis.AudioContext")
    listening.open()
    listening.begin(record=False)
    listening.ask("void (globalThis.words = [])")
    listening.talk("Hello there.")
    listening.ask("void utterance.on('word', ({ text }) => words.push(text))")
    assert listening.finished()["reason"] == "done"
    assert listening.ask("words") == ["Hello", "there"]
    stats = listening.stats()
    assert (stats["context"], stats["played"]) == ("none", 0)
    assert stats["silent"] == stats["written"] > 0
    (complaint,) = listening.complaints
    assert complaint.startswith("audio_unavailable: ")
    listening.complaints.clear()


def test_the_context_of_the_page_is_played_in_at_its_rate_and_stays_open(
    listening: Listening,
) -> None:
    listening.open()
    listening.ask("void (globalThis.own = new AudioContext({ sampleRate: 48000 }))")
    listening.page.wait_for_selector("html[data-loaded]", state="attached")
    listening.ask("begin({ audioContext: own })")
    listening.ask("record(client.audioNode)")
    listening.talk(TEXT)
    count = listening.finished()["count"]

    stats, recording = listening.stats(), listening.recording()
    rate = stats["sampleRate"]
    assert (stats["contextRate"], recording.rate, rate) == (48_000, 48_000, 22_050)
    assert (stats["played"], stats["underruns"]) == (count, 0)
    frames = math.floor(len(recording.sent) * 48_000 / rate)
    spectrum = np.fft.rfft(recording.sent, 2 * len(recording.sent))
    resampled = np.fft.irfft(spectrum, round(2 * len(recording.sent) * 48_000 / rate))
    expected = (resampled[:frames] * 48_000 / rate).astype(np.float32)
    begin = recording.begins(expected)
    found = recording.between(begin, begin + frames)
    quality = decibels(expected[300 : len(found)], found[300:])
    _log.info("speech at 48,000 Hz: %.1f dB", quality)
    assert quality > 30
    skew = skew_ms(recording, rate, begin)
    assert np.percentile(np.abs(skew), 95) < 20
    listening.ask("client.close()")
    assert listening.ask("own.state") == "running"


def test_the_sound_goes_where_the_page_sends_it(listening: Listening) -> None:
    listening.open()
    listening.page.wait_for_selector("html[data-loaded]", state="attached")
    listening.ask("void (globalThis.own = new AudioContext())")
    listening.ask("void (globalThis.meter = own.createAnalyser())")
    listening.ask("begin({ destination: meter })")
    listening.talk(TEXT)
    listening.until(
        """(() => {
            const samples = new Float32Array(meter.fftSize);
            meter.getFloatTimeDomainData(samples);
            return samples.some((sample) => Math.abs(sample) > 0.05);
        })()"""
    )
    assert listening.ask("client.audioNode.context === own")


def test_a_client_that_is_muted_speaks_in_time_without_being_heard(listening: Listening) -> None:
    listening.open()
    listening.begin()
    listening.ask(
        """void (() => {
            client.muted = true;
            globalThis.peak = 0;
            const samples = new Float32Array(2048);
            setInterval(() => {
                client.analyser.getFloatTimeDomainData(samples);
                peak = Math.max(peak, ...samples);
            }, 20);
        })()"""
    )
    listening.talk(TEXT)
    count = listening.finished()["count"]
    stats, recording = listening.stats(), listening.recording()
    assert (stats["played"], stats["clock"]) == (count, "output timestamp")
    assert np.abs(recording.rendered).max() < 1e-3
    # Who draws the sound sees it all the same.
    assert listening.ask("peak") > 0.05


def test_a_device_that_is_not_there_is_refused(listening: Listening) -> None:
    listening.open()
    listening.begin(record=False)
    listening.ask("client.setSink('')")
    refused = listening.ask("client.setSink('nowhere').catch(({ code }) => code)")
    assert refused == "audio_unavailable"


def test_opus_is_the_same_speech_sample_for_sample(listening: Listening) -> None:
    listening.open()
    listening.begin(codec="opus")
    listening.talk(TEXT)
    finished, stats, opus = listening.finished(), listening.stats(), listening.recording()
    assert listening.ask("client.session.audio.codec") == "opus"
    assert (stats["sampleRate"], stats["played"]) == (48_000, finished["count"])
    assert finished["count"] == len(opus.sent)
    listening.ask("client.close()")

    listening.ask("void (tape.sent.length = tape.blocks.length = tape.moments.length = 0)")
    listening.begin(sampleRate=48_000, record=False)
    listening.talk(TEXT)
    listening.until("utterance.state === 'ended'")
    pcm = listening.recording().sent
    assert len(pcm) == len(opus.sent)
    lags = range(-200, 201)
    middle = pcm[48_000:72_000]
    likeness = [float(middle @ opus.sent[48_000 + lag : 72_000 + lag]) for lag in lags]
    _log.info("Opus: %.1f dB", decibels(pcm, opus.sent))
    assert lags[int(np.argmax(likeness))] == 0


def test_opus_becomes_pcm_where_the_browser_cannot_decode_it(listening: Listening) -> None:
    listening.page.add_init_script("delete globalThis.AudioDecoder")
    listening.open()
    listening.page.wait_for_selector("html[data-loaded]", state="attached")
    warnings = listening.ask(
        """(async () => {
            const warnings = [];
            const client = new LipwireClient('/v1/stream', { codec: 'opus' });
            client.on('warning', ({ code }) => warnings.push(code));
            await client.connect();
            return [...warnings, client.session.audio.codec];
        })()"""
    )
    assert warnings == ["unsupported", "pcm_s16le"]


def test_a_strict_policy_needs_no_more_than_the_address_of_the_worklet(
    listening: Listening,
) -> None:
    policy = "default-src 'none'; script-src 'self'; connect-src 'self' ws:; img-src data:"
    listening.open(headers={"Content-Security-Policy": policy})
    listening.begin(workletUrl="/client/player.worklet.js", record=False)
    listening.talk("Hello there.")
    finished = listening.finished()
    assert (finished["reason"], listening.stats()["played"]) == ("done", finished["count"])
