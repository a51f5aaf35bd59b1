"""How can a service refuse? Anything else that is raised is a bug and becomes INTERNAL."""

import re


class ServiceError(Exception):
    """Base of every expected failure.

    The class name is the machine-readable reason (OutOfStock -> OUT_OF_STOCK), so renaming a
    subclass breaks clients. Metadata travels in google.rpc.ErrorInfo.
    """

    def __init__(self, message: str, **metadata: str) -> None:
        super().__init__(message)
        self.metadata = metadata

    @classmethod
    def reason(cls) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).upper()


class InvalidArgument(ServiceError):
    """The request cannot be right, whatever the state."""


class Unauthenticated(ServiceError):
    """Nobody knows who is calling."""


class PermissionDenied(ServiceError):
    """The caller may not do this."""


class NotFound(ServiceError):
    """There is no such thing, or the caller may not know of it."""


class AlreadyExists(ServiceError):
    """There is such a thing already."""


class FailedPrecondition(ServiceError):
    """Not in this state."""


class Aborted(ServiceError):
    """Somebody else was faster; read again and retry."""


class Unavailable(ServiceError):
    """Not now; the same request may succeed later."""


class InvalidField(InvalidArgument):
    """One field is wrong in a way that the contract alone cannot say."""

    def __init__(self, field: str, description: str) -> None:
        super().__init__(f"{field}: {description}")
        self.field = field
        self.description = description
