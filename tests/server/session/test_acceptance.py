"""Text that there is no room for is refused, and what to do instead is said."""

import pytest

from lipwire_protocol import ErrorCode, Limits, LipwireError, Speak, TextOptions
from lipwire_server.session.acceptance import check_text
from lipwire_server.session.utterance import Utterance
from lipwire_server.speech.text.reader import Reader

LIMITS = Limits(message_text=10, waiting_text=20, utterance_text=15, waiting_utterances=2)


def check(
    text: str, *, before: str | None = None, waiting: int = 0, others: int = 0, going: bool = False
) -> None:
    utterance = None
    if before is not None:
        utterance = Utterance(1, Reader(TextOptions(), {}, 400, language="en-US"), 500)
        utterance.append(before, 0, last=False)
    check_text(
        Speak(utterance=1, text=text),
        utterance,
        LIMITS,
        waiting=waiting,
        utterances=others,
        draining=going,
    )


def test_what_just_fits_is_taken() -> None:
    check("x" * 10, before="x" * 5, waiting=10, others=2, going=True)
    check("x" * 10, waiting=10, others=1)


@pytest.mark.parametrize(
    ("code", "advice", "case"),
    [
        (ErrorCode.TEXT_LIMIT, "in pieces", {"text": "x" * 11}),
        (ErrorCode.TEXT_LIMIT, "open another one", {"text": "x" * 10, "before": "x" * 6}),
        (ErrorCode.TEXT_LIMIT, "wait for segment_ended", {"text": "x", "waiting": 20}),
        (ErrorCode.UTTERANCE_LIMIT, "wait for utterance_ended", {"text": "x", "others": 2}),
        (ErrorCode.GOING_AWAY, "connect again", {"text": "x", "going": True}),
    ],
)
def test_what_does_not_fit_is_refused(
    code: ErrorCode, advice: str, case: dict[str, object]
) -> None:
    with pytest.raises(LipwireError, match=advice) as caught:
        check(**case)  # type: ignore[arg-type]
    assert caught.value.code is code
