"""How the agents' pages say that something could not be done."""

from collections.abc import Mapping
from typing import Final

from appointed.console.look.failures import BUSY, REFUSED, TOO_MANY, Wording
from appointed.domain import errors as e

NOT_FOUND: Final = Wording(404, "agents.error.nothing")
NO_RECORD: Final = Wording(404, "agents.error.no_record")
BROKEN: Final = Wording(500, "agents.error.broken")

# A failure is worded by the nearest of its classes that stands here.
WORDINGS: Final[Mapping[type[e.AppointedError], Wording]] = {
    e.AppointedError: BROKEN,
    e.CrossSiteRequest: Wording(403, "agents.error.foreign"),
    e.Forbidden: Wording(403, "agents.error.forbidden"),
    e.AppointmentNotFound: NOT_FOUND,
    e.RecordNotFound: NO_RECORD,
    e.RouteNotFound: NO_RECORD,
    e.PreconditionFailed: Wording(412, "agents.error.changed"),
    e.InvalidAppointment: Wording(422, "error.refused"),
    e.PatchRejected: REFUSED,
    e.BodyRejected: REFUSED,
    e.BodyTooLarge: Wording(413, "error.refused"),
    e.UnsupportedMediaType: Wording(415, "error.refused"),
    e.InvalidRequest: REFUSED,
    e.TimeHeld: Wording(409, "agents.error.held"),
    e.IdempotencyRejected: Wording(409, "error.busy"),
    e.TooManyRequests: TOO_MANY,
    e.TooManyAttempts: TOO_MANY,
    e.RequestTimeout: Wording(408, "error.busy"),
    e.StoreFailed: BUSY,
    e.StorageFull: Wording(507, "error.busy"),
    e.SealBroken: BROKEN,
}


def wording_of(error: e.AppointedError) -> Wording:
    """Find how a failure is worded."""
    return next(WORDINGS[kind] for kind in type(error).__mro__ if kind in WORDINGS)
