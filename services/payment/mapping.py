"""Payments and the ledger <-> gotong.payment.v1."""

from collections.abc import Iterable

from gotong.payment.v1 import ledger_pb2 as ledger
from gotong.payment.v1 import payment_pb2 as pb
from services.kit.mapping import money_to_proto, time_to_proto
from services.payment.domain.books import Account, Balance, Booked
from services.payment.domain.payment import Payment, State


def state_to_proto(state: State) -> pb.Payment.State.ValueType:
    return pb.Payment.State.Value(f"STATE_{state.value}")


def state_from_proto(state: pb.Payment.State.ValueType) -> State:
    return State(pb.Payment.State.Name(state).removeprefix("STATE_"))


def payment_to_proto(payment: Payment) -> pb.Payment:
    return pb.Payment(
        id=str(payment.id),
        order_id=str(payment.order_id),
        buyer_id=str(payment.buyer_id),
        state=state_to_proto(payment.state),
        amount=money_to_proto(payment.amount),
        captured_amount=money_to_proto(payment.captured_amount),
        refund_due=money_to_proto(payment.refund_due_amount),
        invoice_url=payment.invoice_url or "",
        provider_invoice_id=payment.provider_invoice_id or "",
        payment_method=payment.method or "",
        payment_channel=payment.channel or "",
        failure_reason=payment.failure_reason or "",
        create_time=time_to_proto(payment.create_time),
        update_time=time_to_proto(payment.update_time),
        expire_time=time_to_proto(payment.expire_time),
        capture_time=time_to_proto(payment.capture_time),
    )


def balance_to_proto(
    balance: Balance, page: Iterable[Account], next_page_token: str
) -> ledger.TrialBalance:
    return ledger.TrialBalance(
        accounts=map(_account_to_proto, page),
        total_debit=money_to_proto(balance.total_debit),
        total_credit=money_to_proto(balance.total_credit),
        next_page_token=next_page_token,
    )


def booked_to_proto(booked: Booked) -> ledger.LedgerTransaction:
    return ledger.LedgerTransaction(
        id=str(booked.id),
        reference=booked.reference,
        recipe=booked.recipe,
        entries=[
            ledger.LedgerTransaction.Entry(
                account=posting.account, amount=money_to_proto(posting.amount)
            )
            for posting in booked.postings
        ],
        create_time=time_to_proto(booked.create_time),
    )


def health_to_proto(violations: Iterable[tuple[str, str]]) -> ledger.LedgerHealth:
    return ledger.LedgerHealth(
        violations=[
            ledger.LedgerHealth.Violation(invariant=invariant, subject=subject)
            for invariant, subject in violations
        ]
    )


def _account_to_proto(account: Account) -> ledger.TrialBalance.Account:
    return ledger.TrialBalance.Account(
        name=account.name,
        debit=money_to_proto(account.debit),
        credit=money_to_proto(account.credit),
        balance=money_to_proto(account.debit - account.credit),
    )
