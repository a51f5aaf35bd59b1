"""With which keys does the issuer of tokens sign? Its JWKS, read again when a key is new to us."""

import asyncio
import json
import time
from pathlib import Path

import httpx
from joserfc.jwk import KeySet

_SHORTEST_INTERVAL = 30.0
_TIMEOUT = 5.0


class Keys:
    """The issuer's public keys, from a JWKS file or address."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._read_at = float("-inf")
        self.current = KeySet([])

    async def read(self) -> None:
        """Raises OSError or httpx.HTTPError where the source cannot be read."""
        self._read_at = time.monotonic()
        if self._source.startswith(("https://", "http://")):
            async with httpx.AsyncClient(timeout=_TIMEOUT) as client:
                answer = await client.get(self._source)
                self.current = KeySet.import_key_set(answer.raise_for_status().json())
        else:
            text = await asyncio.to_thread(Path(self._source).read_text)
            self.current = KeySet.import_key_set(json.loads(text))

    async def renewed(self) -> bool:
        """Read them again, but not for every forged token; False where there are no newer ones."""
        if time.monotonic() - self._read_at < _SHORTEST_INTERVAL:
            return False
        before = self.current.as_dict(private=False)
        try:
            await self.read()
        except (OSError, httpx.HTTPError, ValueError):
            return False
        return self.current.as_dict(private=False) != before
