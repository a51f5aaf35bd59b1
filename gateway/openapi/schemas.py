"""What do messages look like as JSON, canonically?"""

import re
from collections.abc import Collection

from google.protobuf.descriptor_pb2 import EnumDescriptorProto, FieldDescriptorProto

from gateway.config.shape import Json, Object
from gateway.openapi.constraints import constraints
from gateway.openapi.names import Message, Names

F = FieldDescriptorProto
OUTPUT_ONLY = "Output only"
ANY: Object = {
    "type": "object",
    "properties": {"@type": {"type": "string"}},
    "required": ["@type"],
    "additionalProperties": True,
}
INT64: Object = {"type": "string", "format": "int64", "pattern": "^-?[0-9]+$"}
UINT64: Object = {"type": "string", "format": "uint64", "pattern": "^[0-9]+$"}
INT32: Object = {"type": "integer", "format": "int32"}
UINT32: Object = {"type": "integer", "format": "uint32", "minimum": 0}
SCALARS: dict[int, Object] = {
    F.TYPE_DOUBLE: {"type": "number", "format": "double"},
    F.TYPE_FLOAT: {"type": "number", "format": "float"},
    F.TYPE_BOOL: {"type": "boolean"},
    F.TYPE_STRING: {"type": "string"},
    F.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
    **dict.fromkeys((F.TYPE_INT32, F.TYPE_SINT32, F.TYPE_SFIXED32), INT32),
    **dict.fromkeys((F.TYPE_UINT32, F.TYPE_FIXED32), UINT32),
    **dict.fromkeys((F.TYPE_INT64, F.TYPE_SINT64, F.TYPE_SFIXED64), INT64),
    **dict.fromkeys((F.TYPE_UINT64, F.TYPE_FIXED64), UINT64),
}
WELL_KNOWN: dict[str, Object] = {
    ".google.api.HttpBody": {"type": "string", "format": "binary"},
    ".google.protobuf.Any": ANY,
    ".google.protobuf.Duration": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,9})?s$"},
    ".google.protobuf.Empty": {"type": "object"},
    ".google.protobuf.FieldMask": {
        "type": "string",
        "description": "Paths of fields in lowerCamelCase, with commas between them.",
    },
    ".google.protobuf.Struct": {"type": "object", "additionalProperties": True},
    ".google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    ".google.protobuf.Value": {},
}


class Schemas:
    """Schemas of the messages that are asked for, and of all that these need."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.components: dict[str, Object] = {}

    def reference(self, name: str) -> Object:
        if name in WELL_KNOWN:
            return dict(WELL_KNOWN[name])
        key = name.removeprefix(".")
        if key not in self.components:
            self.components[key] = {}  # it may contain itself
            self.components[key] = self._declared(name)
        return {"$ref": f"#/components/schemas/{key}"}

    def message(self, name: str, *, without: Collection[str] = (), partial: bool = False) -> Object:
        declared = self.names.messages[name]
        kept = [(field, text) for field, text in declared.fields() if field.name not in without]
        schema: Object = {
            "type": "object",
            "properties": {field.json_name: self.field(field, text) for field, text in kept},
        }
        required: list[Json] = [f.json_name for f, _ in kept if self.is_required(f)]
        if required and not partial:
            schema["required"] = required
        return schema | _described(declared.comment)

    def field(self, field: FieldDescriptorProto, comment: str) -> Object:
        """What is said about this use of a type stands beside the reference to it."""
        rules = constraints(self.names.contracts, field, self._enum(field))
        kind = self._kind(field)
        if rules:
            kind |= rules.keywords()
            if (items := rules.items()) and "items" in kind:
                kind["items"] = {**self._single(field), **items.keywords()}
            comment = " ".join((comment, *rules.sentences())).strip()
        if comment.startswith(OUTPUT_ONLY):
            kind["readOnly"] = True
        return kind | _described(comment)

    def is_required(self, field: FieldDescriptorProto) -> bool:
        rules = constraints(self.names.contracts, field, self._enum(field))
        repeated = field.label == F.LABEL_REPEATED
        message = field.type == F.TYPE_MESSAGE and not repeated
        has_presence = message or field.HasField("oneof_index")
        return rules is not None and rules.required(has_presence=has_presence)

    def find(self, message: str, path: str) -> tuple[FieldDescriptorProto, str]:
        """The field that "product.id" means in a request, and its comment."""
        head, _, rest = path.partition(".")
        field, comment = next(f for f in self.names.messages[message].fields() if f[0].name == head)
        return self.find(field.type_name, rest) if rest else (field, comment)

    def _enum(self, field: FieldDescriptorProto) -> EnumDescriptorProto | None:
        return self.names.enums[field.type_name].proto if field.type == F.TYPE_ENUM else None

    def _declared(self, name: str) -> Object:
        if name in self.names.messages:
            return self.message(name)
        enum = self.names.enums[name]
        values: list[Json] = [value.name for value in enum.proto.value]
        return {"type": "string", "enum": values, **_described(enum.comment)}

    def _kind(self, field: FieldDescriptorProto) -> Object:
        if field.label != F.LABEL_REPEATED:
            return self._single(field)
        entry = self.names.messages.get(field.type_name)
        if entry and entry.proto.options.map_entry:
            return {"type": "object", "additionalProperties": self._map_value(entry)}
        return {"type": "array", "items": self._single(field)}

    def _map_value(self, entry: Message) -> Object:
        return self._single(entry.proto.field[1])

    def _single(self, field: FieldDescriptorProto) -> Object:
        if field.type in (F.TYPE_MESSAGE, F.TYPE_ENUM):
            return self.reference(field.type_name)
        return dict(SCALARS[field.type])


def camel(path: str) -> str:
    """As JSON names it: product.category_id is product.categoryId."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), path)


def _described(comment: str) -> Object:
    return {"description": comment} if comment else {}
