"""Faces of other makers, moved by a real voice; every example of docs/adapters.md runs."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from .workshop import ADAPTERS, Workshop, example

PP, AA = 1, 10
TALKING = """
import { LipwireClient } from '/client/lipwire.js';
const client = new LipwireClient();
"""


@pytest.fixture
def workshop(blank: Page, server_url: str) -> Iterator[Workshop]:
    """Whatever the page complained about fails the test."""
    workshop = Workshop(blank, server_url)
    yield workshop
    assert workshop.complaints == []


MODELS = """
import * as THREE from 'three';
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js';
import { VRMLoaderPlugin } from '@pixiv/three-vrm';
import { TalkingHead } from '@met4citizen/talkinghead';
import { MorphFace } from '/client/morph.js';
import { TalkingHeadFace } from '/client/talkinghead.js';
import { VrmFace } from '/client/vrm.js';

const loader = new GLTFLoader();
loader.register((parser) => new VRMLoaderPlugin(parser));
const auto = { auto: false };
const morphs = (root) => {
  let found;
  root.traverse((object) => (found ??= object.morphTargetInfluences && object));
  return found;
};
const value = (root, name) => {
  const { morphTargetDictionary, morphTargetInfluences } = morphs(root);
  return morphTargetInfluences[morphTargetDictionary[name]];
};
const faces = [];
const models = {};
for (const name of ['head', 'arkit', 'plain']) {
  models[name] = (await loader.loadAsync(`/models/${name}.glb`)).scene;
  faces.push(new MorphFace(models[name], client, auto));
}
const { vrm } = (await loader.loadAsync('/models/face.vrm')).userData;
faces.push(new VrmFace(vrm, client, auto));
const talkingHead = new TalkingHead(document.querySelector('#host'), {
  avatarOnly: true,
  avatarOnlyScene: new THREE.Scene(),
  avatarOnlyCamera: new THREE.PerspectiveCamera(),
  lipsyncModules: [],
});
await talkingHead.showAvatar({ url: '/models/head.glb' });
faces.push(new TalkingHeadFace(talkingHead, client, auto));

const seen = [];
let last = performance.now();
const look = (now) => {
  requestAnimationFrame(look);
  const before = client.face.mouth(new Float32Array(15));
  for (const face of faces) face.update(now);
  const after = client.face.mouth(new Float32Array(15));
  vrm.update((now - last) / 1000);
  talkingHead.animate(now - last);
  last = now;
  seen.push({
    before: [...before.weights],
    after: [...after.weights],
    utterance: after.utterance?.number,
    sample: after.sample,
    oculus: ['viseme_PP', 'viseme_aa', 'viseme_O'].map((name) => value(models.head, name)),
    arkit: ['jawOpen', 'mouthPressLeft', 'mouthPressRight'].map(
      (name) => value(models.arkit, name)),
    plain: value(models.plain, 'mouthOpen'),
    vrm: ['aa', 'ih', 'ou', 'ee', 'oh'].map((name) => value(vrm.scene, `Fcl_${name}`)),
    talkingHead: ['viseme_PP', 'viseme_aa'].map((name) => value(talkingHead.armature, name)),
    blink: value(models.head, 'eyeBlinkLeft'),
  });
};
requestAnimationFrame(look);
Object.assign(window, { client, seen });
"""


@pytest.fixture(scope="module")
def moved(browser: Browser, server_url: str) -> Iterator[list[dict[str, Any]]]:
    """Five models, frame by frame, while one voice speaks for all of them."""
    page = browser.new_page()
    workshop = Workshop(page, server_url)
    workshop.make_models()
    workshop.open("<div id='host'></div>", TALKING + MODELS)
    result = page.evaluate(
        """async () => {
            const utterance = client.speak('Papa, mama, bubble. A big apple!');
            await utterance.finished;
            await new Promise((resolve) => setTimeout(resolve, 300));
            const closures = utterance.segments.flatMap(({ visemes }) => visemes.oculus)
                .filter(([viseme]) => viseme === 1)
                .map(([, start, count]) => [start + 0.3 * count, start + 0.7 * count]);
            return { seen, closures };
        }"""
    )
    assert workshop.complaints == []
    page.close()
    for frame in result["seen"]:
        sample = frame["sample"]
        frame["closed"] = any(
            frame["utterance"] and start <= sample <= end for start, end in result["closures"]
        )
    yield result["seen"]


def steady(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Frames in which the mouth did not move while it was looked at."""
    return [
        frame
        for frame in frames
        if all(abs(a - b) < 0.02 for a, b in zip(frame["before"], frame["after"], strict=True))
    ]


