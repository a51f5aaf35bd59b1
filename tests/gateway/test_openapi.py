"""The documentation says what the contracts say."""

import json
from functools import cache
from typing import Any

import pytest
from openapi_spec_validator import validate

from gateway.contracts import Contracts
from gateway.generate import DESCRIPTORS, GEN
from gateway.openapi.document import document

SCHEMAS = "#/components/schemas/"


@cache
def written() -> Any:  # noqa: ANN401 - JSON
    return json.loads((GEN / "openapi.json").read_text())


def operation(verb: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = written()["paths"][path][verb]
    return found


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = written()["components"]["schemas"][name]
    return found


def parameter(verb: str, path: str, name: str) -> dict[str, Any]:
    parameters = operation(verb, path)["parameters"]
    (found,) = (one for one in parameters if one["name"] == name)
    result: dict[str, Any] = found
    return result


def test_it_is_valid() -> None:
    validate(written())


def test_what_is_written_is_what_the_contracts_say() -> None:
    assert written() == json.loads(json.dumps(document(Contracts(DESCRIPTORS.read_bytes()))))


def test_every_way_in_is_documented_and_nothing_internal_is() -> None:
    ways_in = [b for m in Contracts(DESCRIPTORS.read_bytes()).methods() for b in m.bindings]

    assert sum(len(verbs) for verbs in written()["paths"].values()) == len(ways_in)
    assert "InternalService" not in json.dumps(written())


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(written())
    names = {part.partition('"')[0] for part in text.split(SCHEMAS)[1:]}

    assert names <= set(written()["components"]["schemas"])


def test_access() -> None:
    read = operation("get", "/v1/addresses/{addressId}")

    assert read["security"] == [{"token": []}]
    assert read["x-gotong-roles"] == ["admin", "buyer", "ops"]
    assert "Needs a token with one of the roles: admin, buyer, ops." in read["description"]
    assert operation("get", "/v1/areas")["security"] == [{}, {"token": []}]


def test_paths_of_one_shape_share_their_variables() -> None:
    assert set(written()["paths"]["/v1/addresses/{addressId}"]) == {"get", "patch", "delete"}


def test_constraints() -> None:
    address = schema("gotong.address.v1.Address")

    assert address["properties"]["label"]["maxLength"] == 40
    assert address["properties"]["postalCode"]["pattern"] == "^[1-9][0-9]{4}$"
    assert {"recipientName", "street", "postalCode"} <= set(address["required"])
    assert "label" not in address["required"]
    assert address["properties"]["id"]["readOnly"] is True
    assert parameter("get", "/v1/areas", "pageSize")["schema"]["maximum"] == 100


def test_a_request_id_is_required_and_explained() -> None:
    found = parameter("delete", "/v1/addresses/{addressId}", "requestId")

    assert found["required"] is True
    assert found["schema"]["format"] == "uuid"
    assert "Retries" in found["schema"]["description"]


def test_an_optional_filter_is_not_required() -> None:
    assert parameter("get", "/v1/payments", "orderId")["required"] is False


def test_rules_in_cel_are_told_in_words() -> None:
    request = schema("gotong.payment.v1.CreatePaymentRequest")

    assert "whole rupiah" in request["properties"]["amount"]["description"]
    assert request["required"] == ["orderId", "amount", "requestId"]


def test_values_that_a_request_must_not_have() -> None:
    states = parameter("get", "/v1/payments", "states")["schema"]

    assert states["items"]["$ref"] == f"{SCHEMAS}gotong.payment.v1.Payment.State"
    assert states["items"]["not"] == {"enum": ["STATE_UNSPECIFIED"]}


@pytest.mark.parametrize(
    ("message", "field", "kind"),
    [
        ("google.type.Money", "units", {"type": "string", "format": "int64"}),
        ("gotong.address.v1.Address", "createTime", {"type": "string", "format": "date-time"}),
        ("gotong.address.v1.Coordinates", "latitude", {"type": "number", "minimum": -11.5}),
        ("google.rpc.Status", "details", {"type": "array"}),
    ],
)
def test_canonical_json(message: str, field: str, kind: dict[str, object]) -> None:
    assert kind.items() <= schema(message)["properties"][field].items()


def test_an_update_needs_no_field_and_not_the_id_again() -> None:
    update = operation("patch", "/v1/addresses/{addressId}")
    body = update["requestBody"]["content"]["application/json"]["schema"]

    assert "required" not in body
    assert "id" not in body["properties"]
    assert "label" in body["properties"]


def test_a_webhook_takes_any_bytes() -> None:
    body = operation("post", "/webhooks/xendit/invoice")["requestBody"]["content"]

    assert body == {"*/*": {"schema": {"type": "string", "format": "binary"}}}
