"""Faces of other makers, moved by a real voice; every example of docs/adapters.md runs."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from .workshop import ADAPTERS, HOST, Workshop, example

PP, AA = 1, 10
TALKING = """
import { LipwireClient } from '/client/lipwire.js';
const client = new LipwireClient();
"""


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
            // Of a page that draws seldom, some of what was drawn after that.
            const drawn = seen.length;
            await new Promise((resolve) => requestAnimationFrame((since) => {
                const look = (now) => now - since > 300 && seen.length > drawn + 15
                    ? resolve() : requestAnimationFrame(look);
                requestAnimationFrame(look);
            }));
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

MOODS = {
    "MorphFace": f"{SCENE}.morphTargetInfluences[{SCENE}.morphTargetDictionary.browInnerUp] > 0.15",
    "VrmFace": "vrm.expressionManager.getValue('happy') > 0.55",
    "TalkingHeadFace": "head.moodName === 'happy'",
    "Live2dFace": "parameters.ParamEyeLSmile > 0.75",
}


@pytest.mark.parametrize("adapter", MOUTHS)
def test_the_example_speaks(talking: Workshop, adapter: str) -> None:
    code = example("") + example(adapter) + MOST.replace("MOUTH", MOUTHS[adapter])
    code += f"window.inMood = () => {MOODS.get(adapter)};"
    if adapter == "Live2dFace":
        code = LIVE2D + code
    if adapter == "TalkingHeadFace":
        code = HEADLESS + code.replace("lipsyncModules: [],", "lipsyncModules: [], ...headless,")
        code += ANIMATED
    talking.open(HOST, code + "Object.assign(window, { face, client });")
    talking.page.click("#talk")
    talking.until("most > 0.5")
    talking.until("client.state === 'ready'")
    if adapter in MOODS:
        talking.ask("client.pose({ emotion: 'happy' }).then(() => true)")
        talking.until("inMood()")
    drawn = talking.ask("face.stats().drawn")
    talking.ask("face.dispose()")
    assert drawn > 30
    stopped = talking.ask("face.stats().drawn")
    talking.page.wait_for_timeout(100)
    assert talking.ask("face.stats().drawn") == stopped


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
