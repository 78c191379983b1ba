"""The smallest process that runs: one step of its initiator. What a new process begins from."""

from __future__ import annotations

import json
import re

KEY = re.compile(r"[a-z][a-z0-9_]{1,39}\Z")

_DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" \
xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" \
xmlns:di="http://www.omg.org/spec/DD/20100524/DI" \
xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="definitions_{key}" \
targetNamespace="http://gongkai/bpmn/{key}">
  <bpmn:collaboration id="collaboration_{key}">
    <bpmn:participant id="pool_{key}" name="{name}" processRef="{key}" />
  </bpmn:collaboration>
  <bpmn:process id="{key}" name="{name}" isExecutable="true">
    <bpmn:laneSet id="lanes_{key}">
      <bpmn:lane id="lane_1" name="承办人">
        <bpmn:flowNodeRef>begin</bpmn:flowNodeRef>
        <bpmn:flowNodeRef>handle</bpmn:flowNodeRef>
        <bpmn:flowNodeRef>finish</bpmn:flowNodeRef>
      </bpmn:lane>
    </bpmn:laneSet>
    <bpmn:startEvent id="begin" name="开始">
      <bpmn:outgoing>to_handle</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:userTask id="handle" name="办理">
      <bpmn:extensionElements>
        <spiffworkflow:properties>
          <spiffworkflow:property name="role" value="work" />
        </spiffworkflow:properties>
      </bpmn:extensionElements>
      <bpmn:incoming>to_handle</bpmn:incoming>
      <bpmn:outgoing>to_finish</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:endEvent id="finish" name="办结">
      <bpmn:incoming>to_finish</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="to_handle" sourceRef="begin" targetRef="handle" />
    <bpmn:sequenceFlow id="to_finish" sourceRef="handle" targetRef="finish" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram_{key}">
    <bpmndi:BPMNPlane id="plane_{key}" bpmnElement="collaboration_{key}">
      <bpmndi:BPMNShape id="shape_pool" bpmnElement="pool_{key}" isHorizontal="true">
        <dc:Bounds x="120" y="80" width="700" height="200" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="shape_lane_1" bpmnElement="lane_1" isHorizontal="true">
        <dc:Bounds x="150" y="80" width="670" height="200" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="shape_begin" bpmnElement="begin">
        <dc:Bounds x="212" y="162" width="36" height="36" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="shape_handle" bpmnElement="handle">
        <dc:Bounds x="320" y="140" width="120" height="80" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="shape_finish" bpmnElement="finish">
        <dc:Bounds x="522" y="162" width="36" height="36" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="edge_to_handle" bpmnElement="to_handle">
        <di:waypoint x="248" y="180" />
        <di:waypoint x="320" y="180" />
      </bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="edge_to_finish" bpmnElement="to_finish">
        <di:waypoint x="440" y="180" />
        <di:waypoint x="522" y="180" />
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""

_SETTINGS = """format = 1
key = {key}
name = {name}
summary = ""
owner = "政务公开科"
startable = true
start_posts = []
title = "{{title}}"
number = "{{organ}}办〔{{year}}〕{{n}}号"
calls = []

[[legal_basis]]
title = "《中华人民共和国政府信息公开条例》（国务院令第711号）"
articles = ["第十九条"]

[lanes."承办人"]
scope = "initiator"
"""

_START = """format = 1
title = {title}

[[field]]
key = "title"
label = "标题"
type = "text"
required = true
"""

_STEP = """format = 1
title = "办理"

[[field]]
key = "result"
label = "办理结果"
type = "textarea"
required = true
"""

_SCENARIO = """name = "办完"
by = "甲"
answers = { title = "试办一件" }

[[step]]
step = "handle"
by = "甲"
answers = { result = "已办" }

[expect]
finished = true
"""


def parts(key: str, name: str) -> dict[str, str]:
    """The parts of a new process. `key` has passed `KEY`; `name` is any text."""
    shown = name.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    said = json.dumps(name, ensure_ascii=False)
    return {
        "process.bpmn": _DIAGRAM.format(key=key, name=shown),
        "package.toml": _SETTINGS.format(key=json.dumps(key), name=said),
        "forms/start.toml": _START.format(title=json.dumps(f"发起{name}", ensure_ascii=False)),
        "forms/handle.toml": _STEP,
        "scenarios/done.toml": _SCENARIO,
    }
