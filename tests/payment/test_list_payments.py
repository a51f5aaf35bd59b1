from gotong.payment.v1 import payment_pb2 as pb
from tests.payment.conftest import Buyer, Payments
from tests.support import refused


async def ids(buyer: Buyer, **filters: object) -> list[str]:
    answer = await buyer.stub.ListPayments(pb.ListPaymentsRequest(**filters))  # type: ignore[arg-type]
    return [payment.id for payment in answer.payments]


async def test_buyers_see_their_payments_newest_first(buyer: Buyer) -> None:
    mine = [(await buyer.opens()).id for _ in range(3)]

    assert await ids(buyer) == mine[::-1]


async def test_nobody_sees_the_payments_of_others(payments: Payments, buyer: Buyer) -> None:
    await buyer.opens()
    stranger = await payments.user("buyer")

    assert not (await stranger.ListPayments(pb.ListPaymentsRequest())).payments


async def test_payments_are_found_by_their_order(buyer: Buyer) -> None:
    due = buyer.places()
    first = await buyer.cancels(await buyer.opens(due))
    second = await buyer.opens(due)
    await buyer.opens()

    assert await ids(buyer, order_id=due.order_id) == [second.id, first.id]


async def test_payments_are_found_by_their_states(buyer: Buyer) -> None:
    cancelled = await buyer.cancels(await buyer.opens())
    captured = await buyer.pays(await buyer.opens())
    await buyer.opens()

    states = [pb.Payment.STATE_CANCELLED, pb.Payment.STATE_CAPTURED]
    assert await ids(buyer, states=states) == [captured.id, cancelled.id]


async def test_pages_follow_each_other(buyer: Buyer) -> None:
    all_of_them = [(await buyer.opens()).id for _ in range(5)][::-1]

    seen: list[str] = []
    token = ""
    while len(seen) < 5:
        answer = await buyer.stub.ListPayments(
            pb.ListPaymentsRequest(page_size=2, page_token=token)
        )
        seen += [payment.id for payment in answer.payments]
        token = answer.next_page_token

    assert (seen, token) == (all_of_them, "")


async def test_staff_see_everybody_s_payments(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.opens()
    staff = await payments.user("ops")

    answer = await staff.ListPayments(pb.ListPaymentsRequest(order_id=payment.order_id))

    assert list(answer.payments) == [payment]


async def test_a_made_up_page_token_is_refused(buyer: Buyer) -> None:
    with refused("INVALID_PAGE_TOKEN"):
        await buyer.stub.ListPayments(pb.ListPaymentsRequest(page_token="nonsense"))
