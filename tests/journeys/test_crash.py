"""All services are killed between placing and paying; nothing is lost."""

import signal

from tests.journeys.people import People
from tests.support import an_id


async def _kill_and_restart(people: People) -> None:
    await people.platform.stop_services(signal.SIGKILL)
    await people.platform.start_services()
    await people.platform.ready()


async def test_an_order_is_paid_by_the_retried_webhook(people: People) -> None:
    buyer = people.buyer()
    order = await buyer.places(await people.variant(stock=5))
    payment = await buyer.opens_payment(order)
    await people.platform.stop_services(signal.SIGKILL)

    await people.pays(payment)
    await people.platform.start_services()
    await people.platform.ready()

    await buyer.sees_order(order["id"], "STATE_PAID")
    await people.sees_no_contradictions()


async def test_an_order_is_paid_by_asking_the_provider(people: People) -> None:
    buyer = people.buyer()
    order = await buyer.places(await people.variant(stock=5))
    payment = await buyer.opens_payment(order)
    await people.pays(payment, notify=False)

    await _kill_and_restart(people)
    await buyer.sees_payment(payment["id"], "STATE_PENDING")
    await buyer.rest.post(f"/v1/payments/{payment['id']}:sync", {"requestId": an_id()})

    await buyer.sees_order(order["id"], "STATE_PAID")
    await people.sees_no_contradictions()