def test_visemes_are_what_is_heard(moved: list[dict[str, Any]]) -> None:
    frames = steady(moved)
    assert len(frames) > 20
    for frame in frames:
        wanted = [frame["after"][viseme] for viseme in (PP, AA, 13)]
        assert frame["oculus"] == pytest.approx(wanted, abs=0.03)


def test_lips_close_for_a_p_in_every_kind_of_face(moved: list[dict[str, Any]]) -> None:
    closed = [frame for frame in steady(moved) if frame["closed"] and frame["after"][PP] > 0.98]
    assert closed
    for frame in closed:
        assert frame["oculus"][0] > 0.95
        jaw, left, right = frame["arkit"]
        assert jaw < 0.08
        assert left == right > 0.42
        assert frame["plain"] < 0.03
        assert max(frame["vrm"]) < 0.03
        assert frame["talkingHead"][0] > 0.95


def test_mouths_open_for_vowels_in_every_kind_of_face(moved: list[dict[str, Any]]) -> None:
    def most(of: str, index: int) -> float:
        return max(float(frame[of][index]) for frame in moved)

    assert most("oculus", 1) > 0.6
    assert most("arkit", 0) > 0.3
    assert max(frame["plain"] for frame in moved) > 0.5
    assert most("vrm", 0) > 0.6
    assert most("talkingHead", 1) > 0.6


def test_every_mouth_is_at_rest_in_the_end(moved: list[dict[str, Any]]) -> None:
    last = moved[-1]
    assert max(last["oculus"] + last["arkit"] + last["vrm"] + [last["plain"]]) < 0.01
    # It is moody: its own lips press together a little now and then.
    assert last["talkingHead"][1] < 0.05


@pytest.fixture
def talking(workshop: Workshop) -> Workshop:
    """With the models, and whatever an example of the page wants to find."""
    workshop.make_models()
    return workshop


HOST = """<div id="host" style="width: 320px; height: 320px"></div>
<canvas width="64" height="64"></canvas><div id="robot"></div>
<button id="talk">Talk</button><button id="save">Save</button>"""
LIVE2D = """
const parameters = {}, listeners = [];
const live2dModel = {
  internalModel: {
    coreModel: { setParameterValueById: (id, value) => (parameters[id] = value) },
    on: (name, listener) => listeners.push(listener),
  },
};
const frame = () => {
  requestAnimationFrame(frame);
  for (const listener of listeners) listener();
};
requestAnimationFrame(frame);
window.parameters = parameters;
"""
MOST = """
window.most = 0;
const measure = () => {
  requestAnimationFrame(measure);
  most = Math.max(most, MOUTH);
};
requestAnimationFrame(measure);
"""
HEADLESS = """
import { PerspectiveCamera, Scene } from 'three';
const headless = {
  avatarOnly: true,
  avatarOnlyScene: new Scene(),
  avatarOnlyCamera: new PerspectiveCamera(),
};
"""
"""TalkingHead's own renderer takes a minute to start where there is no graphics card."""
ANIMATED = """
let last = performance.now();
const animate = (now) => {
  requestAnimationFrame(animate);
  head.animate(now - last);
  last = now;
};
requestAnimationFrame(animate);
"""
SCENE = "scene.getObjectByName('Wolf3D_Head')"
MOUTHS = {
    "SvgFace": "face.stats().shape.gap / 30",
    "MorphFace": f"{SCENE}.morphTargetInfluences[{SCENE}.morphTargetDictionary.viseme_aa]",
    "VrmFace": "vrm.expressionManager.getValue('aa')",
    "TalkingHeadFace": "head.mtAvatar.viseme_aa.value",
    "Live2dFace": "parameters.ParamMouthOpenY ?? 0",
    "Puppet": "Number(robot.style.getPropertyValue('--mouth'))",
}


