"""Requests that a machine makes up from the published description: none breaks anything."""

import asyncio
import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from deploy.local.platform import ROOT, Platform
from tests.journeys.people import People
from tests.support import an_id

Operation = APIOperation[Any, Any, Any, Any]

EXAMPLES = 12
_ROLES = ("buyer", "seller", "factory", "admin", "ops")


# Whoever shares this process may use `random` meanwhile, which Hypothesis takes for ours.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module")
async def test_no_request_at_all_is_answered_with_a_server_error(people: People) -> None:
    schema = schemathesis.openapi.from_dict(json.loads((ROOT / "gen/openapi.json").read_text()))
    token = people.platform.token(*_ROLES, sub=an_id(), org_id=an_id())
    found = list(schema.get_all_operations())
    operations = [result.ok() for result in found if isinstance(result, Ok)]
    assert len(operations) == len(found)

    broken = await asyncio.to_thread(_fuzz, operations, people.platform, token)

    assert broken == []
    assert await people.contradictions() == []


def _fuzz(operations: list[Operation], platform: Platform, token: str) -> list[str]:
    """What was answered with a 5xx, as a curl command each."""
    broken: list[str] = []

    for operation in operations:

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def answer(case: "Case[Any]") -> None:
            headers = {"authorization": f"Bearer {token}"}
            got = case.call(base_url=platform.gateway_url, headers=headers)
            if got.status_code >= 500:
                broken.append(f"{got.status_code} {case.as_curl_command()} {got.text}")

        answer()
    return broken
