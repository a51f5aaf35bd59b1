"""What do the contracts say about each method: who may call it, how REST reaches it?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from google.protobuf.descriptor_pb2 import (
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

OURS = "gotong."
READS = re.compile(r"(Get|List|BatchGet|Lookup|Search|Check|Validate)(?![a-z])")
ROLE_PREFIX = "ROLE_"


class AccessUndeclared(Exception):
    """A method says neither that it is public nor which roles may call it."""


@dataclass(frozen=True)
class Binding:
    """One way in over REST, as google.api.http says it."""

    verb: str
    template: str
    body: str


@dataclass(frozen=True)
class Method:
    service: str
    name: str
    public: bool
    roles: tuple[str, ...]
    bindings: tuple[Binding, ...]
    streams: bool

    @property
    def path(self) -> str:
        return f"/{self.service}/{self.name}"

    @property
    def owner(self) -> str:
        """The process that serves it: gotong.<owner>.v1.<Service>."""
        return self.service.split(".")[1]

    @property
    def reads(self) -> bool:
        return READS.match(self.name) is not None

    @property
    def internal(self) -> bool:
        return self.service.endswith("InternalService")

    @property
    def webhook(self) -> bool:
        return self.service.endswith("WebhookService")


class Contracts:
    """A descriptor set, read with the options that it defines itself."""

    def __init__(self, content: bytes) -> None:
        self._pool = DescriptorPool()
        for file in FileDescriptorSet.FromString(content).file:
            self._pool.AddSerializedFile(file.SerializeToString())
        own = GetMessageClass(self._pool.FindMessageTypeByName("google.protobuf.FileDescriptorSet"))
        self.files = tuple(cast("FileDescriptorSet", own.FromString(content)).file)

    def option(self, options: Message, name: str) -> Any | None:  # noqa: ANN401 - as typed as the option
        extension: Any = self._pool.FindExtensionByName(name)
        return options.Extensions[extension] if options.HasExtension(extension) else None

    def services(self) -> Iterator[tuple[FileDescriptorProto, ServiceDescriptorProto]]:
        for file in self.files:
            if file.package.startswith(OURS):
                yield from ((file, service) for service in file.service)

    def methods(self) -> list[Method]:
        """Those for the outside, in the order of the contracts."""
        everything = (
            self.method(f"{file.package}.{service.name}", method)
            for file, service in self.services()
            for method in service.method
        )
        return [method for method in everything if not method.internal]

    def owners(self) -> list[str]:
        """The services that clients can reach."""
        return sorted({method.owner for method in self.methods()})

    def method(self, service: str, method: MethodDescriptorProto) -> Method:
        access = self.option(method.options, "gotong.options.v1.access")
        if access is None or access.public == bool(access.roles):
            raise AccessUndeclared(f"{service}.{method.name}: say either public or roles")
        return Method(
            service=service,
            name=method.name,
            public=access.public,
            roles=tuple(sorted(self._role(number) for number in access.roles)),
            bindings=tuple(self._bindings(method)),
            streams=method.server_streaming,
        )

    def _role(self, number: int) -> str:
        """As tokens spell it: ROLE_BUYER is "buyer"."""
        roles = self._pool.FindEnumTypeByName("gotong.options.v1.Role")
        return roles.values_by_number[number].name.removeprefix(ROLE_PREFIX).lower()

    def _bindings(self, method: MethodDescriptorProto) -> Iterator[Binding]:
        http = self.option(method.options, "google.api.http")
        if http is None:
            return
        for rule in (http, *http.additional_bindings):
            verb = rule.WhichOneof("pattern")
            yield Binding(verb=verb, template=getattr(rule, verb), body=rule.body)
