"""How does a payment come to its end? By looking at its row and doing the next thing.

Every step is safe to repeat and to interrupt. What is true about money is asked of the provider;
what is recorded is decided under the lock of the payable; nothing is asked while a lock is held.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from uuid import UUID
from weakref import WeakValueDictionary

from services.kit import ledger
from services.kit.actor import job
from services.kit.channel import NeighbourUnavailable
from services.kit.clock import Clock
from services.kit.db import Database
from services.kit.jobs import Jobs, RetryLater
from services.payment.clients import OrderContradicts, Orders
from services.payment.domain import recipes, rules
from services.payment.domain.invoice import Invoice, InvoiceStatus
from services.payment.domain.payment import ASK_AGAIN_AFTER, Payment, State
from services.payment.domain.refusals import PaymentChanged, ProviderUnavailable
from services.payment.store import payments as store
from services.payment.xendit import InvoiceRefused, Xendit

HEAR, WATCH, TELL_ORDER = "hear", "watch", "tell_order"
# How long after its time an invoice is looked at: the provider has closed it by then.
_MARGIN = timedelta(seconds=10)
# When an order is told by another process, if the one that was about to has not done it.
_SOON = timedelta(seconds=5)


class Settlement:
    def __init__(
        self, db: Database, jobs: Jobs, clock: Clock, xendit: Xendit, orders: Orders
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._clock = clock
        self._xendit = xendit
        self._orders = orders
        # Correctness does not rest on these: they spare a process racing itself for an answer.
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def hear(self, event_id: UUID) -> None:
        """A task for each notice: what it is about has changed."""
        async with self._db.reading() as tx:
            payment = await store.of_notice(tx, event_id)
        *before, payment = await self._look(payment.id, job(HEAR), heard=payment)
        if before and payment.state is State.CAPTURED:
            await self._go_on(payment)

    async def watch(self, payment_id: UUID) -> None:
        """The task of each payment: it ends also when no notice comes."""
        payment = await self.look(payment_id, by=job(WATCH))
        if payment.is_unopened:
            raise RetryLater("the provider is being asked", ASK_AGAIN_AFTER)
        if payment.is_live:
            wait = payment.expire_time + _MARGIN - self._clock()
            raise RetryLater("the invoice waits for the buyer", max(wait, _MARGIN))

    async def tell_order(self, payment_id: UUID) -> None:
        """The task of each capture. Told twice, an order changes nothing."""
        payment = await self._read(payment_id)
        if payment.order_told_time is None:
            await self._tell(payment)

    async def ask(self, payment: Payment, *, by: str) -> Payment:
        """Open the invoice of a payment that the caller, in its turn, recorded as asked for."""
        with suppress(ProviderUnavailable, PaymentChanged):
            return await self._ask(payment, by)
        return await self._read(payment.id)

    async def open(self, payment_id: UUID, *, by: str) -> Payment:
        """Open the invoice if nobody has; how the payment stands then, if the provider answers."""
        with suppress(ProviderUnavailable, PaymentChanged):
            async with self.turn(payment_id):
                payment = await self._read(payment_id)
                return await self._open(payment, by) if payment.is_unopened else payment
        return await self._read(payment_id)

    async def look(self, payment_id: UUID, *, by: str) -> Payment:
        """Ask the provider and record the answer; an invoice that is not there yet is opened.

        Raises ProviderUnavailable.
        """
        return (await self._look(payment_id, by))[-1]

    async def close(self, payment_id: UUID, *, request_id: UUID, by: str) -> Payment:
        """Let nobody pay it any more, unless somebody has. Raises ProviderUnavailable."""
        async with self.turn(payment_id):
            payment = await self._read(payment_id)
            if not payment.is_live:
                return payment
            if payment.close_request_id != request_id:
                closing = rules.closing(payment, request_id, self._clock())
                payment = await self._move(payment, closing, by, "to be closed")
            if payment.state is State.CREATED:
                return await self._end(payment, by)
            invoice_id = payment.provider_invoice_id or await self._find_id(payment)
            if invoice_id is None:
                if payment.asked_lately(self._clock()):
                    raise ProviderUnavailable("the invoice is being opened")
                return await self._end(payment, by)
            await self._xendit.expire_invoice(invoice_id)
            invoice = await self._xendit.get_invoice(invoice_id)
            payment = (await self._learn(payment, invoice, by))[-1]
            if payment.is_live:
                raise ProviderUnavailable("the provider did not close the invoice")
            return payment

    async def _look(
        self, payment_id: UUID, by: str, heard: Payment | None = None
    ) -> Sequence[Payment]:
        """As _learn, for a payment as it is read in its turn, or was when a notice was heard."""
        turn = self.turn(payment_id)
        known = None if turn.locked() else heard
        async with turn:
            payment = known or await self._read(payment_id)
            if payment.is_paid:
                return [payment]
            if payment.is_unopened:
                return [await self._open(payment, by)]
            invoice = await self._invoice_of(payment)
            return await self._learn(payment, invoice, by, goes_on=heard is not None)

    async def _open(self, payment: Payment, by: str) -> Payment:
        """Never two requests for an invoice: what was asked before is looked for first."""
        if payment.state is State.UNKNOWN:
            if invoice := await self._invoice_of(payment):
                return (await self._learn(payment, invoice, by))[-1]
            if payment.asked_lately(self._clock()):
                return payment
        now = self._clock()
        if not payment.is_wanted(now):
            return await self._end(payment, by)
        payment = await self._move(payment, rules.asked(payment, now), by, "asked for an invoice")
        return await self._ask(payment, by)

    async def _ask(self, payment: Payment, by: str) -> Payment:
        """Make the request that was written down. A new invoice concerns this payment alone."""
        now = self._clock()
        if not payment.is_wanted(now):
            return await self._end(payment, by)
        if not payment.may_ask_still(now):
            raise ProviderUnavailable("it is too late to ask for an invoice")
        try:
            invoice = await self._xendit.create_invoice(payment, payment.seconds_left(now))
        except InvoiceRefused as refusal:
            failed = rules.failed(payment, str(refusal), self._clock())
            return await self._move(payment, failed, by)
        if invoice.status is InvoiceStatus.PENDING:
            with suppress(PaymentChanged):
                adopted = rules.adopted(payment, invoice, self._clock())
                return await self._move(payment, adopted, by, _said(invoice))
        return (await self._learn(payment, invoice, by))[-1]

    async def _invoice_of(self, payment: Payment) -> Invoice | None:
        if payment.provider_invoice_id:
            return await self._xendit.get_invoice(payment.provider_invoice_id)
        return await self._xendit.find_invoice(payment.external_id)

    async def _find_id(self, payment: Payment) -> str | None:
        invoice = await self._xendit.find_invoice(payment.external_id)
        return invoice.id if invoice else None

    async def _learn(
        self, payment: Payment, invoice: Invoice | None, by: str, *, goes_on: bool = False
    ) -> Sequence[Payment]:
        """Record what follows from an invoice: state, postings, history and task as one.

        Answers with the payment as it was found and as each step left it. Whoever goes on to tell
        the order books the task for later: it is for the case that this process ends before.
        """
        if invoice is None:
            return [payment]
        reason = _said(invoice)
        async with self._db.transaction() as tx:
            payable, payment = await store.lock(tx, payment.id)
            steps = [payment, *rules.learned(payment, payable, invoice, self._clock())]
            for before, after in pairwise(steps):
                if after.state is State.CAPTURED:
                    await store.capture(tx, before, after, by=by, reason=reason, done=WATCH)
                else:
                    await store.save(tx, before, after, by=by, reason=reason)
                if after.is_paid:
                    await ledger.post(tx, [recipes.capture(after)], after.update_time)
                if after.state is State.CAPTURED:
                    due = self._clock() + _SOON if goes_on else None
                    await self._jobs.wake(tx, TELL_ORDER, after.id, due)
        return steps

    async def _go_on(self, payment: Payment) -> None:
        """Tell the order at once. If it can not be told, that is for its task to see to."""
        try:
            await self._tell(payment)
        except (NeighbourUnavailable, OrderContradicts):
            async with self._db.transaction() as tx:
                await self._jobs.wake(tx, TELL_ORDER, payment.id)

    async def _tell(self, payment: Payment) -> None:
        await self._orders.mark_paid(payment)
        told = rules.told(payment, self._clock())
        with suppress(PaymentChanged):
            await store.save(
                self._db,
                payment,
                told,
                by=job(TELL_ORDER),
                reason="the order knows",
                done=TELL_ORDER,
            )

    async def _end(self, payment: Payment, by: str) -> Payment:
        return await self._move(payment, rules.ended(payment, self._clock()), by)

    async def _move(self, before: Payment, after: Payment, by: str, reason: str = "") -> Payment:
        await store.save(self._db, before, after, by=by, reason=reason)
        return after

    async def _read(self, payment_id: UUID) -> Payment:
        async with self._db.reading() as tx:
            return await store.get(tx, payment_id)

    def turn(self, payment_id: UUID) -> asyncio.Lock:
        return self._turns.setdefault(payment_id, asyncio.Lock())


def _said(invoice: Invoice) -> str:
    return f"xendit: {invoice.status}"
