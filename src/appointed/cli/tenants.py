"""Commands about tenants and who and what belongs to them."""

from typing import Annotated

import typer

from appointed.cli.running import Config, Database, Hours, Password, run
from appointed.domain.principal import Role
from appointed.usecases.administer import CreateClient, CreateTenant, CreateUser
from appointed.usecases.administer_diaries import CreateRoom, SetDepartment, SetDiary
from appointed.usecases.administer_protection import SetTenant

tenant_cli = typer.Typer(help="Tenants.", no_args_is_help=True)
user_cli = typer.Typer(help="Users: associates who can sign in.", no_args_is_help=True)
client_cli = typer.Typer(help="OAuth clients.", no_args_is_help=True)
room_cli = typer.Typer(help="Rooms and other resources.", no_args_is_help=True)
diary_cli = typer.Typer(help="Diaries: exclusive or not, working hours.", no_args_is_help=True)
department_cli = typer.Typer(help="Departments: opening hours, holidays.", no_args_is_help=True)


@tenant_cli.command("create")
def create_tenant(
    name: str,
    login: Annotated[str, typer.Option(help="The administrator's login.")],
    password: Password,
    zone: Annotated[str, typer.Option(help="Base time zone (IANA name).")] = "Europe/Oslo",
    department: Annotated[str, typer.Option(help="Name of the first department.")] = "Main department",
    database: Database = None,
    config: Config = None,
) -> None:
    """Add a tenant with its first administrator and department."""
    command = CreateTenant(name=name, zone=zone, login=login, password=password, department=department)
    run(command, config, database)


@user_cli.command("create")
def create_user(
    login: str,
    password: Password,
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    full_name: Annotated[str, typer.Option(help="Name as others see it.")] = "",
    role: Annotated[Role, typer.Option(help="What the user may do.")] = Role.AGENT,
    department: Annotated[int, typer.Option(help="Home department; 0: the tenant's default.")] = 0,
    database: Database = None,
    config: Config = None,
) -> None:
    """Add a user who can sign in."""
    command = CreateUser(
        tenant_id=tenant,
        login=login,
        password=password,
        full_name=full_name or login,
        role=role,
        department_id=department,
    )
    run(command, config, database)


@client_cli.command("create")
def create_client(
    client_id: str,
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    role: Annotated[Role, typer.Option(help="What the client may do.")] = Role.SCHEDULER,
    department: Annotated[
        list[int] | None, typer.Option(help="A department it works for (repeatable).")
    ] = None,
    outside: Annotated[
        bool, typer.Option("--outside", help="Vouched for by an outside token issuer.")
    ] = False,
    database: Database = None,
    config: Config = None,
) -> None:
    """Add an OAuth client; its secret is shown once."""
    command = CreateClient(
        tenant_id=tenant,
        client_id=client_id,
        role=role,
        department_ids=tuple(department or ()),
        is_outside=outside,
    )
    run(command, config, database)


@room_cli.command("create")
def create_room(
    name: str,
    department: Annotated[int, typer.Option(help="Home department; 0: the tenant's default.")] = 0,
    exclusive: Annotated[bool, typer.Option(help="Whether its time is given away once.")] = True,
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """Add a room or another resource."""
    made = CreateRoom(tenant_id=tenant, name=name, department_id=department, is_exclusive=exclusive)
    run(made, config, database)


@diary_cli.command("set")
def set_diary(
    associate: int,
    exclusive: Annotated[bool | None, typer.Option(help="Whether its time is given away once.")] = None,
    hours: Hours = None,
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """Say of an associate whether the diary is exclusive, and the working hours."""
    wanted = SetDiary(tenant_id=tenant, associate_id=associate, is_exclusive=exclusive, hours=hours)
    run(wanted, config, database)


@department_cli.command("set")
def set_department(
    department: int,
    hours: Hours = None,
    holiday: Annotated[
        list[str] | None, typer.Option(help='"2026-12-25 Christmas" (repeatable); replaces all.')
    ] = None,
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """Say when a department is open, and its holidays."""
    holidays = tuple(holiday) if holiday is not None else None
    wanted = SetDepartment(tenant_id=tenant, department_id=department, hours=hours, holidays=holidays)
    run(wanted, config, database)


@tenant_cli.command("set")
def set_tenant(
    redirect_host: Annotated[
        list[str] | None,
        typer.Option(help="A host that people may be led to after a call (repeatable); none: every public."),
    ] = None,
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """Say to which hosts people may be led after a call; replaces the list."""
    run(SetTenant(tenant_id=tenant, redirect_hosts=tuple(redirect_host or ())), config, database)
