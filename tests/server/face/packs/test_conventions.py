import pytest

from lipwire_server.face.packs.conventions import Convention, Parts, recognised
from lipwire_server.face.packs.manifest import MouthSet

ROBOT = ("robot.png", "eyes_open.png", "eyes-closed.png")


def parts(*names: str) -> Parts:
    found = recognised(names)
    assert found is not None
    return found[1]


def named(pattern: str, shapes: str) -> list[str]:
    return [pattern.format(shape) for shape in shapes.split()]


@pytest.mark.parametrize(
    ("names", "convention"),
    [
        (named("{}.png", "A B C D E F"), Convention.RHUBARB),
        (named("mouth_{}.png", "A B C D E F G H X"), Convention.RHUBARB),
        (named("lisa-{}.PNG", "A B C D E F X"), Convention.RHUBARB),
        (named("mouths/{}.webp", "a b c d e f"), Convention.RHUBARB),
        (named("{}.png", "AI E O U MBP FV L WQ etc rest"), Convention.PRESTON_BLAIR),
        (named("{}.jpg", "AI E O CDGKNRSThYZ MBP"), Convention.PRESTON_BLAIR),
        (named("viseme_{}.png", "sil PP FF TH DD kk CH SS nn RR aa E ih oh ou"), Convention.OCULUS),
        (named("{}.png", "sil PP FF TH DD kk CH SS nn RR aa E ih oh ou"), Convention.OCULUS),
        (named("{}.png", "closed open"), Convention.PNGTUBER),
        (named("mouth/{}.png", "closed half open e u"), Convention.PNGTUBER),
        (["idle.png", "talking.png", "idle_blink.png", "talking_blink.png"], Convention.PNGTUBER),
        (["model.json", *named("assets/main/neutral/1/{}.png", "0 1")], Convention.LIVEPNG),
    ],
)
def test_a_convention_is_recognised_by_its_names(names: list[str], convention: Convention) -> None:
    found = recognised(names)
    assert found is not None
    assert found[0] is convention


@pytest.mark.parametrize(
    "names",
    [[], ["a.txt", "b.txt"], named("{}.png", "A B C D E"), ["closed.png"],
     named("{}.gif", "open closed"), ["model.json"],
     ["model.json", "assets/main/idle/1/0.png"], ["---.png", ".png"]],
)  # fmt: skip
def test_anything_else_is_not_recognised(names: list[str]) -> None:
    assert recognised(names) is None


def test_a_base_and_eyes_are_found_beside_the_mouths() -> None:
    found = parts(
        *named("{}.png", "A B C D E F X"), "robot.png", "eyes_open.png", "eyes-closed.png"
    )
    assert (found.base, found.open_eyes, found.closed_eyes) == ROBOT
    assert set(found.mouths) == set("ABCDEFX")
    assert found.set is MouthSet.RHUBARB


def test_of_several_pictures_the_one_named_base_is_it() -> None:
    mouths = named("{}.png", "A B C D E F")
    assert parts(*mouths, "logo.png", "base.png").base == "base.png"
    assert parts(*mouths, "logo.png", "banner.png").base is None
    assert parts(*mouths).base is None


@pytest.mark.parametrize(
    "blink", ["blink.png", "eyesClosed.png", "Eyes Closed.png", "lids_shut.png"]
)
def test_closed_eyes_have_many_names(blink: str) -> None:
    assert parts("closed.png", "open.png", "mouthless.png", blink).closed_eyes == blink


def test_whole_pictures_of_mouths_and_eyes_are_told_apart() -> None:
    found = parts(
        "mouth closed eyes open.png",
        "mouth open eyes open.png",
        "mouth closed eyes closed.png",
        "mouth open eyes closed.png",
    )
    assert found.mouths == {
        "closed": "mouth closed eyes open.png",
        "open": "mouth open eyes open.png",
    }
    assert found.closed_eyes == "mouth closed eyes closed.png"
    assert found.base is None


def test_of_live_png_one_style_and_one_variant_of_each_expression_are_taken() -> None:
    found = parts(
        "model.json",
        *named("assets/casual/joy/1/{}.png", "0 1 2"),
        *named("assets/casual/joy/2/{}.png", "0 1"),
        *named("assets/casual/neutral/1/{}.png", "0 9 10"),
        *named("assets/winter/neutral/1/{}.png", "0 1"),
        *named("assets/casual/sleepy/1/{}.png", "0 1"),
        "assets/casual/sad/1/only.png",
    )
    folder = "assets/casual/neutral/1"
    assert found.mouths == {
        "closed": f"{folder}/0.png", "half": f"{folder}/9.png", "open": f"{folder}/10.png",
    }  # fmt: skip
    assert {emotion for emotion, _ in found.feelings} == {"happy"}
    assert found.feelings["happy", "open"] == "assets/casual/joy/1/2.png"


@pytest.mark.parametrize(
    ("expressions", "at_ease"),
    [(("happy", "idle", "neutral"), "idle"), (("happy", "normal"), "normal"), (("b", "a"), "a")],
)
def test_of_live_png_idle_is_at_ease_or_else_the_first(
    expressions: tuple[str, ...], at_ease: str
) -> None:
    names = [f"assets/main/{name}/1/{i}.png" for name in expressions for i in (0, 1)]
    assert parts("model.json", *names).mouths["open"] == f"assets/main/{at_ease}/1/1.png"
