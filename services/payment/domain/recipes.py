"""How does money that came in stand in the ledger? Pure: the posting recipes of captures."""

from services.kit.posting import Transaction, transaction
from services.payment.domain.payment import Payment, State

GATEWAY = "asset:gateway:xendit"


def capture(payment: Payment) -> Transaction:
    """What a payment brought in, under a reference that no payment can use twice."""
    recipe, credit = _held(payment)
    return transaction(
        f"capture:{payment.id}",
        recipe,
        payment.id,
        debit={GATEWAY: payment.captured_amount},
        credit=credit,
    )


def _held(payment: Payment) -> tuple[str, dict[str, int]]:
    """For whom the money is held."""
    order, amount = payment.order_id, payment.captured_amount
    match payment.state:
        case State.CAPTURED:
            return "PR-14a", {
                f"liab:escrow:order:{order}": payment.goods_amount,
                f"liab:ship:leg2:{order}": payment.shipping_amount,
            }
        case State.CAPTURED_LATE:
            return "PR-10", {f"liab:refund_clearing:{payment.id}": amount}
        case State.SUSPENSE:
            return "PR-10", {f"liab:suspense:{payment.id}": amount}
        case _:
            raise AssertionError(f"a payment that is {payment.state} brought nothing in")
