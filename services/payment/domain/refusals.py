"""How the payment service says no."""

from services.kit.errors import (
    Aborted,
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Unauthenticated,
    Unavailable,
)


class PaymentNotFound(NotFound):
    """No such payment, or of somebody else."""


class OrderNotFound(NotFound):
    """No such order, or of somebody else."""


class OrderNotPayable(FailedPrecondition):
    """The order is paid, expired, cancelled or closed."""


class AmountMismatch(FailedPrecondition):
    """Not what the order costs."""


class PaymentAlreadyOpen(AlreadyExists):
    """The order has an invoice that waits to be paid."""


class PaymentNotCancellable(FailedPrecondition):
    """The payment is over."""


class OrderAlreadyPaid(FailedPrecondition):
    """The money is here, so the order cannot be closed."""


class PayableChanged(Aborted):
    """A payment was opened while the order was being closed."""


class PaymentChanged(Aborted):
    """Somebody else moved the payment on."""


class ProviderUnavailable(Unavailable):
    """The provider does not answer, or its answer means nothing to us."""


class InvalidCallbackToken(Unauthenticated):
    """Whoever calls is not the provider."""


class MalformedNotice(InvalidArgument):
    """Not what the provider sends."""
