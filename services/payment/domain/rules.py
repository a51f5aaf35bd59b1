"""What may happen to a payment, and what follows from what the provider says?"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.payment.domain.invoice import Invoice, InvoiceStatus
from services.payment.domain.payment import AmountDue, Payable, Payment, State
from services.payment.domain.refusals import (
    AmountMismatch,
    OrderAlreadyPaid,
    OrderNotPayable,
    PayableChanged,
    PaymentAlreadyOpen,
    PaymentNotCancellable,
)


def check_payable(due: AmountDue, amount: int, now: datetime) -> None:
    """Whether the order, as it says itself, may be paid with this amount."""
    if not due.waits_for_payment or due.expire_time <= now:
        raise OrderNotPayable("the order does not wait for payment", order_id=str(due.order_id))
    if amount != due.total_amount:
        raise AmountMismatch(f"the order costs {due.total_amount}", due=str(due.total_amount))


def check_open(payable: Payable) -> None:
    """Whether the order may be paid, as far as its payments say."""
    if not payable.is_open:
        raise OrderNotPayable("the order is paid or closed", order_id=str(payable.order_id))


def check_free(live: Payment | None) -> None:
    """Whether no other payment of the order is open."""
    if live:
        raise PaymentAlreadyOpen("the order has an open payment", payment_id=str(live.id))


def opened(due: AmountDue, *, id: UUID, buyer_id: UUID, now: datetime) -> Payment:
    return Payment(
        id=id,
        order_id=due.order_id,
        buyer_id=buyer_id,
        state=State.CREATED,
        amount=due.total_amount,
        shipping_amount=due.shipping_amount,
        create_time=now,
        update_time=now,
        expire_time=due.expire_time,
    )


def check_cancellable(payment: Payment, request_id: UUID) -> None:
    """A retry of the request that closed it is welcome."""
    is_ours = payment.state is State.CANCELLED and payment.close_request_id == request_id
    if not payment.is_live and not is_ours:
        raise _not_cancellable(payment)


def check_cancelled(payment: Payment) -> None:
    if payment.state is not State.CANCELLED:
        raise _not_cancellable(payment)


def check_closable(payable: Payable, live: Payment | None) -> None:
    """Whether the order may be closed now that its open payment should be."""
    if payable.captured_payment_id:
        payment_id = str(payable.captured_payment_id)
        raise OrderAlreadyPaid("the order is paid", payment_id=payment_id)
    if live:
        raise PayableChanged("a payment was opened meanwhile", payment_id=str(live.id))


def asked(payment: Payment, now: datetime) -> Payment:
    """The provider is about to be asked for the invoice: from here on nobody knows if it exists."""
    return _changed(payment, now, state=State.UNKNOWN, ask_time=now)


def ended(payment: Payment, now: datetime) -> Payment:
    """It is over without money: as somebody wanted it, or because its time was up."""
    state = State.CANCELLED if payment.close_request_id else State.EXPIRED
    return _changed(payment, now, state=state)


def failed(payment: Payment, reason: str, now: datetime) -> Payment:
    return _changed(payment, now, state=State.FAILED, failure_reason=reason)


def closing(payment: Payment, request_id: UUID, now: datetime) -> Payment:
    """Somebody wants it closed; whether money was faster is for the provider to say."""
    return _changed(payment, now, close_request_id=request_id)


def told(payment: Payment, now: datetime) -> Payment:
    return _changed(payment, now, order_told_time=now)


def learned(
    payment: Payment, payable: Payable, invoice: Invoice, now: datetime
) -> tuple[Payment, ...]:
    """How a payment moves on, state by state, when the provider says this; mostly not at all."""
    assert payment.provider_invoice_id in (None, invoice.id), "the payment has another invoice"
    _check_name(payment, invoice)
    steps = []
    if payment.is_unopened:
        payment = adopted(payment, invoice, now)
        steps.append(payment)
    if invoice.status is InvoiceStatus.PAID and not payment.is_paid:
        steps.append(_paid(payment, payable, invoice, now))
    elif invoice.status is InvoiceStatus.EXPIRED and payment.state is State.PENDING:
        steps.append(ended(payment, now))
    return tuple(steps)


def adopted(payment: Payment, invoice: Invoice, now: datetime) -> Payment:
    """The provider has an invoice for it, which waits to be paid or did."""
    _check_name(payment, invoice)
    return _changed(
        payment,
        now,
        state=State.PENDING,
        provider_invoice_id=invoice.id,
        invoice_url=invoice.url,
    )


def _check_name(payment: Payment, invoice: Invoice) -> None:
    assert invoice.external_id == payment.external_id, "the invoice is of another payment"


def _paid(payment: Payment, payable: Payable, invoice: Invoice, now: datetime) -> Payment:
    """Money is here. It pays the order, or is owed back, or an operator decides."""
    amount, refund_due_amount = invoice.paid_amount, 0
    assert amount > 0, "paid with nothing"
    if payment.state is not State.PENDING or not payable.is_open:
        state, refund_due_amount = State.CAPTURED_LATE, amount
    elif amount != payment.amount:
        state = State.SUSPENSE
    else:
        state = State.CAPTURED
    return _changed(
        payment,
        now,
        state=state,
        captured_amount=amount,
        refund_due_amount=refund_due_amount,
        provider_invoice_id=invoice.id,
        invoice_url=payment.invoice_url or invoice.url,
        method=invoice.method,
        channel=invoice.channel,
        capture_time=invoice.paid_time or now,
    )


def _changed(payment: Payment, now: datetime, **different: object) -> Payment:
    return replace(
        payment,
        update_time=now,
        version=payment.version + 1,
        **different,  # type: ignore[arg-type]
    )


def _not_cancellable(payment: Payment) -> PaymentNotCancellable:
    state = payment.state.value
    return PaymentNotCancellable(f"the payment is {state}", state=state)
