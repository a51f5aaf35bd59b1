"""A client that costs little, so that the measured side gets the machine."""

import asyncio
import json
from typing import Any


class Client:
    """One kept-alive HTTP/1.1 connection; answers are JSON with a length, or chunked."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def call(self, method: str, path: str, body: object = None, token: str = "") -> Any:  # noqa: ANN401 - JSON
        if self._streams is None or self._streams[0].at_eof():
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: {self._host}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(content)}\r\n"
        )
        if token:
            head += f"authorization: Bearer {token}\r\n"
        writer.write(head.encode() + b"\r\n" + content)
        status, answer = await _answer(reader)
        if not status.startswith("2"):
            raise RuntimeError(f"{method} {path}: {status} {answer.decode()}")
        return json.loads(answer) if answer else None

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()


async def _answer(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    lines = head.split("\r\n")
    headers = {
        name.lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines[1:])
    }
    status = lines[0].split(" ", 2)[1]
    if headers.get("transfer-encoding") == "chunked":
        return status, await _chunks(reader)
    return status, await reader.readexactly(int(headers.get("content-length", "0")))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    content = b""
    while size := int(await reader.readline(), 16):
        content += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return content
