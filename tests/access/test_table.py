"""The access table is complete, and the application does what it says: every route, every kind of person."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.kinds import OFFICERS as OFFICER_KEYS
from app.accounts.kinds import POST_KINDS
from app.core import access
from app.core.access import ANYONE, BUSINESS, SIGNED_IN, Cell
from app.core.pages import SENTENCES
from tests.access.routes import RELATED, Route, routes, stale, undeclared
from tests.access.samples import all_samples
from tests.support.bodies import without_tokens
from tests.support.organs import OFFICERS, PEOPLE, City
from tests.support.signing import sign_in

#: who is tried -> login (None: not signed in)
TRIED = {
    "nobody": None,
    "a business clerk": "fang",
    "a unit administrator": "cheng",
    "a process administrator": "li",
    "another organ's clerk": "wang",
    "a clerk of the county office": "shui",
    "a signer": "ding",
    "the system administrator": "kuang",
    "the security administrator": "ping",
    "the auditor": "yu",
}


def capacities(login: str | None) -> set[str]:
    """What a person of the fixture is, in the words of the cells; written down apart from the application."""
    if login is None:
        return {ANYONE}
    for known, _, role in OFFICERS:
        if known == login:
            return {ANYONE, SIGNED_IN, role}
    posts = next(posts for known, _, _, _, posts in PEOPLE if known == login)
    return {ANYONE, SIGNED_IN, BUSINESS, *posts}


def turned_away(answer: TestResponse, login: str | None) -> bool:
    """Whether the gate refused: to the sign-in page (and back, after a GET), or 403 in the gate's own words."""
    if login is None:
        back = "/sign-in?next=" if answer.request.method == "GET" else "/sign-in"
        return answer.status_code == 302 and str(answer.location).startswith(back)
    if answer.status_code != 403:
        return False
    return SENTENCES[403][0] in (str(answer.json) if answer.is_json else answer.text)


def ask(
    client: FlaskClient, app: Flask, route: Route, login: str | None, before: Route | None
) -> TestResponse:
    """Ask as that person, for pages as a browser does and for acts as its scripts do, whose refusals are short; what
    only looks (`before`) has left the sign-in as it was."""
    if login is None:
        client.delete_cookie("gongkai")
    elif before is None or before.method != "GET":
        sign_in(client, login)
    wanted = "text/html" if route.method == "GET" else "application/json"
    return client.open(route.address(app), method=route.method, headers={"Accept": wanted})


def test_every_route_has_a_cell(app: Flask) -> None:
    assert undeclared(app) == []


def test_every_cell_has_a_route(app: Flask) -> None:
    assert stale(app) == []


def test_a_planted_route_without_a_cell_is_found_and_does_not_answer(
    app: Flask, city: City, client: FlaskClient
) -> None:
    app.add_url_rule("/planted", "planted", lambda: "open to everybody")
    assert undeclared(app) == ["GET planted"]
    sign_in(client, "kuang")
    answer = client.get("/planted")
    assert answer.status_code == 404 and "open to everybody" not in answer.text


def test_cells_name_known_people_and_relations(app: Flask) -> None:
    known = {ANYONE, SIGNED_IN, BUSINESS, *POST_KINDS, *OFFICER_KEYS}
    for route in routes(app):
        assert route.cell is not None
        assert route.cell.who and route.cell.who <= known, route.name
        assert route.cell.relation in access.RELATIONS, route.name


@pytest.mark.parametrize("who", TRIED)
def test_the_gate_does_what_the_cells_say(app: Flask, city: City, client: FlaskClient, who: str) -> None:
    login, wrong, before = TRIED[who], [], None
    for route in routes(app):
        if route.cell is None:
            continue  # test_every_route_has_a_cell fails
        answer, before = ask(client, app, route, login, before), route
        allowed = bool(route.cell.who & capacities(login))
        if allowed == turned_away(answer, login) or answer.status_code >= 500 or answer.status_code == 405:
            wrong.append(f"{route.name}: {'allowed' if allowed else 'refused'}, but {answer.status}")
    assert not wrong, f"{who}:\n" + "\n".join(wrong)


def needs_sample(route: Route) -> bool:
    cell: Cell | None = route.cell
    return cell is not None and cell.relation in RELATED and bool(route.rule.arguments)


def test_every_related_object_has_a_sample(app: Flask, city: City) -> None:
    samples = all_samples(city)
    assert sorted({r.endpoint for r in routes(app) if needs_sample(r)} - set(samples)) == []


def test_insiders_find_their_objects_and_outsiders_find_nothing(
    app: Flask, city: City, client: FlaskClient
) -> None:
    samples, wrong = all_samples(city), []
    for route in filter(needs_sample, routes(app)):
        sample = samples.get(route.endpoint)
        if sample is None:
            continue  # test_every_related_object_has_a_sample fails
        assert route.cell is not None
        assert route.cell.who & capacities(sample.outsider), (
            f"{route.name}: the outsider does not pass the gate"
        )
        address = route.address(app, dict(sample.args))
        sign_in(client, sample.outsider)
        missing = client.open(route.address(app), method=route.method, data=dict(sample.data))
        foreign = client.open(address, method=route.method, data=dict(sample.data))
        same = without_tokens(missing.text) == without_tokens(foreign.text)
        if (missing.status_code, foreign.status_code) != (404, 404) or not same:
            wrong.append(f"{route.name}: {sample.outsider} got {foreign.status}, missing {missing.status}")
        if route.method == "GET":
            own = sign_in(client, sample.insider).get(address)
            if own.status_code not in (200, 302, 303):
                wrong.append(f"{route.name}: {sample.insider} got {own.status}")
    assert not wrong, "\n".join(wrong)
