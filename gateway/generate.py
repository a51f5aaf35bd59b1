"""Builds everything in gen/ from protos/, with no network: `python -m gateway.generate`."""

import json
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

import yaml
from google.protobuf import descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc
from protovalidate._gen.buf.validate import validate_pb

from gateway.contracts import Contracts
from gateway.environment import settings_from
from gateway.envoy import bootstrap
from gateway.openapi.document import document

ROOT = Path(__file__).parent.parent
PROTOS = ROOT / "protos"
GEN = ROOT / "gen"
BIN = Path(sys.executable).parent
DESCRIPTORS = GEN / "descriptors.binpb"
VALIDATE = "buf/validate/validate.proto"


def contracts() -> list[str]:
    """Our own proto files, as protoc names them."""
    return sorted(str(path.relative_to(PROTOS)) for path in PROTOS.glob("gotong/**/*.proto"))


def _validation_rules() -> FileDescriptorSet:
    """The proto of the validation rules, which its package carries as descriptors only."""
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
                *(f"--plugin={BIN / name}" for name in ("protoc-gen-mypy", "protoc-gen-mypy_grpc")),
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
    with tempfile.TemporaryDirectory() as folder:
        _protoc(
            f"--python_out={folder}",
            f"--grpc_python_out={folder}",
            f"--mypy_out=quiet:{folder}",
            f"--mypy_grpc_out=quiet,only_async:{folder}",
            *contracts(),
        )
        _protoc(f"--python_out={folder}", f"--mypy_out=quiet:{folder}", VALIDATE)
        _replace(Path(folder))


def _replace(fresh: Path) -> None:
    """Put the new files in the place of the old ones; what did not change stays untouched."""
    new = {path.relative_to(fresh): path.read_bytes() for path in fresh.rglob("*.py*")}
    for package in ("gotong", "buf"):
        for old in (GEN / package).rglob("*.py*"):
            if old.relative_to(GEN) not in new and "__pycache__" not in old.parts:
                old.unlink()
    for name, content in new.items():
        target = GEN / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_bytes() != content:
            target.write_bytes(content)


def descriptors() -> FileDescriptorSet:
    """One set for lint, breaking changes, reflection, the gateway and the documentation."""
    _protoc(
        "--include_imports",
        "--include_source_info",
        f"--descriptor_set_out={DESCRIPTORS}",
        *contracts(),
        # Error details travel in Any: the gateway drops errors whose details it does not know.
        "google/rpc/error_details.proto",
        "google/rpc/status.proto",
    )
    return FileDescriptorSet.FromString(DESCRIPTORS.read_bytes())


def envoy(read: Contracts) -> None:
    """The gateway of Compose."""
    environment = {
        "TOKEN_ISSUER": "https://dev.gotong.internal",
        "TOKEN_KEYS": "/etc/gotong/tokens/jwks.json",
        "TLS_DIRECTORY": "/etc/gotong/certificates",
    }
    config = bootstrap(read, settings_from(environment, read.owners()))
    (GEN / "envoy.yaml").write_text(yaml.dump(config, Dumper=_InFull, width=100))


def openapi(read: Contracts) -> None:
    text = json.dumps(document(read), indent=2, sort_keys=True, ensure_ascii=False)
    (GEN / "openapi.json").write_text(f"{text}\n")


class _InFull(yaml.SafeDumper):
    """YAML that repeats what is said twice, so that each part can be read by itself."""

    def ignore_aliases(self, _: object) -> bool:
        return True


def main() -> None:
    python()
    descriptors()
    read = Contracts(DESCRIPTORS.read_bytes())
    envoy(read)
    openapi(read)


if __name__ == "__main__":
    main()
