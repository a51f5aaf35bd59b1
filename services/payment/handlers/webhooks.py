"""gotong.payment.v1: what the payment provider tells us."""

import hashlib
import hmac
from collections.abc import Awaitable, Mapping

from grpc.aio import ServicerContext

from gotong.payment.v1 import webhook_pb2 as pb
from gotong.payment.v1.webhook_pb2_grpc import PaymentWebhookServiceServicer
from services.kit.clock import Clock
from services.kit.db import Database
from services.kit.jobs import Jobs
from services.payment.domain.invoice import Notice
from services.payment.domain.refusals import InvalidCallbackToken
from services.payment.settlement import HEAR
from services.payment.store import webhooks
from services.payment.xendit import notice_from

_TOKEN = "x-callback-token"  # noqa: S105 - the name of a header
_SECRET = frozenset({_TOKEN, "authorization", "cookie"})
_ID = "webhook-id"
_LONGEST_ID = 200


class PaymentWebhookService(PaymentWebhookServiceServicer):
    def __init__(self, db: Database, clock: Clock, jobs: Jobs, token: str) -> None:
        self._db = db
        self._clock = clock
        self._jobs = jobs
        self._token = token

    async def ReceiveXenditInvoice(
        self,
        request: pb.ReceiveXenditInvoiceRequest,
        context: ServicerContext[
            pb.ReceiveXenditInvoiceRequest, Awaitable[pb.ReceiveXenditInvoiceResponse]
        ],
    ) -> pb.ReceiveXenditInvoiceResponse:
        """Once per notice: keep it, and wake the task that asks what is true."""
        headers = dict(context.invocation_metadata() or ())
        self._check(headers.get(_TOKEN, ""))
        body = request.body.data
        notice = notice_from(body)
        kept = {k: v for k, v in headers.items() if k not in _SECRET and isinstance(v, str)}
        async with self._db.transaction() as tx:
            event_id = await webhooks.add(
                tx, notice, key=_key(notice, kept), headers=kept, body=body, now=self._clock()
            )
            if event_id:
                await self._jobs.wake(tx, HEAR, event_id)
        return pb.ReceiveXenditInvoiceResponse()

    def _check(self, token: str | bytes) -> None:
        given = token if isinstance(token, bytes) else token.encode()
        if not given or not hmac.compare_digest(given, self._token.encode()):
            raise InvalidCallbackToken("the callback token is not the provider's")


def _key(notice: Notice, headers: Mapping[str, str]) -> str:
    """The provider's own name of the event, or else what makes it another one."""
    if 0 < len(id := headers.get(_ID, "")) <= _LONGEST_ID:
        return id
    event = f"{notice.invoice_id}|{notice.status}|{notice.updated}"
    return hashlib.sha256(event.encode()).hexdigest()
