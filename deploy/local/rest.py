"""A REST client as a program outside would write it."""

from typing import Any
from uuid import UUID, uuid5

import httpx

_NAMESPACE = UUID("5b1f8d5e-2f0c-4b43-9a57-6f3f5b0d6a10")


class RequestFailed(Exception):
    """The platform answered with a google.rpc.Status."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"{answer.request.method} {answer.request.url}: {answer.text}")
        self.status_code = answer.status_code


class Rest:
    """Calls the gateway with one user's token."""

    def __init__(self, client: httpx.AsyncClient, token: str = "") -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def get(self, path: str, **query: Any) -> Any:  # noqa: ANN401 - JSON
        return await self._call("GET", path, params=query)

    async def post(self, path: str, body: object, **query: Any) -> Any:  # noqa: ANN401 - JSON
        return await self._call("POST", path, json=body, params=query)

    async def _call(self, method: str, path: str, **request: Any) -> Any:  # noqa: ANN401 - JSON
        answer = await self._client.request(method, path, headers=self._headers, **request)
        if answer.is_error:
            raise RequestFailed(answer)
        return answer.json()


def stable_id(*parts: str) -> str:
    """An id that is the same whenever the same thing is asked for."""
    return str(uuid5(_NAMESPACE, "/".join(parts)))


def rupiah(units: int) -> dict[str, str]:
    return {"currencyCode": "IDR", "units": str(units)}
