"""gotong.payment.v1: the ledger, read by staff."""

from uuid import UUID

from gotong.payment.v1 import ledger_pb2 as pb
from gotong.payment.v1.ledger_pb2_grpc import LedgerServiceServicer
from services.kit.clock import Clock
from services.kit.db import Database
from services.kit.health import violations
from services.kit.paging import Window
from services.kit.rpc import Call, query
from services.payment.invariants import INVARIANTS
from services.payment.mapping import balance_to_proto, booked_to_proto, health_to_proto
from services.payment.store import books


class LedgerService(LedgerServiceServicer):
    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    @query
    async def GetTrialBalance(
        self, request: pb.GetTrialBalanceRequest, call: Call
    ) -> pb.TrialBalance:
        window = Window.of(request)
        balance = await books.trial_balance(call.tx, request.account_prefix, window)
        page, next_page_token = window.page(balance.accounts, lambda account: account.name)
        return balance_to_proto(balance, page, next_page_token)

    @query
    async def ListLedgerTransactions(
        self, request: pb.ListLedgerTransactionsRequest, call: Call
    ) -> pb.ListLedgerTransactionsResponse:
        window = Window.of(request)
        found = await books.list_transactions(
            call.tx,
            window,
            account=request.account,
            payment_id=UUID(request.payment_id) if request.payment_id else None,
        )
        page, next_page_token = window.page(found, lambda booked: booked.id)
        return pb.ListLedgerTransactionsResponse(
            transactions=map(booked_to_proto, page), next_page_token=next_page_token
        )

    @query
    async def GetLedgerHealth(self, _: pb.GetLedgerHealthRequest, __: Call) -> pb.LedgerHealth:
        return health_to_proto(await violations(self.db, INVARIANTS))
