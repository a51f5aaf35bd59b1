import pytest

from gotong.payment.v1 import ledger_pb2 as pb
from gotong.payment.v1.ledger_pb2_grpc import LedgerServiceStub
from tests.payment.conftest import Buyer, Payments
from tests.support import refused


@pytest.fixture
async def auditor(payments: Payments) -> LedgerServiceStub:
    return await payments.auditor()


async def accounts(auditor: LedgerServiceStub, prefix: str) -> dict[str, tuple[int, int, int]]:
    answer = await auditor.GetTrialBalance(
        pb.GetTrialBalanceRequest(account_prefix=prefix, page_size=100)
    )
    return {a.name: (a.debit.units, a.credit.units, a.balance.units) for a in answer.accounts}


async def test_a_paid_order_is_held_in_escrow(buyer: Buyer, auditor: LedgerServiceStub) -> None:
    due = buyer.places(total=275_000, shipping=25_000)
    await buyer.pays(await buyer.opens(due))

    assert await accounts(auditor, f"liab:escrow:order:{due.order_id}") == {
        f"liab:escrow:order:{due.order_id}": (0, 250_000, -250_000)
    }
    assert await accounts(auditor, f"liab:ship:leg2:{due.order_id}") == {
        f"liab:ship:leg2:{due.order_id}": (0, 25_000, -25_000)
    }


async def test_shipping_that_costs_nothing_has_no_account(
    buyer: Buyer, auditor: LedgerServiceStub
) -> None:
    due = buyer.places(total=250_000, shipping=0)
    await buyer.pays(await buyer.opens(due))

    assert await accounts(auditor, f"liab:ship:leg2:{due.order_id}") == {}


async def test_what_is_owed_back_is_set_aside(buyer: Buyer, auditor: LedgerServiceStub) -> None:
    late = await buyer.pays(await buyer.cancels(await buyer.opens()))

    name = f"liab:refund_clearing:{late.id}"
    assert await accounts(auditor, name) == {name: (0, 275_000, -275_000)}


async def test_what_does_not_match_is_in_suspense(buyer: Buyer, auditor: LedgerServiceStub) -> None:
    odd = await buyer.pays(await buyer.opens(), 274_999)

    name = f"liab:suspense:{odd.id}"
    assert await accounts(auditor, name) == {name: (0, 274_999, -274_999)}


async def test_debit_and_credit_of_all_accounts_are_equal_on_every_page(
    buyer: Buyer, auditor: LedgerServiceStub
) -> None:
    await buyer.pays(await buyer.opens())

    everything = await auditor.GetTrialBalance(pb.GetTrialBalanceRequest())
    nothing = await auditor.GetTrialBalance(pb.GetTrialBalanceRequest(account_prefix="none:"))

    assert everything.total_debit == everything.total_credit == nothing.total_debit
    assert everything.total_debit.units >= 275_000
    assert list(nothing.accounts) == []


async def test_the_gateway_holds_what_came_in(buyer: Buyer, auditor: LedgerServiceStub) -> None:
    name = "asset:gateway:xendit"
    before = (await accounts(auditor, name)).get(name, (0, 0, 0))

    await buyer.pays(await buyer.opens(buyer.places(total=99_999)))

    assert (await accounts(auditor, name))[name][2] == before[2] + 99_999


async def test_pages_follow_each_other_by_name(buyer: Buyer, auditor: LedgerServiceStub) -> None:
    for _ in range(3):
        await buyer.pays(await buyer.opens())

    pages: list[list[str]] = []
    token = ""
    while not pages or token:
        request = pb.GetTrialBalanceRequest(
            account_prefix="liab:escrow:", page_size=2, page_token=token
        )
        answer = await auditor.GetTrialBalance(request)
        pages.append([account.name for account in answer.accounts])
        token = answer.next_page_token

    names = [name for page in pages for name in page]
    assert len(names) >= 3
    assert names == sorted(set(names))
    assert {len(page) for page in pages[:-1]} == {2}


async def test_a_prefix_is_taken_literally(auditor: LedgerServiceStub) -> None:
    assert await accounts(auditor, "%") == {}


async def test_a_made_up_page_token_is_refused(auditor: LedgerServiceStub) -> None:
    with refused("INVALID_PAGE_TOKEN"):
        await auditor.GetTrialBalance(pb.GetTrialBalanceRequest(page_token="nonsense"))


async def test_buyers_do_not_read_the_ledger(payments: Payments) -> None:
    with refused("ROLE_REQUIRED"):
        await (await payments.auditor("buyer")).GetTrialBalance(pb.GetTrialBalanceRequest())
