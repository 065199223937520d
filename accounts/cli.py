"""`flask accounts …`: the first administrator, and links for people who cannot get in."""

import click
from flask import current_app, url_for
from flask.cli import AppGroup

from accounts import queries, services
from accounts.admin.services import Seat, grant_by_hand
from accounts.factors import services as factors
from accounts.links.services import make_link
from accounts.passwords.services import Owner, refuse_poor
from accounts.rules import SITE, Role
from accounts.services import NewPerson, Office
from core.config import Settings
from core.errors import RuleBroken
from core.forms import PHONE, narrow
from core.passwords import hashed

group = AppGroup("accounts", help="People who sign in.")


@group.command("create-admin")
@click.option("--name", prompt=True, help="The administrator's name.")
@click.option("--login", prompt="Phone or e-mail", help="What they sign in with.")
@click.password_option(help="At least 15 characters; asked for when left out.")
def create_admin(name: str, login: str, password: str) -> None:
    """Make somebody a system administrator (no access to children's data)."""
    new = _contact(name, login)
    try:
        refuse_poor(password, Owner(new.name, new.phone, new.email))
        person_id = services.add_person(new, password_hash=hashed(password))
    except RuleBroken as refusal:
        raise click.ClickException(str(refusal)) from refusal
    services.grant(person_id, Office(Role.ADMIN), by=SITE, reason="create-admin")
    click.echo(f"{name} may sign in as {login}.")


def _contact(name: str, login: str) -> NewPerson:
    given = narrow(login)
    if "@" in given:
        return NewPerson(name.strip(), email=given)
    phone = PHONE.fullmatch(given.replace("-", ""))
    if not phone:
        raise click.ClickException("the login must be an e-mail address or an 11-digit phone")
    return NewPerson(name.strip(), phone=phone[1])


@group.command("grant")
@click.argument("login")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.option("--area", default="", help="Names of areas from large to small, space between.")
@click.option("--org-id", type=int, help="The organisation of an organisation's lead.")
@click.option("--reason", required=True, help="Why; kept with the role.")
def grant(login: str, role: str, *, area: str, org_id: int | None, reason: str) -> None:
    """Give somebody a role without a second administrator: for whoever holds the machine."""
    contact = _contact("", login)
    seat = Seat(Role(role), area, org_id)
    try:
        grant_by_hand(contact.phone or contact.email or "", seat, reason=reason)
    except RuleBroken as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{login} is {role} from now on.")


@group.command("sign-in-link")
@click.argument("login")
def sign_in_link(login: str) -> None:
    """Print a link that signs somebody in once, within 24 hours."""
    contact = _contact("", login)
    person = queries.person_by_contact(phone=contact.phone, email=contact.email)
    if person is None:
        raise click.ClickException("nobody has that phone or address")
    settings: Settings = current_app.extensions["settings"]
    secret = make_link(person.id)
    with current_app.test_request_context(base_url=settings.site_url):
        click.echo(url_for("accounts.sign_in_link", token=secret, _external=True))


@group.command("reset-factor")
@click.argument("login")
@click.option("--reason", prompt=True, help="Why; it is kept in the audit.")
def reset_factor(login: str, reason: str) -> None:
    """Take somebody's second factor away, from the machine itself: they set up a new one."""
    contact = _contact("", login)
    person = queries.person_by_contact(phone=contact.phone, email=contact.email)
    if person is None:
        raise click.ClickException("nobody has that phone or address")
    factors.reset(person.id, by=SITE, reason=reason)
    click.echo(f"{login} sets up a new second factor at the next sign-in.")
