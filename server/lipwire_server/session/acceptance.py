"""Whether there is room for more text."""

from lipwire_protocol import ErrorCode, Limits, LipwireError, Speak

from .utterance import Utterance

__all__ = ["check_replay", "check_room", "check_text"]


def check_text(
    message: Speak,
    utterance: Utterance | None,
    limits: Limits,
    *,
    waiting: int,
    utterances: int,
    draining: bool,
) -> None:
    """Raises LipwireError for text that cannot be taken: `text_limit`, `utterance_limit` or
    `going_away`.

    `utterance` is None when it would be a new one, beside so many other `utterances`; `waiting` is
    how much text of all of them is not spoken yet.
    """
    length = len(message.text)
    if length > limits.message_text:
        raise LipwireError(
            ErrorCode.TEXT_LIMIT,
            f"{length} characters in a message; at most {limits.message_text}, "
            "send the text in pieces",
        )
    if length + (utterance.length if utterance else 0) > limits.utterance_text:
        raise LipwireError(
            ErrorCode.TEXT_LIMIT,
            f"an utterance has at most {limits.utterance_text} characters; open another one",
        )
    if waiting + length > limits.waiting_text:
        raise LipwireError(
            ErrorCode.TEXT_LIMIT,
            f"{waiting} characters wait to be spoken; at most {limits.waiting_text}, "
            "wait for segment_ended",
        )
    if utterance is None:
        check_room(limits, utterances=utterances, draining=draining)


def check_replay(length: int, limits: Limits, *, replayed: int) -> None:
    """Raises LipwireError (`text_limit`) for a text that cannot be spoken again now: `replayed` is
    how much waits for that already. One finds room always."""
    if replayed and replayed + length > limits.utterance_text:
        raise LipwireError(
            ErrorCode.TEXT_LIMIT,
            f"{replayed} characters wait to be spoken again; at most {limits.utterance_text}, "
            "wait for utterance_ended",
        )


def check_room(limits: Limits, *, utterances: int, draining: bool) -> None:
    """Raises LipwireError for one more utterance that cannot be opened: `utterance_limit` or
    `going_away`."""
    if draining:
        raise LipwireError(
            ErrorCode.GOING_AWAY,
            "the server restarts and opens no more utterances; connect again",
        )
    if utterances >= limits.waiting_utterances:
        raise LipwireError(
            ErrorCode.UTTERANCE_LIMIT,
            f"{utterances} utterances wait; at most {limits.waiting_utterances}, "
            "wait for utterance_ended",
        )
