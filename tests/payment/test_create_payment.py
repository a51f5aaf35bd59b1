from gotong.payment.v1 import payment_pb2 as pb
from tests.payment.conftest import Buyer, Payments
from tests.payment.requests import create_payment


async def test_thin(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.opens()
    await payments.xendit.pay(payment, notify=True)
    print(await buyer.sees_at_last(payment, pb.Payment.STATE_CAPTURED))
    print(await buyer.order_knows(payment))
    for t in ("ledger_entries","ledger_accounts","payment_history","tasks"):
        print(t, *(await payments.rows(f"select * from {t}")), sep="\n  ")
