"""Valid requests. A test names only what it is about."""

import json

from google.api.httpbody_pb2 import HttpBody

from gotong.order.v1 import order_pb2 as order
from gotong.payment.v1 import payment_pb2 as pb
from gotong.payment.v1 import webhook_pb2 as webhook
from tests.support import an_id, idr


def create_payment(
    due: order.AmountDue, *, amount: int = 0, request_id: str = ""
) -> pb.CreatePaymentRequest:
    return pb.CreatePaymentRequest(
        order_id=due.order_id,
        amount=idr(amount or due.total.units),
        request_id=request_id or an_id(),
    )


def cancel_payment(payment: pb.Payment) -> pb.CancelPaymentRequest:
    return pb.CancelPaymentRequest(payment_id=payment.id, request_id=an_id())


def sync_payment(payment: pb.Payment) -> pb.SyncPaymentRequest:
    return pb.SyncPaymentRequest(payment_id=payment.id, request_id=an_id())


def close_payable(order_id: str) -> pb.ClosePayableRequest:
    return pb.ClosePayableRequest(order_id=order_id, request_id=an_id())


def a_notice(payment: pb.Payment, **different: object) -> webhook.ReceiveXenditInvoiceRequest:
    """As the provider says that a payment's invoice is paid."""
    notice = {
        "id": payment.provider_invoice_id,
        "external_id": payment.id,
        "status": "PAID",
        "updated": "2026-11-22T03:20:12.345Z",
        "amount": payment.amount.units,
        "paid_amount": payment.amount.units,
        "currency": "IDR",
    }
    return raw_notice(json.dumps(notice | different).encode())


def raw_notice(data: bytes) -> webhook.ReceiveXenditInvoiceRequest:
    body = HttpBody(content_type="application/json", data=data)
    return webhook.ReceiveXenditInvoiceRequest(body=body)
