from dataclasses import dataclass
from pathlib import Path

import pytest

from services.kit.settings import ServiceSettings, from_env


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    product_address: str
    greeting: str = "halo"


COMPLETE = {
    "DATABASE_URL": "postgresql://x",
    "LISTEN_ADDRESS": "127.0.0.1:0",
    "TOKEN_KEYS": "keys.json",
    "TOKEN_ISSUER": "https://issuer",
    "PRODUCT_ADDRESS": "127.0.0.1:3002",
}


def read(**different: str) -> Settings:
    return from_env(Settings, "order", COMPLETE | different)


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(SystemExit) as end:
        from_env(Settings, "order", {"DATABASE_URL": "x", "TOKEN_KEYS": "y"})

    assert str(end.value) == "order: set LISTEN_ADDRESS, TOKEN_ISSUER, PRODUCT_ADDRESS"


def test_what_has_a_default_need_not_be_set() -> None:
    assert (read().greeting, read().token_audience) == ("halo", "gotong")
    assert read(GREETING="").greeting == ""


def test_what_is_meant_for_one_service_goes_first() -> None:
    assert read(ORDER_DATABASE_URL="order's").database_url == "order's"
    assert read(PAYMENT_DATABASE_URL="payment's").database_url == COMPLETE["DATABASE_URL"]


def test_what_is_meant_for_one_service_is_enough() -> None:
    mine = {f"ORDER_{name}": value for name, value in COMPLETE.items()}

    assert from_env(Settings, "order", mine) == read()


def test_a_secret_may_come_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("postgresql://secret\n")
    only = {name: value for name, value in COMPLETE.items() if name != "DATABASE_URL"}

    settings = from_env(Settings, "order", only | {"DATABASE_URL_FILE": str(secret)})

    assert settings.database_url == "postgresql://secret"


def test_a_file_for_one_service_goes_before_what_is_for_all(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("mine")

    assert read(ORDER_DATABASE_URL_FILE=str(secret)).database_url == "mine"


def test_a_file_for_all_does_not_go_before_what_is_for_one_service(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("everybody's")

    settings = read(DATABASE_URL_FILE=str(secret), ORDER_DATABASE_URL="mine")

    assert settings.database_url == "mine"


def test_the_environment_of_the_process_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in COMPLETE.items():
        monkeypatch.setenv(f"ORDER_{name}", value)

    assert from_env(Settings, "order") == read()
