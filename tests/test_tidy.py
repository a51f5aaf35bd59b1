"""House rules that no linter knows. Every failure says what to do."""

import ast
import inspect
import pkgutil
import re
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet, MethodDescriptorProto

from gotong.options.v1 import access_pb2
from services.kit import migrate
from services.kit.errors import ServiceError
from tests.support import Realm

ROOT = Path(__file__).parent.parent
SOURCES = [
    path
    for folder in ("services", "gateway", "deploy", "tests")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
TESTS = [
    path for path in SOURCES if path.is_relative_to(ROOT / "tests") and "bench" not in path.parts
]
SERVICES = sorted(
    path.parent.name for path in ROOT.glob("services/*/__init__.py") if path.parent.name != "kit"
)
FILES = {"__init__", "__main__", "domain", "handlers", "mapping", "migrations", "store", "tables"}
REASON = re.compile(r"\b[A-Z0-9]+(?:_[A-Z0-9]+)+\b")


@dataclass(frozen=True)
class Rpc:
    """A method of a contract, with what stands above it."""

    owner: str
    contract: str
    method: MethodDescriptorProto
    request_fields: frozenset[str]
    comment: str

    @property
    def snake(self) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.method.name).lower()


def rpcs() -> Iterator[Rpc]:
    files = FileDescriptorSet.FromString((ROOT / "gen/descriptors.binpb").read_bytes()).file
    messages = {f".{f.package}.{m.name}": m for f in files for m in f.message_type}
    for file in files:
        comments = {
            tuple(at.path): at.leading_comments.strip() for at in file.source_code_info.location
        }
        for s, service in enumerate(file.service):
            for m, method in enumerate(service.method):
                fields = frozenset(field.name for field in messages[method.input_type].field)
                owner = file.package.split(".")[1]
                yield Rpc(owner, service.name, method, fields, comments.get((6, s, 2, m), ""))


def each(only: set[str] | None = None) -> pytest.MarkDecorator:
    """Every RPC, or those of some services."""
    chosen = [
        pytest.param(rpc, id=f"{rpc.contract}.{rpc.method.name}")
        for rpc in rpcs()
        if only is None or rpc.owner in only
    ]
    return pytest.mark.parametrize("rpc", chosen)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_a_file_fits_in_a_head(path: Path) -> None:
    source = path.read_text()

    assert source.count("\n") <= 300, "split this file by concept"
    if "migrations" not in path.parts:
        assert not long_functions(source), "name the parts of these"


def long_functions(source: str) -> list[str]:
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 40
    ]


@pytest.mark.parametrize("path", TESTS, ids=named)
def test_a_test_proves_something_and_does_not_sleep(path: Path) -> None:
    nodes = list(ast.walk(ast.parse(path.read_text())))

    for node in nodes:
        if isinstance(node, ast.Assert):
            assert not isinstance(node.test, ast.Constant), f"line {node.lineno} proves nothing"
    if path.name != "support.py":
        calls = [node for node in nodes if isinstance(node, ast.Call)]
        sleeps = [call.lineno for call in calls if is_sleep(ast.unparse(call))]
        assert not sleeps, (
            "wait for what is to come (tests.support.eventually), move the clock, or let a fake"
            " hang on asyncio.Event().wait()"
        )


def is_sleep(call: str) -> bool:
    """To let others go first is none."""
    return bool(re.match(r"(\w+\.)?sleep\(", call)) and not call.endswith("sleep(0)")


@each()
def test_every_rpc_says_who_may_call_it(rpc: Rpc) -> None:
    assert rpc.method.options.HasExtension(access_pb2.access), "give it an access option"
    access = rpc.method.options.Extensions[access_pb2.access]
    assert access.public != bool(access.roles), "either everybody or some roles"


@each()
def test_every_rpc_says_what_it_does(rpc: Rpc) -> None:
    assert rpc.comment.endswith("."), "begin its comment with a sentence"


@each(set(SERVICES))
def test_every_rpc_has_its_test_file(rpc: Rpc) -> None:
    file = ROOT / "tests" / rpc.owner / f"test_{rpc.snake}.py"

    assert file.exists(), f"write {named(file)}"


@each(set(SERVICES))
def test_every_command_carries_a_request_id(rpc: Rpc) -> None:
    if rpc.contract.endswith("WebhookService"):
        return
    assert rpc.method.name in queries(rpc.owner) or "request_id" in rpc.request_fields


@cache
def queries(service: str) -> frozenset[str]:
    """The methods that are decorated with @query, so that PostgreSQL lets them only read."""
    folder = ROOT / "services" / service
    return frozenset(
        node.name
        for path in (*folder.glob("handlers.py"), *folder.glob("handlers/*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.AsyncFunctionDef)
        and any(ast.unparse(decorator) == "query" for decorator in node.decorator_list)
    )


@cache
def refusals(package: str) -> frozenset[str]:
    """The reasons of all refusals that a package defines."""
    found = import_module(package)
    names = [
        module.name
        for module in pkgutil.walk_packages(found.__path__, f"{package}.")
        if ".migrations" not in module.name
    ]
    return frozenset(
        kind.reason()
        for name in names
        for _, kind in inspect.getmembers(import_module(name), inspect.isclass)
        if issubclass(kind, ServiceError) and kind.__module__ == name
    )


@pytest.mark.parametrize("service", SERVICES)
def test_every_refusal_is_named_in_the_contract(service: str) -> None:
    contract = "".join(p.read_text() for p in ROOT.glob(f"protos/gotong/{service}/v1/*.proto"))

    missing = refusals(f"services.{service}") - set(REASON.findall(contract))
    assert not missing, "say in the comments of which RPCs these happen"


@each(set(SERVICES))
def test_every_refusal_that_is_promised_exists(rpc: Rpc) -> None:
    _, _, promised = rpc.comment.partition("Fails with")

    known = refusals(f"services.{rpc.owner}") | refusals("services.kit")
    missing = set(REASON.findall(promised)) - known
    assert not missing, "no class has this name"


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_files(service: str) -> None:
    names = {path.stem for path in (ROOT / "services" / service).iterdir()}

    assert names >= FILES, "a service is read by what the others are called"


def test_the_import_contracts_name_every_service() -> None:
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")

    def listed(contract: str, option: str, package: str) -> list[str]:
        lines = contracts[f"importlinter:contract:{contract}"][option].split()
        return [line.removeprefix(f"{package}.") for line in lines if line.startswith(package)]

    assert listed("layers", "containers", "services") == SERVICES
    assert listed("independent", "modules", "services") == SERVICES
    assert listed("kit", "forbidden_modules", "services") == SERVICES
    assert listed("kit", "forbidden_modules", "gotong") == SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_the_import_contracts_keep_sql_in_its_place(service: str) -> None:
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")
    listed = contracts["importlinter:contract:sql"]["source_modules"].split()

    paths = (ROOT / "services" / service).iterdir()
    names = {path.stem for path in paths if path.suffix in ("", ".py")}
    free = {"__init__", "__pycache__", "store", "tables", "invariants", "migrations"}
    for name in sorted(names - free):
        assert f"services.*.{name}" in listed or f"services.{service}.{name}" in listed


@pytest.mark.parametrize("service", SERVICES)
async def test_the_migrations_make_what_the_tables_say(realm: Realm, service: str) -> None:
    await migrate.check(service, realm.urls[service])
