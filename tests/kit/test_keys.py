"""Keys that the issuer changes."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from joserfc import jwt
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from deploy.local import tokens
from deploy.sandbox.server import listen, running
from services.kit import keys as module
from services.kit.keys import Keys
from tests.support import an_id


async def test_a_new_key_of_the_issuer_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SHORTEST_INTERVAL", 0.0)
    folders = [tmp_path / "old", tmp_path / "new"]
    issuer = Starlette(routes=[Route("/jwks", lambda _: _published(folders[0]))])
    listener, url = listen()
    async with running(issuer, listener):
        keys = Keys(f"{url}/jwks")
        await keys.read()
        folders.pop(0)

        assert await keys.renewed()

    token = tokens.mint(tmp_path / "new", sub=an_id(), roles=["buyer"], now=datetime.now(UTC))
    assert jwt.decode(token, keys.current, algorithms=["ES256"]).claims["roles"] == ["buyer"]


async def test_forged_tokens_do_not_make_us_ask_again_and_again(tmp_path: Path) -> None:
    keys = Keys(str(tokens.public_keys(tmp_path)))
    await keys.read()

    assert not await keys.renewed()


async def test_an_issuer_that_is_away_leaves_the_keys_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SHORTEST_INTERVAL", 0.0)
    path = tokens.public_keys(tmp_path)
    keys = Keys(str(path))
    await keys.read()
    before = keys.current.as_dict(private=False)
    path.unlink()

    assert not await keys.renewed()
    assert keys.current.as_dict(private=False) == before


def _published(folder: Path) -> JSONResponse:
    return JSONResponse(json.loads(tokens.public_keys(folder).read_text()))
