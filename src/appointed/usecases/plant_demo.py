"""Fill an empty store with the demo tenant, the same every time but for today's date."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from appointed.domain.appointment import Appointment, Kind
from appointed.domain.diary import settle
from appointed.domain.directory import View
from appointed.domain.meeting import Meeting
from appointed.domain.participant import Answer, Claimant
from appointed.domain.principal import Principal
from appointed.domain.status import Status
from appointed.usecases import demo_data as data
from appointed.usecases.create_appointment import NewNames, blank, new_names
from appointed.usecases.credential_ports import PasswordHasher
from appointed.usecases.identifiers import Identifiers, seeded
from appointed.usecases.ports import Account, Change, Decision, NoRows, Rows, Store

DEMO = Principal(data.TENANT.id, data.DEMO)
CLIENT = Principal(data.TENANT.id, data.CLIENT)


async def plant_demo(store: Store, passwords: PasswordHasher, now: datetime) -> None:
    """Make tenant 1 with its people, lists and appointments; `now` (aware) says which day is today."""
    await store.create_tenant(data.TENANT, data.RECORDS)
    for name, associate_id in data.LOGINS.items():
        await store.put_account(await _account("login", name, associate_id, passwords))
    await store.put_account(await _account("client", data.CLIENT_ID, data.CLIENT, passwords))
    await store.change(_planting(now))


async def _account(kind: str, name: str, associate_id: int, passwords: PasswordHasher) -> Account:
    secret = await passwords.hash(name)
    return Account(kind=kind, name=name, tenant_id=data.TENANT.id, associate_id=associate_id, secret=secret)


def _planting(now: datetime) -> Change:
    def decide(_rows: Rows, view: View) -> Decision:
        drafts = Sower(view, seeded("demo"), now).rows()
        rows = (replace(row, id=-number) for number, row in enumerate(drafts, start=1))
        return Decision(creations=tuple(settle(None, row, view) for row in rows))

    return Change(
        tenant_id=data.TENANT.id,
        principal=DEMO,
        door="demo",
        scope=NoRows(),
        permit=lambda _rows, _view: None,
        decide=decide,
    )


class Sower:
    """Turns the tables of the demo into appointments around one day."""

    def __init__(self, view: View, ids: Identifiers, now: datetime) -> None:
        self._view = view
        self._ids = ids
        self._now = now
        self._zone = ZoneInfo(data.TENANT.zone)
        self._today = now.astimezone(self._zone).date()

    def rows(self) -> Iterator[Appointment]:
        """Make every appointment, number 1 first."""
        yield self._first()
        yield from map(self._diary, data.DIARY)
        yield from map(self._all_day, data.ALL_DAY)
        yield from map(self._todo, data.ERRANDS)
        yield from map(self._video, data.VIDEO_CALLS)

    def _first(self) -> Appointment:
        row = self._blank(data.DEMO, 1, time(10, 0), 60)
        return replace(
            row,
            title="Planning the year",
            description="Planning the year\nBring the figures of the last quarter.",
            agenda="1. Figures\n2. Plans\n3. Questions",
            internal_notes="Not sent to anyone: book a larger room if more than six come.",
            location="Meeting room 1",
            reject_reason="The first date did not suit.",
            task_id=data.MEETING,
            priority_id=2,
            contact_id=2,
            person_id=4,
            project_id=1,
            sale_id=1,
            has_alarm=True,
            alarm_minutes=15,
            custom_fields={
                "SuperOffice:1": "Window seats",
                "SuperOffice:2": 6,
                "SuperOffice:3": (self._today + timedelta(days=8)).isoformat(),
                "SuperOffice:4": True,
                "SuperOffice:5": 1,
            },
        )

    def _diary(self, line: tuple[int, time, int, int, int, str, int, int]) -> Appointment:
        day, start, minutes, owner, task, title, contact, person = line
        row = self._blank(owner, day, start, minutes)
        status = Status.COMPLETE if day < 0 else Status.SCHEDULED
        return replace(
            row,
            title=title,
            description=title,
            task_id=task,
            contact_id=contact,
            person_id=person,
            status=status,
            completed_at=row.ends_at if day < 0 else None,
        )

    def _all_day(self, line: tuple[int, int, int, str]) -> Appointment:
        day, days, owner, title = line
        row = self._blank(owner, day, time(0, 0), 0)
        ends_at = self._instant(day + days - 1, time(23, 59))
        return replace(row, ends_at=ends_at, title=title, description=title, is_all_day=True, is_free=True)

    def _todo(self, line: tuple[int, int, str]) -> Appointment:
        day, owner, title = line
        row = self._blank(owner, day, time(12, 0), 0)
        return replace(row, kind=Kind.CHECKLIST, title=title, description=title, task_id=data.ERRAND)

    def _video(
        self, line: tuple[int, time, int, int, str, str, str | None, str | None, Status]
    ) -> Appointment:
        day, start, minutes, department, name, email, phone, born, status = line
        names = new_names(self._ids, self._now)
        owner = self._view.directory.departments[department].default_associate_id
        row = self._blank(owner, day, start, minutes, names=names, by=data.CLIENT)
        field = self._view.directory.departments[department].data_fields[0].id
        claimant = Claimant(
            id=names.claimant_id,
            name=name,
            email=email,
            phone_number=phone,
            born_on=date.fromisoformat(born) if born else None,
            answers=(Answer(field, f"C-{day + 100}"),),
        )
        return replace(
            row,
            department_id=department,
            task_id=data.VIDEO,
            claimant=claimant,
            meeting=Meeting(id=names.meeting_id, room_name=names.room_name, agent_key=names.agent_key),
            status=status,
            arrived_at=self._now if status is Status.WAITING else None,
            **_stamps(row, status),
        )

    def _blank(
        self,
        owner: int,
        day: int,
        start: time,
        minutes: int,
        *,
        names: NewNames | None = None,
        by: int = data.DEMO,
    ) -> Appointment:
        starts_at = self._instant(day, start)
        names = names or new_names(self._ids, self._now)
        row = blank(names, self._view, data.TENANT.id, by, owner, starts_at)
        # Names of the demo must not hang on the date, as UUIDv7 would.
        return replace(row, ends_at=starts_at + timedelta(minutes=minutes), uid=self._ids.uuid4())

    def _instant(self, day: int, at: time) -> datetime:
        wall = datetime.combine(self._today + timedelta(days=day), at, self._zone)
        return wall.astimezone(UTC)


def _stamps(row: Appointment, status: Status) -> dict[str, object]:
    if status is Status.BEING_SEEN:
        return {"session_started_at": row.starts_at}
    if status is Status.COMPLETE:
        return {
            "session_started_at": row.starts_at,
            "session_ended_at": row.ends_at,
            "completed_at": row.ends_at,
        }
    if status is Status.CANCELLED:
        reason = "The claimant asked for another day."
        return {"cancelled_at": row.created_at, "cancellation_reason": reason, "completed_at": row.created_at}
    return {}
