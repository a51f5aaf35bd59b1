import pytest

from gotong.payment.v1 import payment_pb2 as pb
from tests.payment.conftest import Buyer, Payments
from tests.support import an_id, invalid, refused


async def test_buyers_see_their_own_payments(buyer: Buyer) -> None:
    payment = await buyer.opens()

    assert await buyer.sees(payment) == payment


async def test_a_payment_of_somebody_else_is_not_found(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.opens()
    stranger = await payments.user("buyer")

    with refused("PAYMENT_NOT_FOUND", payment_id=payment.id):
        await stranger.GetPayment(pb.GetPaymentRequest(payment_id=payment.id))


async def test_a_payment_that_is_not_there_is_not_found(buyer: Buyer) -> None:
    with refused("PAYMENT_NOT_FOUND"):
        await buyer.stub.GetPayment(pb.GetPaymentRequest(payment_id=an_id()))


@pytest.mark.parametrize("role", ["admin", "ops"])
async def test_staff_see_all_payments(payments: Payments, buyer: Buyer, role: str) -> None:
    payment = await buyer.opens()
    staff = await payments.user(role)

    assert await staff.GetPayment(pb.GetPaymentRequest(payment_id=payment.id)) == payment


async def test_a_malformed_id_is_refused(buyer: Buyer) -> None:
    with invalid("payment_id"):
        await buyer.stub.GetPayment(pb.GetPaymentRequest(payment_id="7"))
