"""What the sandbox is told when it starts."""

import os
from dataclasses import dataclass

_SECRETS = ("XENDIT_SECRET_KEY", "XENDIT_CALLBACK_TOKEN", "BITESHIP_API_KEY")


@dataclass(frozen=True, slots=True)
class Settings:
    xendit_secret_key: str
    xendit_callback_token: str
    biteship_api_key: str
    xendit_webhook_url: str = ""
    # 0 takes a free port.
    port: int = 0
    # Where a browser reaches the sandbox; the bound address unless said otherwise.
    public_url: str = ""
    # Xendit waits 15 minutes before the first retry of a webhook; the sandbox that times this.
    webhook_factor: float = 0.001


def from_env() -> Settings:
    """Name all missing variables at once."""
    env = os.environ  # noqa: TID251 - the sandbox may not import services.kit.settings
    if missing := [name for name in _SECRETS if not env.get(name)]:
        raise SystemExit(f"set {', '.join(missing)}")
    return Settings(
        xendit_secret_key=env["XENDIT_SECRET_KEY"],
        xendit_callback_token=env["XENDIT_CALLBACK_TOKEN"],
        biteship_api_key=env["BITESHIP_API_KEY"],
        xendit_webhook_url=env.get("XENDIT_WEBHOOK_URL", ""),
        port=int(env.get("SANDBOX_PORT", "0")),
        public_url=env.get("SANDBOX_PUBLIC_URL", ""),
        webhook_factor=float(env.get("SANDBOX_WEBHOOK_FACTOR", "0.001")),
    )
