"""`make bench`: what the platform costs, as ratios measured in one run. It never fails a test."""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import grpc
import psutil

from deploy.local.catalogue import seed
from deploy.local.platform import ROOT, Plan, Platform, platform
from gateway.settings import Limits
from gotong.order.v1 import order_pb2 as pb
from gotong.order.v1.order_pb2_grpc import OrderServiceStub
from tests.bench import echo, orders

UNLIMITED = Limits(requests_per_second_per_user=100_000, requests_per_second_per_address=100_000)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)  # PostgreSQL's own user passes through to its data
        plan = Plan(Path(folder), tls=False, limits=UNLIMITED)
        async with platform(plan) as running:
            await seed(running)
            _idle(running)
            await _orders(running)
            await _read(running)
        started = time.perf_counter()
        async with platform(plan):
            _row("second start to ready", f"{time.perf_counter() - started:.1f} s", "10 s", "4 s")


def _idle(running: Platform) -> None:
    rss = _services(running).memory_info().rss / 2**20
    _row("memory of all services in one process", f"{rss:.0f} MB", "400 MB", "250 MB")


async def _orders(running: Platform) -> None:
    measured = await orders.measure(running)
    sql = await asyncio.to_thread(orders.plain_sql, running)
    ratio = f"1/{sql / measured.per_second:.0f}"
    _row("complete orders a second, against plain SQL", ratio, "1/20", "1/8")
    print(f"    {measured.per_second:.0f} orders/s over REST, {sql:.0f} orders/s by pgbench")
    cpu = sum(measured.cpu.values()) * 1000
    _row("CPU of a complete order", f"{cpu:.1f} ms", "8 ms", "3 ms")
    parts = ", ".join(f"{name} {used * 1000:.1f} ms" for name, used in measured.cpu.items())
    print(f"    {parts}")


async def _read(running: Platform) -> None:
    """A handler's own CPU and that of what it asks of PostgreSQL's driver; not PostgreSQL's."""
    buyer = orders.Buyer(running)
    await buyer.prepare()
    order_id = await buyer.order()
    token = buyer.token
    async with grpc.aio.insecure_channel(f"127.0.0.1:{running.ports['order']}") as channel:
        stub = OrderServiceStub(channel)
        answer = await stub.GetOrder(
            pb.GetOrderRequest(order_id=order_id), metadata=(("authorization", f"Bearer {token}"),)
        )
        ours = await echo.cpu_per_call(stub, _services(running), order_id, token)
    bare = await _bare(running.plan.state / "order.binpb", answer.SerializeToString(), token)
    _row("CPU of GetOrder, against a bare echo", f"{ours / bare:.1f} x", "3 x", "2 x")
    print(f"    {ours * 1e6:.0f} us against {bare * 1e6:.0f} us")
    buyer.close()


def _services(running: Platform) -> psutil.Process:
    assert running.process
    return psutil.Process(running.process.process.pid)


async def _bare(path: Path, order: bytes, token: str) -> float:
    path.write_bytes(order)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.echo",
        str(path),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'gen'}:{ROOT}"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    port = int(await process.stdout.readline())
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = OrderServiceStub(channel)
            return await echo.cpu_per_call(stub, psutil.Process(process.pid), "", token)
    finally:
        process.terminate()
        await process.wait()


def _row(what: str, figure: str, bar: str, stretch: str) -> None:
    print(f"{what:<45} {figure:>9}   bar {bar:>6}, stretch {stretch:>6}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
