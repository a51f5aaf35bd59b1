"""What goes wrong when it is asked to."""

import asyncio

import httpx
import pytest

from tests.sandbox.support import an_invoice, control, created, fault, read


async def test_a_request_may_be_processed_without_an_answer(xendit: httpx.AsyncClient) -> None:
    request = an_invoice()
    await fault(xendit, "reset_after_processing", operation="POST /v2/invoices")

    with pytest.raises(httpx.TransportError):
        await xendit.post("/v2/invoices", json=request)

    found = await xendit.get("/v2/invoices", params={"external_id": request["external_id"]})
    assert len(found.json()) == 1


async def test_a_request_may_be_lost_on_its_way(xendit: httpx.AsyncClient) -> None:
    request = an_invoice()
    await fault(xendit, "reset_before_processing", operation="POST /v2/invoices")

    with pytest.raises(httpx.TransportError):
        await xendit.post("/v2/invoices", json=request)

    found = await xendit.get("/v2/invoices", params={"external_id": request["external_id"]})
    assert found.json() == []


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [("status_500", 500, "SERVER_ERROR"), ("status_429", 429, "RATE_LIMIT_EXCEEDED")],
)
async def test_xendit_may_be_unwell_as_often_as_asked(
    xendit: httpx.AsyncClient, name: str, status: int, code: str
) -> None:
    await fault(xendit, name, times=2)

    first, second, third = [await xendit.post("/v2/invoices", json=an_invoice()) for _ in "123"]

    assert [first.status_code, second.status_code, third.status_code] == [status, status, 200]
    assert first.json()["error_code"] == code


async def test_who_calls_too_often_hears_when_to_come_back(xendit: httpx.AsyncClient) -> None:
    await fault(xendit, "status_429")

    answer = await xendit.get("/v2/invoices")

    assert answer.headers["rate-limit-remaining"] == "0"
    assert float(answer.headers["rate-limit-reset"]) > 0


async def test_an_answer_may_be_garbage(xendit: httpx.AsyncClient) -> None:
    await fault(xendit, "garbage")

    answer = await xendit.get("/v2/invoices")

    with pytest.raises(ValueError, match="Expecting value"):
        answer.json()


async def test_an_answer_may_take_its_time(xendit: httpx.AsyncClient) -> None:
    invoice = await created(xendit)
    started = asyncio.get_running_loop().time()
    await fault(xendit, "delay", seconds=0.05)

    assert await read(xendit, invoice) == invoice

    assert asyncio.get_running_loop().time() - started >= 0.05


async def test_a_fault_waits_for_its_operation(xendit: httpx.AsyncClient) -> None:
    await fault(xendit, "status_500", operation="POST /invoices/")

    invoice = await created(xendit)
    answer = await xendit.post(f"/invoices/{invoice['id']}/expire!")

    assert answer.status_code == 500
    assert (await read(xendit, invoice))["status"] == "PENDING"


async def test_faults_leave_the_other_provider_alone(
    xendit: httpx.AsyncClient, biteship: httpx.AsyncClient
) -> None:
    await fault(biteship, "status_500", provider="biteship")

    await created(xendit)
    answer = await biteship.get("/v1/couriers")

    assert (answer.status_code, answer.json()["success"]) == (500, False)


async def test_faults_can_be_cleared(xendit: httpx.AsyncClient) -> None:
    await fault(xendit, "status_500", times=100)

    await xendit.delete("/__sandbox__/faults")

    await created(xendit)


@pytest.mark.parametrize(
    "body", [{"fault": "flood"}, {"fault": "delay", "provider": "jne"}, {"times": "often"}]
)
async def test_an_unknown_fault_is_refused(
    xendit: httpx.AsyncClient, body: dict[str, object]
) -> None:
    answer = await xendit.post("/__sandbox__/faults", json={"provider": "xendit"} | body)

    assert answer.status_code == 400


async def test_levers_refuse_what_makes_no_sense(xendit: httpx.AsyncClient) -> None:
    invoice = await created(xendit)

    answers = [
        await control(xendit, invoice, "pay", amount=amount) for amount in (0, -1, 1.5, "1", True)
    ]

    assert {answer.status_code for answer in answers} == {400}
