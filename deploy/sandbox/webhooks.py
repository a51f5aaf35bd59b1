"""What the merchant is told, how often it was tried, and what came back."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import httpx

from deploy.sandbox.clock import Clock, iso
from deploy.sandbox.faults import Faults, Kind
from deploy.sandbox.ids import new_uuid

# Xendit's schedule of retries, in seconds: 15 and 45 minutes, 2, 3, 6 and 12 hours.
_SCHEDULE = (900, 2700, 7200, 10800, 21600, 43200)
# Xendit takes no answer in 30 seconds for a failure.
_TIMEOUT = 30
_REMEMBERED = 10_000
_UNDER_WAY = 1_000
_AT_ONCE = 32


@dataclass(slots=True)
class Delivery:
    """One message to the merchant with all its attempts; what is sent again is another delivery."""

    webhook_id: UUID
    token: str
    body: dict[str, object]
    id: UUID = field(default_factory=new_uuid)
    state: str = "pending"
    attempts: list[dict[str, str]] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        return {
            "id": str(self.id),
            "provider": "xendit",
            "webhook_id": str(self.webhook_id),
            "state": self.state,
            "attempts": self.attempts,
            "body": self.body,
        }


class Webhooks:
    """Sends in the background; at most a thousand batches wait, and 32 requests are out at once."""

    def __init__(
        self, clock: Clock, faults: Faults, *, token: str, url: str, factor: float
    ) -> None:
        self.url = url
        self.deliveries: deque[Delivery] = deque(maxlen=_REMEMBERED)
        self._clock = clock
        self._faults = faults
        self._token = token
        self._factor = factor
        self._held: list[Delivery] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._client = httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False)

    def announce(self, webhook_id: UUID, body: dict[str, object]) -> None:
        """Tell the merchant what happened, unless a fault is waiting for it."""
        delivery = self._delivery(webhook_id, body, self._token)
        match self._faults.take_for_webhook("xendit"):
            case Kind.WEBHOOK_DROP:
                delivery.state = "dropped"
            case Kind.WEBHOOK_OUT_OF_ORDER:
                delivery.state = "held"
                self._held.append(delivery)
            case Kind.WEBHOOK_DUPLICATE:
                self._start([delivery])
                self._start([self._delivery(webhook_id, body, self._token)])
            case Kind.WEBHOOK_WRONG_TOKEN:
                delivery.token = "wrong-" + self._token
                self._start([delivery])
            case _:
                self._start([delivery, *self._held])
                self._held.clear()

    def repeat(
        self,
        webhook_id: UUID,
        body: dict[str, object],
        *,
        times: int,
        concurrently: bool,
        token: str | None,
    ) -> list[Delivery]:
        """Send the same event again, one after the other or all at once."""
        again = [self._delivery(webhook_id, body, token or self._token) for _ in range(times)]
        for batch in [[delivery] for delivery in again] if concurrently else [again]:
            self._start(batch)
        return again

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.aclose()

    def _delivery(self, webhook_id: UUID, body: dict[str, object], token: str) -> Delivery:
        delivery = Delivery(webhook_id, token, body)
        self.deliveries.append(delivery)
        return delivery

    def _start(self, batch: Sequence[Delivery]) -> None:
        if len(self._tasks) >= _UNDER_WAY:
            for delivery in batch:
                delivery.state = "refused"
            return
        task = asyncio.create_task(self._in_turn(batch))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _in_turn(self, batch: Sequence[Delivery]) -> None:
        for delivery in batch:
            await self._deliver(delivery)

    async def _deliver(self, delivery: Delivery) -> None:
        delivery.state = "pending"
        for pause in (*_SCHEDULE, None):
            if await self._attempt(delivery):
                delivery.state = "delivered"
                return
            if pause is not None:
                await asyncio.sleep(pause * self._factor)
        delivery.state = "given_up"

    async def _attempt(self, delivery: Delivery) -> bool:
        headers = {"x-callback-token": delivery.token, "webhook-id": str(delivery.webhook_id)}
        try:
            async with self._slots:
                answer = await self._client.post(self.url, headers=headers, json=delivery.body)
        except httpx.HTTPError as error:
            accepted, outcome = False, type(error).__name__
        else:
            accepted, outcome = answer.is_success, str(answer.status_code)
        delivery.attempts.append({"at": iso(self._clock()), "url": self.url, "outcome": outcome})
        return accepted
