"""A catalogue on a web server."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import quote

import httpx

from lipwire_protocol.errors import ErrorCode, LipwireError

from .mirror import Interrupted, Stream

__all__ = ["WebMirror", "open_web_mirror"]

_ANSWER_S: Final = 30.0
_CONNECT_S: Final = 10.0
_ELSEWHERE: Final = (
    "check the network and HTTPS_PROXY, or let LIPWIRE_CATALOGUE name a mirror or a folder"
)


@asynccontextmanager
async def open_web_mirror(address: str) -> AsyncIterator["WebMirror"]:
    """Raises `LipwireError` (`bad_message`) for an address that is no URL."""
    _check_address(address)
    timeout = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)
    async with httpx.AsyncClient(timeout=timeout, follow_redirects=True) as client:
        yield WebMirror(address, client)


class WebMirror:
    """A web server. An interrupted file goes on where it broke off if the server can do that."""

    def __init__(self, address: str, client: httpx.AsyncClient) -> None:
        self._address = address
        self._client = client

    @property
    def address(self) -> str:
        return self._address

    @asynccontextmanager
    async def open(self, path: str, start: int = 0) -> AsyncIterator[Stream]:
        url = f"{self._address}/{quote(path)}"
        try:
            async with self._answer(url, start) as stream:
                yield stream
        except httpx.TimeoutException as error:
            raise Interrupted(f"{url} does not answer; {_ELSEWHERE}") from error
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise Interrupted(f"{url} cannot be read ({reason}); {_ELSEWHERE}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            code = ErrorCode.BAD_MESSAGE
            raise LipwireError(code, f"{url} cannot be read ({error})") from error

    @asynccontextmanager
    async def _answer(self, url: str, start: int) -> AsyncIterator[Stream]:
        # Compressed, an offset would be one into something else.
        headers = {"Accept-Encoding": "identity"}
        wanted = {"Range": f"bytes={start}-"} if start else {}
        async with self._client.stream("GET", url, headers=headers | wanted) as response:
            if not start or _goes_on(response, start):
                _check(response, url)
                yield Stream(start, _size(response), response.aiter_bytes())
                return
        async with self._client.stream("GET", url, headers=headers) as response:
            _check(response, url)
            yield Stream(0, _size(response), response.aiter_bytes())


def _check_address(address: str) -> None:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise _no_address(address, str(error)) from error
    # Deep in asyncio a higher one would be an OverflowError.
    if not url.host or not 0 < (1 if url.port is None else url.port) < 65_536:
        raise _no_address(address, "it has no host or no possible port")


def _no_address(address: str, reason: str) -> LipwireError:
    return LipwireError(ErrorCode.BAD_MESSAGE, f"{address} is no address of a catalogue: {reason}")


def _goes_on(response: httpx.Response, start: int) -> bool:
    """False where the answer is the whole file, or where there is no such rest of it."""
    if response.status_code == 206:
        return str(response.headers.get("Content-Range")).startswith(f"bytes {start}-")
    return response.is_error and response.status_code != 416


def _check(response: httpx.Response, url: str) -> None:
    status = response.status_code
    answer = f"{status} {response.reason_phrase}".strip()
    if status in (404, 410):
        raise LipwireError(
            ErrorCode.NOT_FOUND,
            f"{url} does not exist ({answer}); is LIPWIRE_CATALOGUE the address of a catalogue?",
        )
    if status in (408, 429) or status >= 500:
        raise Interrupted(f"{url} answers {answer}; try again later")
    if not response.is_success:
        raise LipwireError(ErrorCode.FORBIDDEN, f"{url} answers {answer}; {_ELSEWHERE}")


def _size(response: httpx.Response) -> int | None:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return None
    text = response.headers.get("Content-Length", "")
    if response.status_code == 206:
        text = response.headers.get("Content-Range", "").rpartition("/")[2]
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else None
