"""Diagrams written for the tests: every kind of element of process and collaboration diagrams, and what other tools add.

Each is a complete file with its drawing. `DIAGRAMS` maps a name to the text; together with the shipped ones they go through
the editor and must come back with the same meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

NAMESPACES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:flowable="http://flowable.org/bpmn" '
    'xmlns:signavio="http://www.signavio.com" xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" '
    'xmlns:color="http://www.omg.org/spec/BPMN/non-normative/color/1.0" xmlns:yaoqiang="http://bpmn.sourceforge.net"'
)
_SHAPE = re.compile(
    r"<bpmn:(?P<kind>\w*(?:Task|Event|Gateway|[sS]ubProcess|SubProcess|transaction|callActivity|task|Reference|textAnnotation|group"
    r'))\s(?:[^>]*?\s)?id="(?P<id>[\w.-]+)"'
)
_EDGE = re.compile(
    r'<bpmn:(sequenceFlow|association|messageFlow|dataInputAssociation|dataOutputAssociation)\s(?:[^>]*?\s)?id="([\w.-]+)"'
)


def _drawing(plane: str, body: str, frames: tuple[str, ...], colours: str) -> Iterator[str]:
    yield f'<bpmndi:BPMNDiagram id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="{plane}">'
    for row, frame in enumerate(frames):
        yield (
            f'<bpmndi:BPMNShape id="{frame}_di" bpmnElement="{frame}" isHorizontal="true">'
            f'<dc:Bounds x="20" y="{20 + row * 300}" width="1900" height="280" /></bpmndi:BPMNShape>'
        )
    for place, found in enumerate(_SHAPE.finditer(body)):
        event = "Event" in found["kind"] or "Gateway" in found["kind"]
        width, height = (36, 36) if event else (100, 80)
        extra = ' isExpanded="true"' if "ubProcess" in found["kind"] or found["kind"] == "transaction" else ""
        mark = f" {colours}" if place == 1 and colours else ""
        yield (
            f'<bpmndi:BPMNShape id="{found["id"]}_di" bpmnElement="{found["id"]}"{extra}{mark}>'
            f'<dc:Bounds x="{80 + place % 10 * 170}" y="{60 + place // 10 * 130}" width="{width}" height="{height}" />'
            f'<bpmndi:BPMNLabel><dc:Bounds x="{80 + place % 10 * 170}" y="150" width="60" height="14" /></bpmndi:BPMNLabel>'
            "</bpmndi:BPMNShape>"
        )
    for place, found in enumerate(_EDGE.finditer(body)):
        yield (
            f'<bpmndi:BPMNEdge id="{found[2]}_di" bpmnElement="{found[2]}"><di:waypoint x="{100 + place}" y="90" />'
            f'<di:waypoint x="{200 + place}" y="90" /></bpmndi:BPMNEdge>'
        )
    yield "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>"


def diagram(
    body: str,
    *,
    roots: str = "",
    collaboration: str = "",
    frames: tuple[str, ...] = (),
    colours: str = "",
    head: str = "",
) -> str:
    """A file with one process around `body`; `roots` are further root elements, `frames` pools and lanes that are drawn."""
    plane = "collaboration" if collaboration else "process"
    around = (
        f'<bpmn:collaboration id="collaboration">{collaboration}</bpmn:collaboration>'
        if collaboration
        else ""
    )
    drawn = "".join(_drawing(plane, body + collaboration, frames, colours))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions {NAMESPACES} id="definitions" {head} '
        f'targetNamespace="http://example.cn/bpmn">{roots}{around}'
        f'<bpmn:process id="process" name="测试" isExecutable="true">{body}</bpmn:process>{drawn}</bpmn:definitions>'
    )


def chain(*nodes: str) -> str:
    """`nodes` between a start and an end; flows join them in order by their ids."""
    ids = ["begin", *(re.findall(r'\sid="([\w.-]+)"', node)[0] for node in nodes), "finish"]
    flows = [
        f'<bpmn:sequenceFlow id="flow_{place}" sourceRef="{one}" targetRef="{other}" />'
        for place, (one, other) in enumerate(zip(ids, ids[1:], strict=False))
    ]
    return (
        '<bpmn:startEvent id="begin" name="开始" />'
        + "".join(nodes)
        + '<bpmn:endEvent id="finish" />'
        + "".join(flows)
    )


def task(inner: str = "", *, kind: str = "userTask", more: str = "", name: str = "办理") -> str:
    """One activity with `inner` in it."""
    return f'<bpmn:{kind} id="work" name="{name}" {more}>{inner}</bpmn:{kind}>'


def extension(inner: str) -> str:
    """Extension elements."""
    return f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"


def caught(definition: str, kind: str = "intermediateCatchEvent", more: str = "") -> str:
    """An event with one definition."""
    return f'<bpmn:{kind} id="event" name="等" {more}>{definition}</bpmn:{kind}>'


_EXPRESSION = 'xsi:type="bpmn:tFormalExpression"'
_TASKS = (
    "task",
    "userTask",
    "manualTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "scriptTask",
    "businessRuleTask",
)
_EVENTS = {
    "timer_duration": f'<bpmn:timerEventDefinition id="d"><bpmn:timeDuration {_EXPRESSION}>"P7D"</bpmn:timeDuration></bpmn:timerEventDefinition>',
    "timer_date": f'<bpmn:timerEventDefinition id="d"><bpmn:timeDate {_EXPRESSION}>due_on</bpmn:timeDate></bpmn:timerEventDefinition>',
    "timer_cycle": f'<bpmn:timerEventDefinition id="d"><bpmn:timeCycle {_EXPRESSION}>R3/PT10H</bpmn:timeCycle></bpmn:timerEventDefinition>',
    "message": '<bpmn:messageEventDefinition id="d" messageRef="message" />',
    "signal": '<bpmn:signalEventDefinition id="d" signalRef="signal" />',
    "conditional": f'<bpmn:conditionalEventDefinition id="d"><bpmn:condition {_EXPRESSION}>stock &lt; 3</bpmn:condition></bpmn:conditionalEventDefinition>',
    "link": '<bpmn:linkEventDefinition id="d" name="A"><bpmn:target>elsewhere</bpmn:target></bpmn:linkEventDefinition>',
}
_ROOTS = (
    '<bpmn:message id="message" name="撤回" itemRef="item" /><bpmn:signal id="signal" name="通知" />'
    '<bpmn:error id="error" name="出错" errorCode="E1" /><bpmn:escalation id="escalation" name="升级" escalationCode="U1" />'
    '<bpmn:itemDefinition id="item" isCollection="false" itemKind="Information" structureRef="xsd:string" />'
)
_CHOICE = (
    '<bpmn:startEvent id="begin" /><bpmn:{kind} id="gate" default="usual" gatewayDirection="Diverging" />'
    '<bpmn:endEvent id="one" /><bpmn:endEvent id="other" /><bpmn:sequenceFlow id="in" sourceRef="begin" targetRef="gate" />'
    '<bpmn:sequenceFlow id="chosen" name="是" sourceRef="gate" targetRef="one">'
    f'<bpmn:conditionExpression {_EXPRESSION} language="http://www.w3.org/1999/XPath">a &lt; 3 and b != "x"</bpmn:conditionExpression>'
    '</bpmn:sequenceFlow><bpmn:sequenceFlow id="usual" isImmediate="true" sourceRef="gate" targetRef="other" />'
)
_LANES = (
    '<bpmn:laneSet id="lanes" name="岗位"><bpmn:lane id="lane_a" name="甲" partitionElementRef="nobody">'
    "<bpmn:flowNodeRef>begin</bpmn:flowNodeRef><bpmn:flowNodeRef>work</bpmn:flowNodeRef>"
    '<bpmn:childLaneSet id="inner"><bpmn:lane id="lane_b"><bpmn:flowNodeRef>work</bpmn:flowNodeRef></bpmn:lane></bpmn:childLaneSet>'
    '</bpmn:lane><bpmn:lane id="lane_c" name="乙"><bpmn:flowNodeRef>finish</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>'
)
_POOL = '<bpmn:participant id="pool" name="机关" processRef="process"><bpmn:participantMultiplicity maximum="3" /></bpmn:participant>'
_SPIFF = (
    '<spiffworkflow:properties><spiffworkflow:property name="role" value="review" />'
    '<spiffworkflow:property name="internal_days" value="2" /></spiffworkflow:properties>'
)
_CAMUNDA = (
    '<camunda:formData><camunda:formField id="a" label="A" type="string"><camunda:validation>'
    '<camunda:constraint name="required" config="true" /></camunda:validation></camunda:formField></camunda:formData>'
    '<camunda:inputOutput><camunda:inputParameter name="x">${y}</camunda:inputParameter><camunda:outputParameter name="z">'
    '<camunda:script scriptFormat="groovy">1+1</camunda:script></camunda:outputParameter></camunda:inputOutput>'
)
_MULTI = (
    '<bpmn:multiInstanceLoopCharacteristics id="loop" isSequential="true" behavior="All"><bpmn:loopDataInputRef>units</bpmn:loopDataInputRef>'
    '<bpmn:loopDataOutputRef>answers</bpmn:loopDataOutputRef><bpmn:inputDataItem id="unit" name="科室" /><bpmn:outputDataItem id="answer" />'
    f'<bpmn:completionCondition {_EXPRESSION}>answer == "no"</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>'
)
_SPECIFICATION = (
    '<bpmn:ioSpecification id="io"><bpmn:dataInput id="reply" name="送签的" itemSubjectRef="xsd:string" /><bpmn:dataOutput id="reply" />'
    '<bpmn:dataOutput id="signed" isCollection="true" /><bpmn:inputSet id="is" name="进"><bpmn:dataInputRefs>reply</bpmn:dataInputRefs></bpmn:inputSet>'
    '<bpmn:outputSet id="os"><bpmn:dataOutputRefs>signed</bpmn:dataOutputRefs></bpmn:outputSet></bpmn:ioSpecification>'
)
_SUB = (
    '<bpmn:{kind} id="sub" name="里面" {more}><bpmn:startEvent id="sub_begin" /><bpmn:task id="sub_task" /><bpmn:endEvent id="sub_end" />'
    '<bpmn:sequenceFlow id="sub_a" sourceRef="sub_begin" targetRef="sub_task" /><bpmn:sequenceFlow id="sub_b" sourceRef="sub_task" targetRef="sub_end" />'
    "{inner}</bpmn:{kind}>"
)


def _boundary(definition: str, more: str = "") -> str:
    extra = f'<bpmn:boundaryEvent id="edge" attachedToRef="work" {more}>{definition}</bpmn:boundaryEvent>'
    return chain(task()) + extra + '<bpmn:sequenceFlow id="late" sourceRef="edge" targetRef="finish" />'


DIAGRAMS: dict[str, str] = {
    **{f"a {kind}": diagram(chain(task(kind=kind))) for kind in _TASKS},
    **{f"catching {name}": diagram(chain(caught(text)), roots=_ROOTS) for name, text in _EVENTS.items()},
    **{
        f"{kind} with conditions": diagram(_CHOICE.replace("{kind}", kind))
        for kind in ("exclusiveGateway", "inclusiveGateway", "complexGateway")
    },
    "a parallel gateway": diagram(chain('<bpmn:parallelGateway id="fork" name="分" />', '<bpmn:parallelGateway id="join" />')),
    "an event gateway": diagram(
        chain(
            '<bpmn:eventBasedGateway id="gate" instantiate="false" eventGatewayType="Exclusive" />', caught(_EVENTS["message"])
        ),
        roots=_ROOTS,
    ),
    "throwing a signal": diagram(chain(caught(_EVENTS["signal"], "intermediateThrowEvent")), roots=_ROOTS),
    "throwing an escalation": diagram(
        chain(caught('<bpmn:escalationEventDefinition id="d" escalationRef="escalation" />', "intermediateThrowEvent")), roots=_ROOTS
    ),
    "throwing compensation": diagram(
        chain(task(), caught('<bpmn:compensateEventDefinition id="d" waitForCompletion="true" activityRef="work" />', "intermediateThrowEvent"))
    ),
    "a start by a timer": diagram(chain(task()).replace('name="开始" />', f'name="开始" isInterrupting="false">{_EVENTS["timer_cycle"]}</bpmn:startEvent>')),
    "an end with an error": diagram(
        chain(task()).replace('<bpmn:endEvent id="finish" />', '<bpmn:endEvent id="finish"><bpmn:errorEventDefinition errorRef="error" /></bpmn:endEvent>'),
        roots=_ROOTS,
    ),
    "an end that terminates": diagram(
        chain(task()).replace('<bpmn:endEvent id="finish" />', '<bpmn:endEvent id="finish"><bpmn:terminateEventDefinition id="d" /></bpmn:endEvent>')
    ),
    "a timer on the edge": diagram(_boundary(_EVENTS["timer_duration"], 'cancelActivity="false"')),
    "an error on the edge": diagram(_boundary('<bpmn:errorEventDefinition id="d" errorRef="error" />'), roots=_ROOTS),
    "two triggers at once": diagram(
        chain(caught(_EVENTS["message"].replace('"d"', '"d1"') + _EVENTS["signal"].replace('"d"', '"d2"'), more='parallelMultiple="true"')), roots=_ROOTS
    ),
    "a trigger by reference": diagram(
        chain(caught("<bpmn:eventDefinitionRef>shared</bpmn:eventDefinitionRef>")),
        roots=_ROOTS + '<bpmn:messageEventDefinition id="shared" messageRef="message" />',
    ),
    "a sub-process": diagram(chain(_SUB.format(kind="subProcess", more="", inner=""))),
    "an event sub-process": diagram(chain(task()) + _SUB.format(kind="subProcess", more='triggeredByEvent="true"', inner="")),
    "a transaction": diagram(chain(_SUB.format(kind="transaction", more='method="##Compensate"', inner=""))),
    "an ad hoc sub-process": diagram(
        chain(
            _SUB.format(
                kind="adHocSubProcess", more='ordering="Sequential" cancelRemainingInstances="false"',
                inner=f"<bpmn:completionCondition {_EXPRESSION}>done</bpmn:completionCondition>",
            )
        )
    ),
    "a call": diagram(chain(task(kind="callActivity", more='calledElement="other_process"'))),
    "several in sequence": diagram(chain(task(_MULTI))),
    "a fixed number": diagram(
        chain(task(f"<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality {_EXPRESSION}>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"))
    ),
    "a loop": diagram(
        chain(task(f'<bpmn:standardLoopCharacteristics testBefore="true" loopMaximum="5"><bpmn:loopCondition {_EXPRESSION}>again</bpmn:loopCondition></bpmn:standardLoopCharacteristics>'))
    ),
    "quantities and compensation": diagram(chain(task(more='startQuantity="2" completionQuantity="3" isForCompensation="true"'))),
    "inputs and outputs of one name": diagram(_SPECIFICATION + chain(task())),
    "data": diagram(
        chain(
            task(
                '<bpmn:property id="p" name="__target" /><bpmn:dataInputAssociation id="reads"><bpmn:sourceRef>file</bpmn:sourceRef>'
                "<bpmn:targetRef>p</bpmn:targetRef><bpmn:transformation>upper(x)</bpmn:transformation><bpmn:assignment id=\"as\"><bpmn:from>a</bpmn:from><bpmn:to>b</bpmn:to></bpmn:assignment></bpmn:dataInputAssociation><bpmn:dataOutputAssociation id=\"writes\">"
                "<bpmn:targetRef>store</bpmn:targetRef></bpmn:dataOutputAssociation>"
            )
        )
        + '<bpmn:dataObject id="object" isCollection="true" itemSubjectRef="item" /><bpmn:dataObjectReference id="file" name="案卷" dataObjectRef="object">'
        '<bpmn:dataState id="state" name="已归档" /></bpmn:dataObjectReference><bpmn:dataStoreReference id="store" dataStoreRef="archive" />',
        roots=_ROOTS + '<bpmn:dataStore id="archive" name="档案库" capacity="10" isUnlimited="false" />',
    ),
    "annotations and groups": diagram(
        chain(task())
        + '<bpmn:textAnnotation id="note" textFormat="text/plain"><bpmn:text>两行\n文字 &lt;b&gt;</bpmn:text></bpmn:textAnnotation>'
        '<bpmn:association id="dotted" associationDirection="One" sourceRef="work" targetRef="note" /><bpmn:group id="frame" categoryValueRef="value" />',
        roots='<bpmn:category id="category" name="阶段"><bpmn:categoryValue id="value" value="审查" /></bpmn:category>',
    ),
    "lanes in lanes": diagram(_LANES + chain(task()), collaboration=_POOL, frames=("pool", "lane_a", "lane_b", "lane_c")),
    "two pools and a message": diagram(
        chain(task()),
        collaboration=_POOL
        + '<bpmn:participant id="outside" name="申请人" /><bpmn:messageFlow id="letter" name="答复" sourceRef="work" targetRef="outside" messageRef="message" />'
        '<bpmn:textAnnotation id="remark"><bpmn:text>寄出</bpmn:text></bpmn:textAnnotation>',
        frames=("pool", "outside"),
        roots=_ROOTS,
    ),
    "settings of our own": diagram(
        chain(
            task(extension(_SPIFF)),
            '<bpmn:serviceTask id="act">' + extension(
                '<spiffworkflow:serviceTaskOperator id="letter.issue" resultVariable="r"><spiffworkflow:parameters>'
                '<spiffworkflow:parameter id="kind" type="str" value="&quot;L3&quot;" /></spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>'
            ) + "</bpmn:serviceTask>",
            '<bpmn:businessRuleTask id="rule">' + extension("<spiffworkflow:calledDecisionId>levels</spiffworkflow:calledDecisionId>") + "</bpmn:businessRuleTask>",
        )
    ),
    "extensions of Camunda": diagram(
        chain(task(extension(_CAMUNDA + _SPIFF), more='camunda:assignee="${initiator}" camunda:candidateGroups="a,b" camunda:asyncBefore="true"'))
    ),
    "extensions of Zeebe": diagram(
        chain(task(extension('<zeebe:taskDefinition type="pay" retries="3" /><zeebe:ioMapping><zeebe:input source="= a" target="b" /></zeebe:ioMapping>'), kind="serviceTask"))
    ),
    "extensions of Flowable": diagram(
        chain(
            task(
                extension('<flowable:formProperty id="x" name="X" type="enum"><flowable:value id="1" name="一" /></flowable:formProperty><flowable:taskListener event="create" class="a.B" />'),
                more='flowable:assignee="$INITIATOR" flowable:formFieldValidation="true"',
            )
        )
    ),
    "metadata of Signavio": diagram(
        extension('<signavio:signavioDiagramMetaData metaKey="revisionid" metaValue="1f" />')
        + chain(task(extension('<signavio:signavioMetaData metaKey="bgcolor" metaValue="#ffffcc" /><yaoqiang:style>a=b;c=d</yaoqiang:style>')))
    ),
    "colours": diagram(
        chain(task()),
        colours='bioc:stroke="#1e88e5" bioc:fill="#bbdefb" color:background-color="#bbdefb" color:border-color="#1e88e5"',
    ),
    "names in markup": diagram(chain(task(name="&lt;img src=x onerror=alert(1)&gt; &amp; “引号”"))),
    "documentation": diagram(
        '<bpmn:documentation id="about" textFormat="text/plain">第一段\n\n  缩进的第二段</bpmn:documentation>'
        + chain(task("<bpmn:documentation>甲</bpmn:documentation><bpmn:documentation>乙</bpmn:documentation>"))
    ),
    "monitoring and performers": diagram(
        '<bpmn:auditing id="audit" /><bpmn:monitoring id="watch" />'
        + chain(
            task(
                '<bpmn:potentialOwner id="owner" name="科室"><bpmn:resourceRef>unit</bpmn:resourceRef><bpmn:resourceAssignmentExpression><bpmn:formalExpression>group("a")</bpmn:formalExpression></bpmn:resourceAssignmentExpression></bpmn:potentialOwner>'
                '<bpmn:rendering id="shown" />', more='implementation="##unspecified"',
            )
        ),
        roots='<bpmn:resource id="unit" name="科室" />',
    ),
    "interfaces and correlation": diagram(
        chain(task(kind="serviceTask", more='operationRef="operation" implementation="##WebService"')),
        roots=_ROOTS
        + '<bpmn:interface id="interface" name="I" implementationRef="xsd:any"><bpmn:operation id="operation" name="O"><bpmn:inMessageRef>message</bpmn:inMessageRef></bpmn:operation></bpmn:interface>'
        '<bpmn:correlationProperty id="correlation" name="号" type="xsd:string"><bpmn:correlationPropertyRetrievalExpression messageRef="message"><bpmn:messagePath>number</bpmn:messagePath></bpmn:correlationPropertyRetrievalExpression></bpmn:correlationProperty>',
        collaboration=_POOL + '<bpmn:correlationKey id="key" name="键"><bpmn:correlationPropertyRef>correlation</bpmn:correlationPropertyRef></bpmn:correlationKey>',
        frames=("pool",),
    ),
    "words of the file": diagram(
        chain(task()),
        head='name="文件" exporter="别的工具" exporterVersion="1.2" expressionLanguage="http://www.w3.org/1999/XPath" typeLanguage="http://www.w3.org/2001/XMLSchema"',
        roots='<bpmn:import namespace="http://x.cn" location="x.xsd" importType="http://www.w3.org/2001/XMLSchema" /><bpmn:extension mustUnderstand="false" definition="signavio:x" />',
    ),
    "references to nothing": diagram(
        chain(
            caught('<bpmn:messageEventDefinition id="d" messageRef="gone" />'),
            task(kind="receiveTask", more='messageRef="also_gone" instantiate="true"'),
        )
    ),
}  # fmt: skip
