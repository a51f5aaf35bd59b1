"""What a handler adds: GetOrder against a bare grpc.aio echo of the same answer."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import grpc
import psutil

from gotong.order.v1 import order_pb2 as pb
from gotong.order.v1.order_pb2_grpc import OrderServiceStub

SERVICE = "gotong.order.v1.OrderService"
CALLS = 4_000
AT_ONCE = 16


async def serve(order: pb.Order) -> None:
    """Answers with the same order, whatever is asked."""

    async def get_order(_: pb.GetOrderRequest, __: object) -> pb.Order:
        return order

    handler = grpc.unary_unary_rpc_method_handler(
        get_order, pb.GetOrderRequest.FromString, pb.Order.SerializeToString
    )
    service = grpc.method_handlers_generic_handler(SERVICE, {"GetOrder": handler})
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((service,))
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    await server.start()
    await server.wait_for_termination()


async def cpu_per_call(
    stub: OrderServiceStub, process: psutil.Process, order_id: str, token: str
) -> float:
    """Seconds of the server's CPU for one GetOrder."""
    request = pb.GetOrderRequest(order_id=order_id)
    metadata = (("authorization", f"Bearer {token}"),)
    await _load(lambda: stub.GetOrder(request, metadata=metadata), CALLS // 10)
    before = _cpu(process)
    await _load(lambda: stub.GetOrder(request, metadata=metadata), CALLS)
    return (_cpu(process) - before) / CALLS


async def _load(call: Callable[[], Awaitable[object]], number: int) -> None:
    async def some() -> None:
        for _ in range(number // AT_ONCE):
            await call()

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


def _cpu(process: psutil.Process) -> float:
    used = process.cpu_times()
    return used.user + used.system


if __name__ == "__main__":
    asyncio.run(serve(pb.Order.FromString(Path(sys.argv[1]).read_bytes())))
