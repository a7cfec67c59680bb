"""What `configure` and `pose` are answered with."""

import asyncio
from collections import deque

from lipwire_protocol import Configured, Error, LipwireError, Posed, ServerMessage

__all__ = ["Answer", "Answers", "as_exception"]

Answer = asyncio.Future[Configured | Posed]


class Answers:
    """Gives each answer to whoever asked: answers come in the order of the questions.

    As many are waited for as there are questions that the server has not answered.
    """

    def __init__(self) -> None:
        self._awaited: deque[Answer] = deque()

    def expect(self) -> Answer:
        """The answer to the question that is sent next."""
        answer: Answer = asyncio.get_running_loop().create_future()
        self._awaited.append(answer)
        return answer

    def take(self, message: ServerMessage) -> None:
        """Looks whether a message is an answer.

        An error that names no utterance is one: nothing else that is sent here gets such an error.
        """
        if not self._awaited:
            return
        if isinstance(message, Configured | Posed):
            answer = self._awaited.popleft()
            if not answer.done():  # Else whoever asked does not wait any more.
                answer.set_result(message)
        elif isinstance(message, Error) and message.utterance is None:
            answer = self._awaited.popleft()
            if not answer.done():
                answer.set_exception(as_exception(message))


def as_exception(message: Error) -> LipwireError:
    return LipwireError(message.code, message.message, retry_after_ms=message.retry_after_ms)
