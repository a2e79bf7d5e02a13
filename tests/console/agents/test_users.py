"""The pages of users: added, changed and disabled by who administers them, and nobody else."""

import re

import pytest

from appointed.domain.directory import Associate
from appointed.domain.principal import Role
from tests.console.agents.test_departments import keeper
from tests.console.agents.world import HOME, Agent, World, fields_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIST, NEW = f"{HOME}/users", f"{HOME}/users/new"
SECRET = " a good one "


async def users(world: World) -> dict[str, Associate]:
    return {one.name: one for one in (await world.served.parts.store.directory(1)).associates.values()}


async def one(world: World, login: str) -> Associate:
    return (await users(world))[login]


async def added(world: World, agent: Agent, login: str, **more: str) -> Associate:
    values = fields_of((await agent.get(NEW)).text)
    filled = values | {"name": login.title(), "login": login, "password": SECRET} | more
    answer = await agent.send(NEW, filled)
    assert answer.status_code == 303, answer.text
    user = await one(world, login)
    assert answer.headers["location"] == f"{LIST}/{user.id}?done=added"
    return user


async def test_a_user_is_added_and_signs_in(world: World) -> None:
    demo = await world.agent("demo")
    values = fields_of((await demo.get(NEW)).text)
    filled = values | {"name": "Nia <b>", "login": "nia", "password": SECRET, "role": "scheduler"}
    sent = filled | {"home": "2", "department.1": "1"}
    first, again = await demo.send(NEW, sent), await demo.send(NEW, sent)
    assert first.status_code == 303
    assert first.headers["location"] == again.headers["location"]
    user = await one(world, "nia")
    assert (user.full_name, user.role, user.group_id, user.department_ids) == (
        "Nia <b>",
        Role.SCHEDULER,
        2,
        (1,),
    )
    page = (await demo.get(first.headers["location"])).text
    assert "The user is added." in page
    assert SECRET.strip() not in page
    assert "Nia <b>" not in page
    nia = Agent(world.served)
    assert (await nia.sign_in("nia", SECRET)).status_code == 303
    assert (await nia.get(LIST)).status_code == 403
    (event,) = await world.served.parts.store.record_history(1, "associate", user.id)
    assert (event.door, event.by) == ("agent-web", 1)
    for change in ({"login": "other"}, {"password": "another one"}):
        other = await demo.send(NEW, sent | change)
        assert other.status_code == 409
        assert "has already added somebody" in other.text
    assert "other" not in await users(world)


async def test_problems_stand_beside_their_fields_and_nothing_typed_is_lost(world: World) -> None:
    demo = await world.agent("demo")
    before = await users(world)
    values = fields_of((await demo.get(NEW)).text)
    wrong = {"name": "", "login": "two words", "password": "short"}
    answer = await demo.send(NEW, values | wrong | {"role": "scheduler"})
    assert answer.status_code == 422
    kept = fields_of(answer.text)
    assert (kept["login"], kept["role"], kept["password"]) == ("two words", "scheduler", "")
    assert re.findall(r'<p class="wrong" id="f-([^"]+)-wrong"', answer.text) == ["name", "login", "password"]
    taken = await demo.send(NEW, kept | {"name": "X", "login": "KARI", "password": SECRET})
    assert taken.status_code == 422
    assert "This has been taken." in taken.text
    assert await users(world) == before


