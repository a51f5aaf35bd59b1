"""What do the validation rules of a field say in JSON Schema?"""

import re
from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor_pb2 import EnumDescriptorProto, FieldDescriptorProto

from gateway.config.shape import Object
from gateway.contracts import Contracts

RULES = "buf.validate.field"
IGNORE_IF_ZERO_VALUE = 1
IGNORE_ALWAYS = 3
KEYWORDS = {
    "min_len": "minLength",
    "max_len": "maxLength",
    "pattern": "pattern",
    "const": "const",
    "gte": "minimum",
    "lte": "maximum",
    "gt": "exclusiveMinimum",
    "lt": "exclusiveMaximum",
    "min_items": "minItems",
    "max_items": "maxItems",
    "unique": "uniqueItems",
    "min_pairs": "minProperties",
    "max_pairs": "maxProperties",
}
FORMATS = ("uuid", "uri", "email", "hostname")
WIDE = ("int64", "uint64", "sint64", "fixed64", "sfixed64")


class Constraints:
    """The rules of one field, or of the items of one."""

    def __init__(self, rules: Any, enum: EnumDescriptorProto | None) -> None:  # noqa: ANN401 - a message of the pool
        self._rules = rules
        self._enum = enum
        kind = rules.WhichOneof("type")
        self._kind = kind
        self._typed: Mapping[str, Any] = (
            {field.name: value for field, value in getattr(rules, kind).ListFields()}
            if kind
            else {}
        )

    def keywords(self) -> Object:
        if self._kind in WIDE:
            return {}  # strings in JSON: JSON Schema cannot compare them
        found: Object = {
            keyword: self._typed[rule] for rule, keyword in KEYWORDS.items() if rule in self._typed
        }
        for name in FORMATS:
            if self._typed.get(name):
                found["format"] = name
        if "len" in self._typed:
            found |= {"minLength": self._typed["len"], "maxLength": self._typed["len"]}
        return found | self._choice()

    def items(self) -> "Constraints | None":
        return Constraints(self._typed["items"], self._enum) if "items" in self._typed else None

    def sentences(self) -> list[str]:
        """What only words can say: rules written in CEL, and bounds of 64 bit numbers."""
        said = [f"It {rule.message}." for rule in self._rules.cel]
        bounds = (("gte", "at least"), ("gt", "more than"), ("lte", "at most"), ("lt", "less than"))
        if self._kind in WIDE:
            said += [f"It is {words} {self._typed[r]}." for r, words in bounds if r in self._typed]
        return said

    def required(self, *, has_presence: bool) -> bool:
        """Also where a field that is left out reads as a zero value that the rules refuse."""
        if self._rules.ignore in (IGNORE_IF_ZERO_VALUE, IGNORE_ALWAYS):
            return False
        return self._rules.required or (not has_presence and self._refuses_zero())

    def _refuses_zero(self) -> bool:
        rules = self._typed
        return (
            any(rules.get(name) for name in FORMATS)
            or any(rules.get(name, 0) > 0 for name in ("min_len", "len", "min_items", "gte"))
            or rules.get("gt", -1) >= 0
            or 0 in rules.get("not_in", ())
            or not re.search(rules.get("pattern", ""), "")
        )

    def _choice(self) -> Object:
        chosen: Object = {}
        if "in" in self._typed:
            chosen["enum"] = self._values("in")
        if "not_in" in self._typed:
            chosen["not"] = {"enum": self._values("not_in")}
        return chosen

    def _values(self, rule: str) -> list[str]:
        values = list(self._typed[rule])
        if self._enum is None:
            return values
        names = {value.number: value.name for value in self._enum.value}
        return [names[value] for value in values]


def constraints(
    contracts: Contracts, field: FieldDescriptorProto, enum: EnumDescriptorProto | None
) -> Constraints | None:
    rules = contracts.option(field.options, RULES)
    return None if rules is None else Constraints(rules, enum)


def unvalidated(contracts: Contracts, field: FieldDescriptorProto) -> bool:
    """The service takes what is in it as it is, such as the fields of an update."""
    rules = contracts.option(field.options, RULES)
    return rules is not None and rules.ignore == IGNORE_ALWAYS
