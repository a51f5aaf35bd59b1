from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payment.domain import recipes, rules
from services.payment.domain.invoice import Invoice, InvoiceStatus
from services.payment.domain.payment import LIVE, PAID, Payable, Payment, State
from services.payment.domain.refusals import PaymentNotCancellable

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORDER = uuid4()
OPEN = Payable(ORDER, None, None)
CLOSED = Payable(ORDER, NOW, None)
CAPTURED = Payable(ORDER, None, uuid4())
RUPIAH = st.integers(1, 10**12)


def a_payment(state: State = State.PENDING, **different: object) -> Payment:
    has_invoice = state not in {State.CREATED, State.UNKNOWN}
    payment = Payment(
        id=uuid4(),
        order_id=ORDER,
        buyer_id=uuid4(),
        state=state,
        amount=275_000,
        shipping_amount=25_000,
        provider_invoice_id="inv" if has_invoice else None,
        invoice_url="https://pay" if has_invoice else None,
        create_time=NOW,
        update_time=NOW,
        expire_time=NOW + timedelta(hours=1),
    )
    return replace(payment, **different)  # type: ignore[arg-type]


def an_invoice(payment: Payment, status: InvoiceStatus, paid_amount: int = 0) -> Invoice:
    return Invoice(
        id="inv",
        external_id=payment.external_id,
        status=status,
        url="https://pay",
        paid_amount=paid_amount,
        paid_time=None,
        method="QR_CODE",
        channel="QRIS",
    )


def learned(payment: Payment, payable: Payable, status: InvoiceStatus, paid: int = 0) -> list[str]:
    steps = rules.learned(payment, payable, an_invoice(payment, status, paid), NOW)
    return [step.state.value for step in steps]


@pytest.mark.parametrize(
    ("state", "payable", "paid", "expected"),
    [
        (State.PENDING, OPEN, 275_000, "CAPTURED"),
        (State.PENDING, OPEN, 274_999, "SUSPENSE"),
        (State.PENDING, OPEN, 275_001, "SUSPENSE"),
        (State.PENDING, CLOSED, 275_000, "CAPTURED_LATE"),
        (State.PENDING, CAPTURED, 275_000, "CAPTURED_LATE"),
        (State.PENDING, CAPTURED, 1, "CAPTURED_LATE"),
        (State.EXPIRED, OPEN, 275_000, "CAPTURED_LATE"),
        (State.CANCELLED, OPEN, 275_000, "CAPTURED_LATE"),
        (State.CANCELLED, OPEN, 1, "CAPTURED_LATE"),
        (State.FAILED, OPEN, 275_000, "CAPTURED_LATE"),
    ],
)
def test_what_money_becomes(state: State, payable: Payable, paid: int, expected: str) -> None:
    assert learned(a_payment(state), payable, InvoiceStatus.PAID, paid) == [expected]


@pytest.mark.parametrize("state", sorted(PAID))
@pytest.mark.parametrize("status", InvoiceStatus)
def test_money_that_is_recorded_is_not_recorded_again(state: State, status: InvoiceStatus) -> None:
    assert learned(a_payment(state), OPEN, status, 275_000) == []


@pytest.mark.parametrize("state", [State.EXPIRED, State.CANCELLED, State.FAILED])
@pytest.mark.parametrize(
    "status", [InvoiceStatus.PENDING, InvoiceStatus.EXPIRED, InvoiceStatus.OTHER]
)
def test_what_is_over_stays_so_without_money(state: State, status: InvoiceStatus) -> None:
    assert learned(a_payment(state), OPEN, status) == []


@pytest.mark.parametrize("state", [State.CREATED, State.UNKNOWN])
@pytest.mark.parametrize(
    ("status", "then"),
    [
        (InvoiceStatus.PENDING, []),
        (InvoiceStatus.OTHER, []),
        (InvoiceStatus.EXPIRED, ["EXPIRED"]),
        (InvoiceStatus.PAID, ["CAPTURED"]),
    ],
)
def test_an_invoice_that_is_found_is_taken_on_first(
    state: State, status: InvoiceStatus, then: list[str]
) -> None:
    assert learned(a_payment(state), OPEN, status, 275_000) == ["PENDING", *then]


def test_an_end_that_somebody_wanted_is_a_cancellation() -> None:
    wanted = rules.closing(a_payment(), uuid4(), NOW)

    assert learned(wanted, OPEN, InvoiceStatus.EXPIRED) == ["CANCELLED"]
    assert learned(a_payment(), OPEN, InvoiceStatus.EXPIRED) == ["EXPIRED"]


def test_a_status_that_we_do_not_know_changes_nothing() -> None:
    assert learned(a_payment(), OPEN, InvoiceStatus.OTHER) == []


def test_an_invoice_of_another_payment_is_a_bug() -> None:
    payment = a_payment()
    other = an_invoice(a_payment(), InvoiceStatus.PAID, 275_000)

    with pytest.raises(AssertionError):
        rules.learned(payment, OPEN, other, NOW)


@given(amount=RUPIAH, paid=RUPIAH, shipping=st.integers(0, 10**12), data=st.data())
def test_every_rupiah_that_comes_in_is_held_for_somebody(
    amount: int, paid: int, shipping: int, data: st.DataObject
) -> None:
    state = data.draw(st.sampled_from([State.PENDING, State.EXPIRED, State.CANCELLED]))
    payable = data.draw(st.sampled_from([OPEN, CLOSED, CAPTURED]))
    paid = data.draw(st.sampled_from([paid, amount]))
    payment = a_payment(state, amount=amount, shipping_amount=min(shipping, amount))

    (after,) = rules.learned(payment, payable, an_invoice(payment, InvoiceStatus.PAID, paid), NOW)
    booked = recipes.capture(after)

    debits = {p.account: p.amount for p in booked.postings if p.amount > 0}
    assert debits == {recipes.GATEWAY: paid}
    assert after.captured_amount == paid
    assert sum(p.amount for p in booked.postings) == 0
    assert after.refund_due_amount == (paid if after.state is State.CAPTURED_LATE else 0)
    assert (after.state is State.CAPTURED) == (
        state is State.PENDING and payable is OPEN and paid == amount
    )


@pytest.mark.parametrize("state", sorted(set(State) - PAID))
def test_what_brought_nothing_in_has_no_posting(state: State) -> None:
    with pytest.raises(AssertionError):
        recipes.capture(a_payment(state))


@pytest.mark.parametrize("state", sorted(set(State) - LIVE))
def test_what_is_over_can_not_be_cancelled(state: State) -> None:
    with pytest.raises(PaymentNotCancellable):
        rules.check_cancellable(a_payment(state), uuid4())


def test_the_request_that_cancelled_may_come_again() -> None:
    request_id: UUID = uuid4()

    rules.check_cancellable(a_payment(State.CANCELLED, close_request_id=request_id), request_id)


@pytest.mark.parametrize(("seconds", "lately"), [(0, True), (29, True), (30, False)])
def test_a_request_for_an_invoice_may_be_under_way_for_a_while(seconds: int, lately: bool) -> None:  # noqa: FBT001 - a row of a table
    asked = rules.asked(a_payment(State.CREATED), NOW)

    assert asked.asked_lately(NOW + timedelta(seconds=seconds)) is lately


def test_an_invoice_is_of_no_use_in_the_last_second() -> None:
    payment = a_payment(State.CREATED)

    assert payment.is_wanted(payment.expire_time - timedelta(seconds=1))
    assert not payment.is_wanted(payment.expire_time - timedelta(milliseconds=999))