@pytest.mark.parametrize("adapter", MOUTHS)
def test_the_example_speaks(talking: Workshop, adapter: str) -> None:
    code = example("") + example(adapter) + MOST.replace("MOUTH", MOUTHS[adapter])
    if adapter == "Live2dFace":
        code = LIVE2D + code
    if adapter == "TalkingHeadFace":
        code = HEADLESS + code.replace("lipsyncModules: [],", "lipsyncModules: [], ...headless,")
        code += ANIMATED
    talking.open(HOST, code + "Object.assign(window, { face, client });")
    talking.page.click("#talk")
    talking.until("most > 0.5")
    talking.until("client.state === 'ready'")
    drawn = talking.ask("face.stats().drawn")
    talking.ask("face.dispose()")
    assert drawn > 30
    stopped = talking.ask("face.stats().drawn")
    talking.page.wait_for_timeout(100)
    assert talking.ask("face.stats().drawn") == stopped


def test_captions_are_read_along(workshop: Workshop) -> None:
    watching = """
    window.words = [];
    client.on('utterance', (utterance) => utterance.on('word', () => {
      words.push([...CSS.highlights.get('lipwire-word')].map(String).join());
    }));
    Object.assign(window, { captions, client, log: document.querySelector('#host') });"""
    workshop.open(HOST, example("") + example("Captions") + watching)
    assert workshop.ask("[log.role, log.ariaLive].join()") == "log,polite"
    workshop.page.click("#talk")
    workshop.until("client.state === 'speaking' && words.length > 0")
    sentence = "Papa, mama, bubble: watch my mouth close."
    # As a whole, and in the language of the voice.
    assert workshop.ask("log.textContent") == sentence
    assert workshop.ask("log.firstChild.lang.slice(0, 2)") == "en"
    workshop.until("client.state === 'ready'")
    assert workshop.ask("words") == ["Papa", "mama", "bubble", "watch", "my", "mouth", "close"]
    assert workshop.ask("CSS.highlights.get('lipwire-word').size") == 0
    header, _, timing, cue = workshop.ask("captions.vtt()").strip().split("\n")
    assert header == "WEBVTT"
    assert timing.startswith("00:00:00.000 --> 00:00:0")
    assert re.sub(r"<[0-9:.]+>", "", cue) == sentence
    with workshop.page.expect_download() as download:
        workshop.page.click("#save")
    assert download.value.suggested_filename == "heard.vtt"


def test_what_an_interrupt_left_unheard_is_told_apart(workshop: Workshop) -> None:
    script = example("") + example("Captions") + "Object.assign(window, { captions, client });"
    workshop.open(HOST, script)
    heard = workshop.ask(
        """async () => {
            const utterance = client.speak('One two three four five six seven eight nine ten.');
            await new Promise((resolve) => utterance.on('word', ({ text }) => {
                if (text === 'three') resolve();
            }));
            await client.interrupt();
            const { textSpoken } = await utterance.finished;
            await new Promise((resolve) => setTimeout(resolve));
            return textSpoken;
        }"""
    )
    unheard = workshop.ask("document.querySelector('.lipwire-unheard').textContent")
    assert f"{heard.strip()} {unheard}" == "One two three four five six seven eight nine ten."
    assert "ten" in unheard
    said = re.sub(r"<[0-9:.]+>", "", workshop.ask("captions.vtt()").strip().split("\n")[-1])
    assert said == heard.strip()


