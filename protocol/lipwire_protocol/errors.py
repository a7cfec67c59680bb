"""What can go wrong, and what the peer is told about it.

One enum. The close code of a WebSocket and the status of a REST answer derive from it here and
nowhere else; the exception class in Python and in JavaScript carries the same code.
"""

from enum import StrEnum

__all__ = ["CloseCode", "ErrorCode", "LipwireError"]


class CloseCode:
    """WebSocket close codes that Lipwire sends."""

    NORMAL = 1000
    GOING_AWAY = 1001
    TOO_BIG = 1009
    INTERNAL = 1011
    RESTART = 1012
    PROTOCOL = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    NOT_FOUND = 4404
    TIMEOUT = 4408
    TAKEN_OVER = 4409
    RATE_LIMITED = 4429
    OVERLOADED = 4503


class ErrorCode(StrEnum):
    """The `code` of an `error` or `warning` message and of a problem+json answer."""

    BAD_MESSAGE = "bad_message"
    BAD_STATE = "bad_state"
    UNKNOWN_TYPE = "unknown_type"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    PRECONDITION_FAILED = "precondition_failed"
    UNSUPPORTED_MEDIA = "unsupported_media"
    UNREADABLE = "unreadable"
    UNSUPPORTED = "unsupported"
    EMPTY_TEXT = "empty_text"
    TEXT_LIMIT = "text_limit"
    MESSAGE_LIMIT = "message_limit"
    UTTERANCE_LIMIT = "utterance_limit"
    UTTERANCE_CLOSED = "utterance_closed"
    NOTHING_SPEAKING = "nothing_speaking"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    SYNTHESIS_FAILED = "synthesis_failed"
    STORAGE_UNAVAILABLE = "storage_unavailable"
    IDLE = "idle"
    SLOW_CONSUMER = "slow_consumer"
    TAKEN_OVER = "taken_over"
    GOING_AWAY = "going_away"
    INTERNAL = "internal"

    @property
    def close_code(self) -> int:
        """Close code of the WebSocket when an error with this code is fatal."""
        return _DERIVED[self][0]

    @property
    def http_status(self) -> int:
        """Status of a REST answer that reports this code."""
        return _DERIVED[self][1]


_DERIVED: dict[ErrorCode, tuple[int, int]] = {
    ErrorCode.BAD_MESSAGE: (CloseCode.PROTOCOL, 400),
    ErrorCode.BAD_STATE: (CloseCode.PROTOCOL, 409),
    ErrorCode.UNKNOWN_TYPE: (CloseCode.PROTOCOL, 400),
    ErrorCode.UNAUTHORIZED: (CloseCode.UNAUTHORIZED, 401),
    ErrorCode.FORBIDDEN: (CloseCode.FORBIDDEN, 403),
    ErrorCode.NOT_FOUND: (CloseCode.NOT_FOUND, 404),
    # These five are of REST alone; a WebSocket has no methods, versions or media types.
    ErrorCode.METHOD_NOT_ALLOWED: (CloseCode.PROTOCOL, 405),
    ErrorCode.CONFLICT: (CloseCode.PROTOCOL, 409),
    ErrorCode.PRECONDITION_FAILED: (CloseCode.PROTOCOL, 412),
    ErrorCode.UNSUPPORTED_MEDIA: (CloseCode.PROTOCOL, 415),
    ErrorCode.UNREADABLE: (CloseCode.PROTOCOL, 422),
    ErrorCode.UNSUPPORTED: (CloseCode.PROTOCOL, 422),
    ErrorCode.EMPTY_TEXT: (CloseCode.PROTOCOL, 422),
    ErrorCode.TEXT_LIMIT: (CloseCode.PROTOCOL, 413),
    ErrorCode.MESSAGE_LIMIT: (CloseCode.TOO_BIG, 413),
    ErrorCode.UTTERANCE_LIMIT: (CloseCode.RATE_LIMITED, 429),
    ErrorCode.UTTERANCE_CLOSED: (CloseCode.PROTOCOL, 409),
    ErrorCode.NOTHING_SPEAKING: (CloseCode.PROTOCOL, 409),
    ErrorCode.RATE_LIMITED: (CloseCode.RATE_LIMITED, 429),
    ErrorCode.OVERLOADED: (CloseCode.OVERLOADED, 503),
    ErrorCode.SYNTHESIS_FAILED: (CloseCode.INTERNAL, 500),
    ErrorCode.STORAGE_UNAVAILABLE: (CloseCode.INTERNAL, 503),
    ErrorCode.IDLE: (CloseCode.TIMEOUT, 408),
    ErrorCode.SLOW_CONSUMER: (CloseCode.TIMEOUT, 408),
    ErrorCode.TAKEN_OVER: (CloseCode.TAKEN_OVER, 409),
    ErrorCode.GOING_AWAY: (CloseCode.RESTART, 503),
    ErrorCode.INTERNAL: (CloseCode.INTERNAL, 500),
}


class LipwireError(Exception):
    """Something that the peer is told about.

    `str()` of it is the message for people: what is wrong and, where it can be said, what to do.
    """

    def __init__(self, code: ErrorCode, message: str, *, retry_after_ms: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after_ms = retry_after_ms
