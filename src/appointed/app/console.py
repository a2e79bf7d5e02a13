"""The pages of people put together: which parts they have, and what is behind them."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from appointed.app.mail import languages_of_letters, pseudonym_of
from appointed.app.parts import Parts
from appointed.console.agents.desk import Desk
from appointed.console.agents.link_pages import LinkPages
from appointed.console.agents.session import Sessions
from appointed.console.claimants.link import Links
from appointed.console.claimants.routes import ClaimantPages
from appointed.console.look.pages import Pages, load_pages
from appointed.console.look.visitors import Visitors
from appointed.domain.principal import Principal, Role
from appointed.sqod.dialect import to_draft, to_edit
from appointed.sqod.input import cleaned
from appointed.sqod.organisation.carrier import ROLES
from appointed.sqod.organisation.dialect import to_department_edit
from appointed.sqod.organisation.user_input import STORE, UPDATE, to_user
from appointed.sqod.organisation.users import PASSWORDS
from appointed.usecases.change_appointment import Edit
from appointed.usecases.change_department import DepartmentEdit
from appointed.usecases.change_user import UserEdit
from appointed.usecases.create_appointment import Draft
from appointed.usecases.ports import IdSource

# Packages with folders of templates, languages and files.
PARTS: Final[tuple[str, ...]] = ("appointed.console.agents", "appointed.console.claimants")


def pages() -> Pages:
    """Read everything that pages are made of."""
    return load_pages(PARTS)


def desk_of(parts: Parts, made: Pages) -> Desk:
    """Put together what the agents' pages work with."""
    return Desk(
        door=parts.door,
        sessions=Sessions(parts.door, parts.authenticator, parts.xsrf_key),
        pages=made,
        calls=parts.meetings.calls,
        to_edit=_edit,
        to_draft=_draft,
        to_department=_department,
        to_user=_user,
        live=parts.live,
        streams=parts.streams,
        pseudonym=pseudonym_of(parts.ring.sealer),
        letter_languages=tuple(languages_of_letters(parts.settings).items()),
        frame=_origin(parts.settings.meetings_url),
    )


def links_of(parts: Parts, made: Pages) -> LinkPages:
    """Put together the links of agents and of those whom they ask to join."""
    door = parts.door
    return LinkPages(
        calls=parts.meetings.calls,
        pages=made,
        visitors=Visitors.limited(parts.clock, door.limits, parts.store.attempts, parts.link_attempts_key),
        client_address=door.client_address,
        live=parts.live,
        streams=parts.streams,
    )


def claimants_of(parts: Parts, made: Pages) -> ClaimantPages:
    """Put together what the claimants' page works with."""
    door, calls = parts.door, parts.meetings.calls
    links = Links(
        calls=calls,
        visitors=Visitors.limited(parts.clock, door.limits, parts.store.attempts, parts.link_attempts_key),
        limits=door.limits,
        client_address=door.client_address,
        base_url=door.base_url,
        forms_key=parts.claimant_forms_key,
    )
    return ClaimantPages(calls, links, made, parts.live, parts.streams, parts.attendance)


def _edit(given: Mapping[str, Any], ids: IdSource) -> Edit:
    # What a page sends is read as a form that comes to the API of video appointments.
    return to_edit(cleaned(given), ids)


def _draft(given: Mapping[str, Any], principal: Principal) -> Draft:
    return to_draft(cleaned(given), principal)


def _department(given: Mapping[str, Any], ids: IdSource) -> DepartmentEdit:
    return to_department_edit(cleaned(given), ids)


def _user(given: Mapping[str, Any], principal: Principal, is_new: bool) -> tuple[UserEdit, str | None]:
    # Passwords stay as they are, blanks included.
    kept = {name: given[name] or None for name in PASSWORDS if name in given}
    roles = {"role": ROLES[Role(given["role"])]} if given.get("role") in set(Role) else {}
    return to_user(cleaned(given) | roles | kept, principal, STORE if is_new else UPDATE)


def _origin(url: str) -> str:
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}" if split.netloc else ""
