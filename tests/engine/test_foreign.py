"""Diagrams of other tools: what is repaired is said, what comes out runs, draws and opens elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
import SpiffWorkflow.bpmn.parser
from lxml import etree

from workflows.engine import DefinitionRefused, check_alone, load
from workflows.engine.foreign import repair
from workflows.engine.foreign.texts import translated
from workflows.engine.model import Source
from workflows.engine.xml import BPMN, local, read_bpmn, tag

HERE = Path(__file__).parent / "foreign"
FILES = {path.stem: path.read_bytes() for path in sorted(HERE.glob("*.bpmn"))}
ROOT = Path(__file__).parents[2]
XSD = Path(SpiffWorkflow.bpmn.parser.__file__).parent / "schema" / "BPMN20.xsd"
#: what only a person can know stays a finding
LEFT = {
    "bizagi_implicit": {"missing_condition"},
    "signavio_collab": {"missing_condition"},
    "miwg_everything": {"complex_gateway"},
}


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    """The BPMN 2.0 schema, as the library ships it."""
    return etree.XMLSchema(etree.parse(str(XSD)))


def repaired(name: str) -> tuple[bytes, list[tuple[str, str]]]:
    process = "PB_process" if name == "two_pools" else ""
    data, repairs = repair(FILES[name], process=process)
    assert all(any("\u4e00" <= each <= "\u9fff" for each in made.message) for made in repairs)
    return data, [(made.element, made.rule) for made in repairs]


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 12


@pytest.mark.parametrize("name", FILES)
def test_what_comes_out_passes_the_check_but_for_what_only_a_person_knows(name: str) -> None:
    data, _repairs = repaired(name)
    found = check_alone(data)
    assert {each.rule for each in found if each.severity == "error"} == LEFT.get(name, set())


@pytest.mark.parametrize("name", FILES)
def test_what_comes_out_is_valid_bpmn_for_other_tools(name: str, schema: etree.XMLSchema) -> None:
    schema.assertValid(etree.fromstring(repaired(name)[0]))


@pytest.mark.parametrize("path", sorted(ROOT.glob("bpmn/*/process.bpmn")), ids=lambda path: path.parent.name)
def test_what_we_export_is_valid_bpmn_for_other_tools(path: Path, schema: etree.XMLSchema) -> None:
    schema.assertValid(etree.fromstring(path.read_bytes()))


@pytest.mark.parametrize("path", sorted(ROOT.glob("bpmn/*/process.bpmn")), ids=lambda path: path.parent.name)
def test_another_tool_needs_none_of_our_extensions(path: Path, schema: etree.XMLSchema) -> None:
    root = etree.fromstring(path.read_bytes())
    for each in list(root.iter(tag("extensionElements"))):
        each.getparent().remove(each)  # type: ignore[union-attr]
    schema.assertValid(root)


@pytest.mark.parametrize("name", FILES)
def test_repairing_again_changes_nothing(name: str) -> None:
    data, _repairs = repaired(name)
    again, repairs = repair(data)
    assert again == data
    assert repairs == ()


@pytest.mark.parametrize("path", sorted(ROOT.glob("bpmn/*/process.bpmn")), ids=lambda path: path.parent.name)
def test_our_own_diagrams_need_no_repair(path: Path) -> None:
    data, repairs = repair(path.read_bytes())
    assert repairs == ()
    assert etree.tostring(read_bpmn(data), method="c14n") == etree.tostring(
        read_bpmn(path.read_bytes()), method="c14n"
    )


@pytest.mark.parametrize("name", FILES)
def test_every_shape_draws_something_that_is_there(name: str) -> None:
    root = read_bpmn(repaired(name)[0])
    ids = {each.get("id") for each in root.iter(f"{{{BPMN}}}*")}
    assert all(each.get("bpmnElement") in ids for each in root.iter() if each.get("bpmnElement"))


def test_the_process_takes_the_key_that_is_wanted_everywhere() -> None:
    data, repairs = repair(FILES["signavio_collab"], key="foi")
    root = read_bpmn(data)
    assert root.find(tag("process")).get("id") == "foi"  # type: ignore[union-attr]
    assert root.find(f".//{tag('participant')}").get("processRef") == "foi"  # type: ignore[union-attr]
    assert ("foi", "process_key") in [(each.element, each.rule) for each in repairs]


def test_several_processes_are_not_guessed_between() -> None:
    with pytest.raises(DefinitionRefused, match="PA_process.*PB_process"):
        repair(FILES["two_pools"])
    with pytest.raises(DefinitionRefused, match="没有编号为“nobody”"):
        repair(FILES["two_pools"], process="nobody")
    data, repairs = repair(FILES["two_pools"], process="PA_process", key="letter")
    assert [each.element for each in repairs if each.rule in ("pool", "message_flow")] == ["PB", "MF"]
    assert load(Source("letter", data)).steps["letter", "a2"].label == "发函"


def test_a_script_is_kept_to_read_and_never_to_run() -> None:
    data, repairs = repaired("flowable_leave")
    assert ("notify", "script") in repairs
    node = next(each for each in read_bpmn(data).iter(tag("manualTask")) if each.get("id") == "notify")
    assert "pwned" in str(node.findtext(tag("documentation")))
    assert not any(local(each) == "script" for each in node)


def test_links_stay_as_they_are_drawn_and_are_run_as_the_flow_they_mean() -> None:
    data, _repairs = repaired("visio_links")
    assert data.count(b"linkEventDefinition") == FILES["visio_links"].count(b"linkEventDefinition")
    assert load(Source("wfp_6", data)).steps["wfp_6", "b"].label == "第二页"


def test_documentation_in_html_becomes_words() -> None:
    data, repairs = repaired("signavio_collab")
    assert ("sid-TA", "shown") in repairs
    note = next(read_bpmn(data).iter(tag("textAnnotation")))
    assert (note.findtext(tag("documentation")) or "").split() == ["自", "收到", "之日起", "计算"]


def test_every_repair_points_to_something_that_is_there_or_says_that_it_went() -> None:
    for name in set(FILES) - {"two_pools"}:
        data, repairs = repaired(name)
        ids = {each.get("id") for each in read_bpmn(data).iter(f"{{{BPMN}}}*")} | {""}
        gone = {"pool", "message_flow", "data", "loose_flow", "unsupported"}
        assert [each for each in repairs if each[0] not in ids and each[1] not in gone] == []


#: a repair of these may be left without anything to mend: what it would change does nothing as it stands
HARMLESS = {"not_executable", "expression", "default_condition"}


@pytest.mark.parametrize("name", FILES)
def test_a_repair_that_is_left_is_not_made_and_the_check_finds_what_it_would_have_mended(name: str) -> None:
    process = "PB_process" if name == "two_pools" else ""
    data, repairs = repair(FILES[name], process=process)
    mended = {(each.element, each.rule) for each in check_alone(data)}
    chosen = [each for each in repairs if each.choice]
    assert len({each.choice for each in chosen}) == len(chosen)
    for one in chosen:
        left, told = repair(FILES[name], key="another", process=process, left=[one.choice])
        assert [each.choice for each in told if each.left] == [one.choice]
        found = {(each.element, each.rule) for each in check_alone(left) if each.severity == "error"}
        assert found - mended or one.rule in HARMLESS, one
    bare, told = repair(FILES[name], process=process, left=[each.choice for each in chosen])
    assert not [each for each in told if each.choice and not each.left and each in chosen]
    assert check_alone(bare)


def test_vendor_extensions_stay_in_the_file() -> None:
    data, _repairs = repaired("camunda7_invoice")
    assert b'camunda:candidateGroups="accounting"' in data
    assert b"camunda:formField" in data


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("${amount > 100 && !urgent}", "amount > 100 and not urgent"),
        ('=kind = "a=b" and level >= 2', 'kind == "a=b" and level >= 2'),
        ("#{ok == true || count ne 3}", "ok == True or count != 3"),
        ("${a eq 'b'}", "a == 'b'"),
        ("${execution.getVariable('x')}", None),
        ("to.indexOf('office') !== -1", None),
        ("${" + "a && " * 5000 + "b}", None),
    ],
)
def test_conditions_of_other_tools_are_read_where_they_mean_the_same(text: str, ours: str | None) -> None:
    assert translated(text) == ours


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<html/>", b"<!DOCTYPE x><a/>", FILES["miwg_everything"].replace(b"process", b"choreography"),
        FILES["bpmn_io_sketch"].replace(b"</bpmn2:process>", b"<bpmn2:task/>" * 201 + b"</bpmn2:process>"),
    ],
)  # fmt: skip
def test_what_is_no_process_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(DefinitionRefused) as refusal:
        repair(data)
    assert "请" in str(refusal.value)
