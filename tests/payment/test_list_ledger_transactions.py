import pytest

from gotong.payment.v1 import ledger_pb2 as pb
from gotong.payment.v1.ledger_pb2_grpc import LedgerServiceStub
from tests.payment.conftest import Buyer, Payments
from tests.support import an_id, refused


@pytest.fixture
async def auditor(payments: Payments) -> LedgerServiceStub:
    return await payments.auditor()


async def listed(auditor: LedgerServiceStub, **filters: object) -> list[pb.LedgerTransaction]:
    request = pb.ListLedgerTransactionsRequest(**filters)  # type: ignore[arg-type]
    return list((await auditor.ListLedgerTransactions(request)).transactions)


async def test_a_capture_explains_where_its_money_is(
    buyer: Buyer, auditor: LedgerServiceStub
) -> None:
    payment = await buyer.pays(await buyer.opens(buyer.places(total=275_000, shipping=25_000)))

    (booked,) = await listed(auditor, payment_id=payment.id)

    assert (booked.reference, booked.recipe) == (f"capture:{payment.id}", "PR-14a")
    assert [(entry.account, entry.amount.units) for entry in booked.entries] == [
        ("asset:gateway:xendit", 275_000),
        (f"liab:escrow:order:{payment.order_id}", -250_000),
        (f"liab:ship:leg2:{payment.order_id}", -25_000),
    ]


async def test_money_that_pays_no_order_is_booked_apart(
    buyer: Buyer, auditor: LedgerServiceStub
) -> None:
    payment = await buyer.pays(await buyer.cancels(await buyer.opens()))

    (booked,) = await listed(auditor, payment_id=payment.id)

    assert booked.recipe == "PR-10"
    assert [entry.account for entry in booked.entries] == [
        "asset:gateway:xendit",
        f"liab:refund_clearing:{payment.id}",
    ]


async def test_a_payment_without_money_has_no_transaction(
    buyer: Buyer, auditor: LedgerServiceStub
) -> None:
    payment = await buyer.cancels(await buyer.opens())

    assert await listed(auditor, payment_id=payment.id) == []


async def test_transactions_are_found_by_an_account_they_touch(
    buyer: Buyer, auditor: LedgerServiceStub
) -> None:
    payment = await buyer.pays(await buyer.opens())

    (booked,) = await listed(auditor, account=f"liab:escrow:order:{payment.order_id}")

    assert booked.reference == f"capture:{payment.id}"
    assert len(booked.entries) == 3


async def test_transactions_are_listed_newest_first_and_by_pages(
    buyer: Buyer, auditor: LedgerServiceStub
) -> None:
    paid = [await buyer.pays(await buyer.opens()) for _ in range(3)]

    first = await auditor.ListLedgerTransactions(pb.ListLedgerTransactionsRequest(page_size=2))
    second = await auditor.ListLedgerTransactions(
        pb.ListLedgerTransactionsRequest(page_size=1, page_token=first.next_page_token)
    )

    references = [t.reference for t in (*first.transactions, *second.transactions)]
    assert references == [f"capture:{payment.id}" for payment in reversed(paid)]


async def test_of_an_unknown_payment_there_is_nothing(auditor: LedgerServiceStub) -> None:
    assert await listed(auditor, payment_id=an_id()) == []


async def test_a_made_up_page_token_is_refused(auditor: LedgerServiceStub) -> None:
    with refused("INVALID_PAGE_TOKEN"):
        await listed(auditor, page_token="nonsense")


async def test_sellers_do_not_read_the_ledger(payments: Payments) -> None:
    with refused("ROLE_REQUIRED"):
        await listed(await payments.auditor("seller"))
