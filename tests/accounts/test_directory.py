"""The directory: what it answers and when it reads anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts import kinds, service
from app.accounts.directory import directory
from app.core.errors import Refused
from tests.support.organs import City


def test_it_answers_by_unit_by_organ_and_by_code(any_db: str, city: City) -> None:
    book = directory()
    office = book.organ_by_code("office")
    assert office is not None and office.short_name == "市府办"
    assert [one.name for one in book.handled_by(office.id)] == ["云汀市人民政府办公室", "云汀市人民政府"]
    signer = book.post_in_organ(office.id, "signer")
    assert signer is not None and signer.unit_id is None
    assert [one.name for one in book.holders(signer.id)] == ["陆分明"]
    head = book.post_in_unit(city.units["office", "综合一科"], "unit_head")
    assert head is not None and head.name == "综合一科 科室负责人"
    assert book.post_in_organ(city.organs["government"], "signer") is None
    assert book.post_in_unit(city.units["office", "综合一科"], "signer") is None
    assert book.person(987654) is None and book.post(987654) is None and book.unit(987654) is None
    assert book.name_of(None) == "系统"


def test_people_of_a_post_come_in_the_order_of_their_appointment(city: City) -> None:
    post = city.post("office", "registrar")
    assert [one.name for one in directory().holders(post)] == ["白受之", "乔录言"]


def test_it_is_read_once_and_again_after_a_change(
    city: City, sql_counter: Callable[[], Any], app: Flask
) -> None:
    first = directory()
    with sql_counter() as count:
        assert directory() is first
    assert count.statements == 1
    service.create_unit(city.actor("kuang"), city.organs["county"], name="督查股")
    assert directory() is not first


def test_a_change_that_was_undone_leaves_no_trace_in_memory(city: City, session: Session) -> None:
    before = directory()
    with pytest.raises(Refused):
        service.create_unit(city.actor("kuang"), city.organs["office"], name="综合一科")
    assert [unit.name for unit in directory().units_of(city.organs["office"])].count("综合一科") == 1
    service.create_unit(city.actor("kuang"), city.organs["office"], name="真的新科室")
    names = [unit.name for unit in directory().units_of(city.organs["office"])]
    assert names[-1] == "真的新科室" and directory().version == before.version + 1


def test_every_kind_of_post_has_a_label_and_a_level() -> None:
    assert all(label and level in ("unit", "organ") for label, level in kinds.POST_KINDS.values())
    assert len({label for label, _ in kinds.POST_KINDS.values()}) == len(kinds.POST_KINDS)


def test_an_actor_knows_his_capacities(city: City) -> None:
    yan = city.actor("yan")
    assert yan.holds("secrecy_officer", city.organs["housing"])
    assert not yan.holds("secrecy_officer", city.organs["office"])
    assert city.actor("kuang").officer == "system_admin" and city.actor("kuang").kinds == frozenset()
