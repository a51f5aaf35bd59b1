"""What can be asked over REST? One operation for each way in that the contracts give a method."""

import re
from collections.abc import Collection, Iterator

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, MethodDescriptorProto

from gateway.config.shape import Json, Object
from gateway.contracts import Binding, Method
from gateway.openapi.constraints import unvalidated
from gateway.openapi.paths import Template
from gateway.openapi.schemas import WELL_KNOWN, Schemas, camel

HTTP_BODY = ".google.api.HttpBody"
STATUS = ".google.rpc.Status"
SCHEME = "token"


class Operations:
    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def operation(
        self,
        method: Method,
        proto: MethodDescriptorProto,
        binding: Binding,
        template: Template,
        comment: str,
    ) -> Object:
        parameters = [*self._path(proto, template), *self._query(proto, binding, template)]
        body = self._body(proto, binding, template.fields)
        return {
            "operationId": f"{method.service.rpartition('.')[2]}_{method.name}{template.suffix}",
            "tags": [method.service],
            "summary": _first_sentence(comment),
            "description": f"{comment}\n\n{_who(method)}".strip(),
            **({"parameters": parameters} if parameters else {}),
            **({"requestBody": body} if body else {}),
            "responses": self._responses(method, proto),
            **_security(method),
        }

    def _path(self, proto: MethodDescriptorProto, template: Template) -> Iterator[Json]:
        for name, path in zip(template.names, template.fields, strict=True):
            field, comment = self._schemas.find(proto.input_type, path)
            schema = self._schemas.field(field, comment)
            if schema.pop("readOnly", False):  # in the resource, not in a path
                del schema["description"]
            yield {"name": name, "in": "path", "required": True, "schema": schema}

    def _query(
        self, proto: MethodDescriptorProto, binding: Binding, template: Template
    ) -> Iterator[Json]:
        if binding.body != "*":
            bound = {*template.fields, binding.body}
            yield from self._fields(proto.input_type, bound, "")

    def _fields(self, message: str, bound: Collection[str], prefix: str) -> Iterator[Json]:
        for field, comment in self._schemas.names.messages[message].fields():
            path = f"{prefix}{field.name}"
            if path in bound:
                continue
            if _nests(field):
                yield from self._fields(field.type_name, bound, f"{path}.")
            else:
                yield self._parameter(field, comment, prefix)

    def _parameter(self, field: FieldDescriptorProto, comment: str, prefix: str) -> Object:
        parent = ".".join(camel(part) for part in prefix.split("."))
        return {
            "name": f"{parent}{field.json_name}",
            "in": "query",
            "required": self._schemas.is_required(field),
            "schema": self._schemas.field(field, comment),
        }

    def _body(
        self, proto: MethodDescriptorProto, binding: Binding, bound: Collection[str]
    ) -> Object:
        if not binding.body:
            return {}
        if binding.body == "*":
            return _json_body(self._message(proto.input_type, bound))
        field, comment = self._schemas.find(proto.input_type, binding.body)
        if field.type_name == HTTP_BODY:
            return {"required": True, "content": {"*/*": {"schema": dict(WELL_KNOWN[HTTP_BODY])}}}
        inner = f"{binding.body}."
        bound_inside = {path.removeprefix(inner) for path in bound if path.startswith(inner)}
        if unvalidated(self._schemas.names.contracts, field):
            partial = self._schemas.message(field.type_name, without=bound_inside, partial=True)
            return _json_body(partial | {"description": comment})
        return _json_body(self._message(field.type_name, bound_inside))

    def _message(self, name: str, bound: Collection[str]) -> Object:
        """What the path says already is not said again: two answers to one question are refused."""
        if bound:
            return self._schemas.message(name, without=bound)
        return self._schemas.reference(name)

    def _responses(self, method: Method, proto: MethodDescriptorProto) -> Object:
        schema = self._schemas.reference(proto.output_type)
        kind = "*/*" if proto.output_type == HTTP_BODY else "application/json"
        answer: Object = {"type": "array", "items": schema} if method.streams else schema
        return {
            "200": {"description": "Done.", "content": {kind: {"schema": answer}}},
            "default": {
                "description": "Refused or failed; details carry an ErrorInfo with the reason.",
                "content": {"application/json": {"schema": self._schemas.reference(STATUS)}},
            },
        }


def _first_sentence(comment: str) -> str:
    return re.split(r"(?<=\.)\s", comment, maxsplit=1)[0].replace("\n", " ")


def _nests(field: FieldDescriptorProto) -> bool:
    single = field.label != FieldDescriptorProto.LABEL_REPEATED
    return single and field.type == field.TYPE_MESSAGE and field.type_name not in WELL_KNOWN


def _json_body(schema: Object) -> Object:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _who(method: Method) -> str:
    if method.public:
        return "Everybody may call it; a token that is sent must be valid."
    return f"Needs a token with one of the roles: {', '.join(method.roles)}."


def _security(method: Method) -> Object:
    if method.public:
        return {"security": [{}, {SCHEME: []}]}
    return {"security": [{SCHEME: []}], "x-gotong-roles": list(method.roles)}
