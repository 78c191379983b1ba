"""Small processes as cases of the office: a diagram of a test becomes a package, and people walk it.

    small = Small(city)
    small.put(diagram, *called)          installs them as active
    small.begin(units=["甲"])            starts a case; facts as the flow wants them
    small.do("b1", note="一")            whoever has the step completes it; `note` stays with the case
    small.back("b1", reason="再看")      the one who has `at` (or the first open step) returns the case to it
    small.waiting                        places that wait for somebody, sorted

Every step without a lane is work at 拟稿 of 综合一科, where 文承远 and 王芳 are.
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

import sqlalchemy as sa

from app.accounts.directory import directory
from app.cases import queries, service
from app.cases.models import Case, FlowRow
from app.cases.operations import returning
from app.cases.returns.past import Past, read, seal
from app.cases.submitted import Submitted
from app.core.actor import SYSTEM
from app.core.db import db
from app.processes import service as processes
from app.processes.packages import Package, assemble
from bench.rings import START
from tests.engine.diagrams import Diagram
from tests.support.organs import City
from tests.support.wholeness import problems
from workflows.engine import place_of

LANE = "承办科室"
_PACKAGE = """format = 1
key = "{key}"
name = "试办流程{n}"
owner = "测试"
startable = true
title = "{{title}}"
number = "试{n}〔{{year}}〕{{n}}号"
calls = [{calls}]

[[legal_basis]]
title = "测试"
articles = ["无"]

[lanes."承办科室"]
scope = "unit"
post = "drafter"

[lanes."科室负责人"]
scope = "unit"
post = "unit_head"

[lanes."核稿"]
scope = "organ"
post = "text_checker"

[lanes."签发"]
scope = "organ"
post = "signer"
"""
_STEP = """format = 1
title = "办理"

[[known]]
key = "title"
label = "标题"

[[field]]
key = "note"
label = "说明"
type = "text"

[[field]]
key = "paper"
label = "材料"
type = "files"

[[field]]
key = "opinion"
label = "意见"
type = "opinion"

[[field]]
key = "decision"
label = "办理"
type = "decision"
options = [
  { value = "agree", label = "同意", style = "primary" },
]
"""


def package(diagram: Diagram, *called: str) -> Package:
    """The package of a diagram: each step asks a note, a paper and an opinion."""
    steps = [
        each.split('id="')[1].split('"')[0]
        for each in _all_nodes(diagram)
        if each.startswith("<bpmn:userTask")
    ]
    laned = {step for steps_ in diagram.lanes.values() for step in steps_}
    own = [each.split('id="')[1].split('"')[0] for each in diagram.nodes]
    diagram.lane(LANE, *[step for step in own if step not in laned])
    calls = ", ".join(f'"{key}"' for key in called)
    texts = {
        "process.bpmn": diagram.xml().decode(),
        "package.toml": _PACKAGE.format(key=diagram.key, calls=calls, n=crc32(diagram.key.encode()) % 1000),
        "forms/start.toml": START,
    }
    return assemble(texts | {f"forms/{step}.toml": _STEP for step in steps})


def _all_nodes(diagram: Diagram) -> list[str]:
    inner = [f"<bpmn:{part}" for node in diagram.nodes for part in node.split("<bpmn:")[1:]]
    return [*diagram.nodes, *inner]


class Small:
    """One case of a small process, and the people of 综合一科 who walk it."""

    def __init__(self, city: City) -> None:
        self.city, self.id, self.key = city, 0, ""

    def put(self, diagram: Diagram, *called: Diagram) -> Small:
        """Install the process with those it calls."""
        names = [each.key for each in called]
        inner = [package(each, *names[number + 1 :]) for number, each in enumerate(called)]
        processes.install(SYSTEM, packages=[package(diagram, *names), *inner])
        self.key = diagram.key
        return self

    def begin(self, login: str = "wen", *, title: str = "关于试办的请示", **facts: Any) -> Small:
        """Start a case."""
        begun = service.start(
            self.city.actor(login),
            process=self.key,
            submitted=Submitted({"title": title}, facts),
            title=title,
        )
        self.id = int(begun["case"])
        return self

    # -- looking

    @property
    def items(self) -> list[dict[str, Any]]:
        """Every item of the case, in order."""
        db.session().commit()
        return queries.history(db.session(), self.id)

    @property
    def waiting(self) -> list[str]:
        """Places that wait for somebody."""
        return sorted(place_of(item["address"]) for item in self.items if item["status"] == "open")

    @property
    def case(self) -> Case:
        """The case as it stands."""
        session = db.session()
        session.commit()
        return session.get_one(Case, self.id, populate_existing=True)

    def item(self, place: str) -> dict[str, Any]:
        """The open item at a place."""
        found = [i for i in self.items if i["status"] == "open" and place_of(i["address"]) == place]
        assert len(found) == 1, (place, self.waiting)
        return found[0]

    def past(self) -> Past:
        """What was done so far."""
        session = db.session()
        session.commit()
        found = queries._case
        case = dict(session.execute(found, {"case": self.id}).mappings().one())
        return read(session, case, self.items, directory())

    def row_of(self, place: str) -> int:
        """The row of the last completion of a place that counts."""
        return max(done.seq for done in self.past().done if done.place == place)

    def rows(self, kind: str) -> list[FlowRow]:
        """Rows of one kind."""
        query = sa.select(FlowRow).where(FlowRow.case_id == self.id, FlowRow.kind == kind)
        return list(db.session().scalars(query.order_by(FlowRow.seq)))

    # -- doing

    def who(self, item: dict[str, Any]) -> str:
        """The login of somebody who may do an item."""
        people = directory()
        person = people.person(item["holder_id"]) if item["holder_id"] else people.holders(item["post_id"])[0]
        assert person is not None and person.login
        return person.login

    def do(self, *places: str, by: str = "", note: str = "", opinion: str = "", **facts: Any) -> Small:
        """Complete steps, one after the other."""
        for place in places:
            item = self.item(place)
            answers: dict[str, Any] = {
                "note": note or None,
                "decision": "agree",
                "opinion": opinion or None,
                "paper": [],
            }
            said = Submitted(answers, facts, decision="agree", decision_label="同意", opinion=opinion)
            service.complete(self.city.actor(by or self.who(item)), item_id=item["id"], submitted=said)
            self.whole()
        return self

    def back(
        self, place: str, *, at: str = "", reason: str = "请再核对", way: str = "redo"
    ) -> dict[str, Any]:
        """Return the case to the last completion of `place`, as whoever has `at` does it after reading the preview."""
        item = self.item(at or self.waiting[0])
        plan = self.past().plan(self.row_of(place))
        result: dict[str, Any] = returning.send_back(
            self.city.actor(self.who(item)),
            item_id=item["id"], target=plan.target, reason=reason, way=way, seal_seen=seal(plan, way),
        )  # fmt: skip
        self.whole()
        return result

    def finish(self, **facts: Any) -> Small:
        """Walk to the end, whatever waits, with the same facts everywhere."""
        for _step in range(40):
            if self.case.status == "done":
                return self
            self.do(self.waiting[0], **facts)
        raise AssertionError(f"does not end: {self.waiting}")

    def whole(self) -> None:
        """Nothing lost, nothing doubled: rows, state, items and record agree."""
        assert problems(db.session()) == []
