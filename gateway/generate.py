"""Builds everything in gen/ from protos/, with no network: `python -m gateway.generate`."""

import shutil
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from google.protobuf import descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc
from protovalidate._gen.buf.validate import validate_pb

ROOT = Path(__file__).parent.parent
PROTOS = ROOT / "protos"
GEN = ROOT / "gen"
DESCRIPTORS = GEN / "descriptors.binpb"
VALIDATE = "buf/validate/validate.proto"


def contracts() -> list[str]:
    """Our own proto files, as protoc names them."""
    return sorted(str(path.relative_to(PROTOS)) for path in PROTOS.glob("gotong/**/*.proto"))


def _validation_rules() -> FileDescriptorSet:
    """The proto of the validation rules, which its package carries as descriptors, not as source."""
    set_ = FileDescriptorSet()
    for module in (descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2):
        set_.file.add().ParseFromString(module.DESCRIPTOR.serialized_pb)
    set_.file.add().ParseFromString(validate_pb.desc().proto.to_binary())
    return set_


def _protoc(*arguments: str) -> None:
    googleapis = str(files("google.api").joinpath("../.."))
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / "validate.binpb"
        rules.write_bytes(_validation_rules().SerializeToString())
        status = protoc.main(
            [
                "protoc",
                f"--descriptor_set_in={rules}",
                f"-I{PROTOS}",
                f"-I{googleapis}",
                f"-I{files('grpc_tools').joinpath('_proto')}",
                *arguments,
            ]
        )
    if status:
        sys.exit(status)


def python() -> None:
    """Messages, and stubs and servicers typed for grpc.aio."""
    for package in ("gotong", "buf"):
        shutil.rmtree(GEN / package, ignore_errors=True)
    _protoc(
        f"--python_out={GEN}",
        f"--grpc_python_out={GEN}",
        f"--mypy_out={GEN}",
        f"--mypy_grpc_out=only_async:{GEN}",
        *contracts(),
    )
    _protoc(f"--python_out={GEN}", f"--mypy_out={GEN}", VALIDATE)


def descriptors() -> FileDescriptorSet:
    """One set for lint, breaking changes, reflection, the gateway and the documentation."""
    _protoc(
        "--include_imports",
        "--include_source_info",
        f"--descriptor_set_out={DESCRIPTORS}",
        *contracts(),
        # Error details travel inside Any: the gateway drops an error whose details it does not know.
        "google/rpc/error_details.proto",
        "google/rpc/status.proto",
    )
    return FileDescriptorSet.FromString(DESCRIPTORS.read_bytes())


def main() -> None:
    python()
    descriptors()


if __name__ == "__main__":
    main()