async def test_a_role_is_changed_and_a_user_is_disabled(world: World) -> None:
    demo = await world.agent("demo")
    user = await added(world, demo, "rhys")
    path = f"{LIST}/{user.id}"
    rhys = Agent(world.served)
    assert (await rhys.sign_in("rhys", SECRET)).status_code == 303
    values = fields_of((await demo.get(path)).text)
    assert (await demo.send(path, values)).headers["location"] == f"{path}?done=same"
    answer = await demo.send(path, values | {"role": "department_administrator", "department.2": "1"})
    assert answer.headers["location"] == f"{path}?done=saved"
    now = await one(world, "rhys")
    assert (now.role, now.group_id, now.department_ids) == (Role.DEPARTMENT_ADMINISTRATOR, 1, (2,))
    assert (await rhys.get(LIST)).status_code == 200, "the session has the new role at once"
    # Somebody else's page is older: what was typed there stays, and what was changed is shown.
    lost = await demo.send(path, values | {"name": "Rhys ap"})
    assert lost.status_code == 412
    assert fields_of(lost.text)["name"] == "Rhys ap"
    assert "Changed meanwhile: it is now Department administrator" in lost.text
    values = fields_of((await demo.get(path)).text)
    assert (await demo.send(path, values | {"is_active": "0"})).status_code == 303
    assert (await one(world, "rhys")).is_deleted
    assert (await rhys.get(HOME)).headers["location"].startswith(f"{HOME}/sign-in")
    assert (await Agent(world.served).sign_in("rhys", SECRET)).status_code == 401
    assert "Cannot sign in" in (await demo.get(LIST)).text
    values = fields_of((await demo.get(path)).text)
    await demo.send(path, values | {"is_active": "1", "password": "quite another"})
    assert (await Agent(world.served).sign_in("rhys", "quite another")).status_code == 303


async def test_who_is_needed_is_not_disabled(world: World) -> None:
    demo = await world.agent("demo")
    values = fields_of((await demo.get(f"{LIST}/2")).text)
    refused = await demo.send(f"{LIST}/2", values | {"is_active": "0"})
    assert refused.status_code == 422
    assert "gets the appointments of Second department" in refused.text
    own = (await demo.get(f"{LIST}/1")).text
    assert 'name="password"' not in own
    assert 'name="is_active"' not in own
    last = await demo.send(f"{LIST}/1", fields_of(own) | {"role": "agent"})
    assert last.status_code == 422
    assert "Somebody has to stay" in last.text
    assert (await one(world, "demo")).role is Role.ADMINISTRATOR


async def test_department_administrators_reach_their_own_departments_alone(world: World) -> None:
    demo, kari = await world.agent("demo"), await world.agent("kari")
    own = await keeper(world)
    theirs = await added(world, demo, "mine", home="2")
    both = await added(world, demo, "both", **{"home": "2", "department.1": "1"})
    page = (await own.get(f"{LIST}?department=2")).text
    links = {int(number) for number in re.findall(rf'href="{LIST}/(\d+)"', page)}
    assert theirs.id in links
    assert not links & {1, both.id}
    assert "Both" in page
    assert "Demo Administrator" not in page.partition("<table")[2], "the department was asked for"
    for agent, path in ((kari, LIST), (kari, NEW), (own, f"{LIST}/1"), (own, f"{LIST}/{both.id}")):
        assert (await agent.get(path)).status_code == 403
        assert (await agent.post(path if path != LIST else NEW)).status_code == 403
    new = (await own.get(NEW)).text
    assert 'value="administrator"' not in new
    assert 'name="department.' not in new
    assert fields_of(new)["home"] == "2"
    sent = fields_of(new) | {"name": "X", "login": "x", "password": SECRET}
    assert (await own.send(NEW, sent | {"role": "administrator"})).status_code == 403
    assert (await own.send(NEW, sent | {"home": "1"})).status_code == 403
    assert "x" not in await users(world)
    for nothing in ("999", "x", "4"):
        assert (await demo.get(f"{LIST}/{nothing}")).status_code == 404


async def test_a_long_list_has_pages(world: World) -> None:
    demo = await world.agent("demo")
    records = [
        Associate(id=0, name=f"many{number}", full_name=f"Many {number:02}", group_id=2)
        for number in range(50)
    ]
    await world.served.parts.store.put_records(1, records)
    first = (await demo.get(f"{LIST}?department=2")).text
    assert f'href="{LIST}?department=2&amp;page=2"' in first
    second = (await demo.get(f"{LIST}?department=2&page=2")).text
    assert "Page 2 of 2" in second
    assert "Many 49" in first + second
    assert "Page 2 of 2" in (await demo.get(f"{LIST}?department=2&page=99")).text
