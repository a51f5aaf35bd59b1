"""The command prints what is asked for, and nothing else."""

import json
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from deploy.local.cli import main
from deploy.local.tokens import public_keys


def test_a_token_is_printed_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["token", "--role", "buyer", "--role", "ops", "--hours", "2", "--state", str(tmp_path)])

    printed = capsys.readouterr()
    keys = KeySet.import_key_set(json.loads(public_keys(tmp_path / "tokens").read_text()))
    claims = jwt.decode(printed.out.strip(), keys, algorithms=["ES256"]).claims
    assert claims["roles"] == ["buyer", "ops"]
    assert claims["exp"] - claims["iat"] == 2 * 3600
    assert printed.err == f"sub {claims['sub']}\n"


def test_an_unknown_role_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["token", "--role", "king", "--state", str(tmp_path)])


def test_certificates_are_made_for_the_gateway_too(tmp_path: Path) -> None:
    main(["certificates", "--state", str(tmp_path)])

    assert (tmp_path / "certificates" / "gateway.crt").exists()
