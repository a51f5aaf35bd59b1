"""What is declared in the contracts, by full name, and what do its authors say about it?"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

from gateway.contracts import Contracts

# Field numbers of descriptor.proto: the path to a declaration is made of them.
FILE_MESSAGE, FILE_ENUM, FILE_SERVICE = 4, 5, 6
MESSAGE_FIELD, MESSAGE_NESTED, MESSAGE_ENUM = 2, 3, 4
SERVICE_METHOD = 2

Path = tuple[int, ...]


@dataclass(frozen=True)
class Message:
    name: str
    proto: DescriptorProto
    comment: str
    field_comments: tuple[str, ...]

    def fields(self) -> Iterator[tuple[FieldDescriptorProto, str]]:
        return zip(self.proto.field, self.field_comments, strict=True)


@dataclass(frozen=True)
class Enum:
    proto: EnumDescriptorProto
    comment: str


@dataclass
class Names:
    contracts: Contracts
    messages: dict[str, Message] = field(default_factory=dict)
    enums: dict[str, Enum] = field(default_factory=dict)
    comments: dict[str, dict[Path, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for file in self.contracts.files:
            self.comments[file.name] = dict(_comments(file))
            for i, message in enumerate(file.message_type):
                self._add(file, f".{file.package}", message, (FILE_MESSAGE, i))
            for i, enum in enumerate(file.enum_type):
                self._add_enum(file, f".{file.package}", enum, (FILE_ENUM, i))

    def comment(self, file: FileDescriptorProto, *path: int) -> str:
        return self.comments[file.name].get(path, "")

    def _add(
        self, file: FileDescriptorProto, scope: str, message: DescriptorProto, path: Path
    ) -> None:
        name = f"{scope}.{message.name}"
        fields = range(len(message.field))
        self.messages[name] = Message(
            name=name,
            proto=message,
            comment=self.comment(file, *path),
            field_comments=tuple(self.comment(file, *path, MESSAGE_FIELD, i) for i in fields),
        )
        for i, nested in enumerate(message.nested_type):
            self._add(file, name, nested, (*path, MESSAGE_NESTED, i))
        for i, enum in enumerate(message.enum_type):
            self._add_enum(file, name, enum, (*path, MESSAGE_ENUM, i))

    def _add_enum(
        self, file: FileDescriptorProto, scope: str, enum: EnumDescriptorProto, path: Path
    ) -> None:
        self.enums[f"{scope}.{enum.name}"] = Enum(enum, self.comment(file, *path))


def _comments(file: FileDescriptorProto) -> Iterator[tuple[Path, str]]:
    for location in file.source_code_info.location:
        text = location.leading_comments or location.trailing_comments
        if text:
            lines = (line.strip() for line in text.strip().splitlines())
            yield tuple(location.path), "\n".join(lines)
