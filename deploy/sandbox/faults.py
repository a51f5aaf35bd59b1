"""Which of the next calls go wrong, and how."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

_PROVIDERS = ("xendit", "biteship")


class Kind(StrEnum):
    STATUS_500 = "status_500"
    STATUS_429 = "status_429"
    RESET_BEFORE_PROCESSING = "reset_before_processing"
    RESET_AFTER_PROCESSING = "reset_after_processing"
    DELAY = "delay"
    GARBAGE = "garbage"
    WEBHOOK_DUPLICATE = "webhook_duplicate"
    WEBHOOK_WRONG_TOKEN = "webhook_wrong_token"  # noqa: S105 - the name of a fault
    WEBHOOK_DROP = "webhook_drop"
    WEBHOOK_OUT_OF_ORDER = "webhook_out_of_order"

    @property
    def of_webhooks(self) -> bool:
        return self.startswith("webhook_")


@dataclass(slots=True)
class Fault:
    provider: str
    kind: Kind
    # "POST /v2/invoices" or "/v2/invoices": the method if any, and how the path begins.
    operation: str
    times: int
    seconds: float

    @classmethod
    def from_json(cls, body: dict[str, object]) -> Self:
        provider = str(body.get("provider"))
        if provider not in _PROVIDERS:
            raise ValueError(f"the provider is one of {', '.join(_PROVIDERS)}")
        return cls(
            provider=provider,
            kind=Kind(str(body.get("fault"))),
            operation=str(body.get("operation", "")),
            times=int(str(body.get("times", 1))),
            seconds=float(str(body.get("seconds", 0))),
        )

    def matches(self, provider: str, method: str, path: str) -> bool:
        wanted, _, prefix = self.operation.rpartition(" ")
        return provider == self.provider and wanted in ("", method) and path.startswith(prefix)


class Faults:
    """What has been asked to go wrong and has not yet, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._waiting.append(fault)

    def clear(self) -> None:
        self._waiting.clear()

    def take_for_call(self, provider: str, method: str, path: str) -> Fault | None:
        for fault in self._waiting:
            if not fault.kind.of_webhooks and fault.matches(provider, method, path):
                return self._use(fault)
        return None

    def take_for_webhook(self, provider: str) -> Kind | None:
        for fault in self._waiting:
            if fault.kind.of_webhooks and fault.provider == provider:
                return self._use(fault).kind
        return None

    def _use(self, fault: Fault) -> Fault:
        fault.times -= 1
        if fault.times <= 0:
            self._waiting.remove(fault)
        return fault
