"""What does the whole API look like to a REST client?"""

from collections.abc import Iterator

from google.protobuf.descriptor_pb2 import MethodDescriptorProto

from gateway.config.shape import Json, Object
from gateway.contracts import Binding, Contracts, Method
from gateway.openapi.names import FILE_SERVICE, SERVICE_METHOD, Names
from gateway.openapi.operations import SCHEME, Operations
from gateway.openapi.paths import names_by_shape, shape, written
from gateway.openapi.schemas import Schemas

DETAIL = ".google.rpc.ErrorInfo"
DESCRIPTION = """\
JSON is the canonical mapping of proto3: fields in lowerCamelCase, 64 bit integers as strings,
enums by name.

A command carries a requestId, a UUID made by the client. Sent again with the same requestId, it
changes nothing and returns the first response; the same requestId with another body is refused.

Errors are a google.rpc.Status whose details hold an ErrorInfo: its reason is made for programs, the
message for people. Every response carries x-request-id, which names the call in our logs.

Lists are paged: pageSize is at most 100, pageToken is the nextPageToken of the page before."""


def document(contracts: Contracts) -> Object:
    names = Names(contracts)
    schemas = Schemas(names)
    paths: dict[str, dict[str, Json]] = {}
    for path, verb, operation in _operations(names, schemas):
        assert verb not in paths.setdefault(path, {}), f"{verb} {path} is there twice"
        paths[path][verb] = operation
    schemas.reference(DETAIL)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Gotong", "version": "v1", "description": DESCRIPTION},
        "tags": list(_tags(names)),
        "paths": paths,
        "components": {"schemas": schemas.components, "securitySchemes": _security_schemes()},
    }


def _operations(names: Names, schemas: Schemas) -> Iterator[tuple[str, str, Object]]:
    everything = list(_bindings(names))
    shapes = names_by_shape(binding.template for _, _, binding, _, _ in everything)
    operations = Operations(schemas)
    for method, proto, binding, suffix, comment in everything:
        template = written(binding.template, shapes[shape(binding.template)], suffix)
        operation = operations.operation(method, proto, binding, template, comment)
        yield template.path, binding.verb, operation


def _bindings(
    names: Names,
) -> Iterator[tuple[Method, MethodDescriptorProto, Binding, str, str]]:
    for file in names.contracts.files:
        for i, service in enumerate(file.service):
            for j, proto in enumerate(service.method):
                method = names.contracts.method(f"{file.package}.{service.name}", proto)
                comment = names.comment(file, FILE_SERVICE, i, SERVICE_METHOD, j)
                for k, binding in enumerate(method.bindings):
                    yield method, proto, binding, f"_{k}" if k else "", comment


def _tags(names: Names) -> Iterator[Json]:
    for file in names.contracts.files:
        for i, service in enumerate(file.service):
            if not service.name.endswith("InternalService"):
                name = f"{file.package}.{service.name}"
                yield {"name": name, "description": names.comment(file, FILE_SERVICE, i)}


def _security_schemes() -> Object:
    return {SCHEME: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