MADE_UP = """
import { Captions } from '/client/captions.js';
HIGHLIGHTS
let begin;
const client = {
  session: { audio: { sample_rate: 1000 }, voice: { language: 'he_IL' } },
  on: (name, listener) => ((begin = listener), () => {}),
};
window.log = document.querySelector('#host');
window.captions = new Captions(log, client, { kept: 2 });
window.say = (sentences) => {
  const listeners = {};
  const tell = (name, detail) => listeners[name](detail);
  let at = 0;
  const segments = sentences.map((text) => {
    const start = at;
    const words = text.split(' ').map((word) => [word, at, at + 1, 100 * at++ + 1, 100]);
    return { text: `*${text}*`, start: 100 * start, count: 100 * (at - start), words };
  });
  const utterance = {
    segments,
    on: (name, listener) => ((listeners[name] = listener), () => delete listeners[name]),
    finished: new Promise((resolve) => (utterance_ends = resolve)),
  };
  begin(utterance);
  for (const segment of segments) tell('segment', segment);
  return (index) => {
    const [text, first, , start] = segments.flatMap(({ words }) => words)[index];
    tell('word', { text, begin: first, start });
  };
};
let utterance_ends;
window.ends = (heard) => utterance_ends(heard);
window.marked = () => CSS.highlights
  ? [...CSS.highlights.get('lipwire-word')].map(String).join()
  : (document.querySelector('mark')?.textContent ?? '');
"""


@pytest.mark.parametrize("highlights", ["", "Object.defineProperty(CSS, 'highlights', {});"])
def test_words_are_marked_in_browsers_with_and_without_highlights(
    workshop: Workshop, highlights: str
) -> None:
    workshop.open(HOST, MADE_UP.replace("HIGHLIGHTS", highlights))
    workshop.ask("() => { window.word = say(['שלום <b>', 'ב ב', 'ג ד']); word(0); }")
    # The next sentence is not there before it begins, and what is said is no markup.
    assert workshop.ask("log.textContent") == "*שלום <b>*"
    assert workshop.ask("marked()") == "שלום"
    assert workshop.ask("[log.firstChild.lang, log.firstChild.dir].join()") == "he-IL,auto"
    assert workshop.ask("getComputedStyle(log.firstChild).direction") == "rtl"
    assert workshop.ask("[1, 2, 3].map((index) => (word(index), marked())).join()") == "<b>,ב,ב"
    workshop.ask("ends({ sample: 350, ms: 350, character: 3 })")
    assert workshop.ask("marked()") == ""
    assert workshop.ask("document.querySelector('.lipwire-unheard').textContent") == "ב*"
    assert workshop.ask("captions.vtt().split('\\n\\n')[2]") == (
        "00:00:00.200 --> 00:00:00.350\n*<00:00:00.201>ב\n"
    )
    # It is bounded, and another utterance follows in time.
    workshop.ask(
        "() => { say(['one two', 'three'])(2); ends({ sample: 300, ms: 300, character: 9 }); }"
    )
    assert workshop.ask("[...log.children].map((line) => line.textContent).join()") == (
        "*one two*,*three*"
    )
    assert "00:00:00.350 --> 00:00:00.550" in workshop.ask("captions.vtt()")
    assert workshop.ask("captions.stats().sentences") == 4
    workshop.ask("captions.dispose()")


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


def test_every_adapter_has_an_example() -> None:
    assert {*ADAPTERS} == {*MOUTHS, "Captions", "`<talking-face>`"}


def test_a_model_without_a_mouth_is_refused(workshop: Workshop) -> None:
    workshop.open(
        "",
        """
        import { Object3D } from 'three';
        import { MorphFace } from '/client/morph.js';
        const client = { face: { mouth: (weights) => ({ weights, sample: 0 }) } };
        try {
          new MorphFace(new Object3D(), client);
        } catch (error) {
          document.title = String(error);
        }""",
    )
    assert workshop.page.title() == (
        "TypeError: the model has no morph targets for a mouth: visemes, ARKit or mouthOpen"
    )
