"""Chinese names of what a diagram consists of."""

from __future__ import annotations

from collections.abc import Mapping

from app.processes import limits
from workflows.engine.drawn_words import KIND_WORDS

KINDS: Mapping[str, str] = {
    **KIND_WORDS, "sendTask": "发送消息", "scriptTask": "脚本", "complexGateway": "复杂网关", "sequenceFlow": "连线",
    "lane": "泳道", "participant": "泳池", "process": "流程", "collaboration": "流程图", "textAnnotation": "文字注释",
    "group": "分组框", "association": "虚线", "message": "消息", "signal": "信号", "error": "错误", "escalation": "升级",
    "messageFlow": "消息流", "dataObject": "数据", "dataObjectReference": "数据", "dataStoreReference": "数据存储",
    "dataStore": "数据存储", "adHocSubProcess": "临时子流程", "transaction": "事务子流程", "category": "类别",
    "correlationProperty": "关联内容", "correlationKey": "关联",
}  # fmt: skip
EVENTS: Mapping[str, str] = {
    "timerEventDefinition": "定时", "messageEventDefinition": "消息", "signalEventDefinition": "信号",
    "errorEventDefinition": "错误", "escalationEventDefinition": "升级", "terminateEventDefinition": "全部结束",
    "cancelEventDefinition": "取消", "compensateEventDefinition": "补偿", "conditionalEventDefinition": "条件",
    "linkEventDefinition": "跳转",
}  # fmt: skip
SETTINGS: Mapping[str, str] = {
    "role": "性质", "form": "表单", "internal_days": "内部时限（工作日）", "internal_hours": "内部时限（工作小时）",
    **limits.WORDS, "operations": "可以做的操作",
    "joint_with": "并签的环节", "letter": "显示哪种文书的稿", "signs": "同意即签发的文书", "desk": "归入哪个工作台",
    "offline": "可以线下签批回填", "button": "按钮的字", "countersign": "会签", "signers": "至少几人加签",
    "skip_if": "办过前一步的人不必再办",
}  # fmt: skip
ROLES: Mapping[str, str] = {"draft": "起草", "work": "经办", "review": "审核", "sign": "签发", "wait": "等待"}
#: how a 会签 is counted, as the editor of diagrams says it
COUNTERSIGNS: Mapping[str, str] = {
    "all": "全部同意才通过", "ratio": "按比例通过", "veto": "一票否决", "first": "或签：第一个人定", "sequence": "依次会签",
}  # fmt: skip
ATTRIBUTES: Mapping[str, str] = {
    "sourceRef": "从", "targetRef": "到", "calledElement": "调用的流程", "attachedToRef": "附在", "cancelActivity": "打断环节",
    "isInterrupting": "打断", "triggeredByEvent": "由事件引起", "processRef": "流程", "isExecutable": "由系统照图办理",
    "messageRef": "消息", "dataObjectRef": "数据", "dataStoreRef": "数据存储", "errorCode": "错误代码",
    "escalationCode": "升级代码", "instantiate": "由消息开始", "isCollection": "一组", "eventGatewayType": "种类",
    "gatewayDirection": "方向", "processType": "流程种类", "isClosed": "封闭", "associationDirection": "箭头",
    "categoryValueRef": "类别",
}  # fmt: skip
CHILDREN: Mapping[str, str] = {
    "documentation": "说明", "text": "文字", "script": "脚本", "property": "数据", "dataInputAssociation": "带入的数据",
    "dataOutputAssociation": "带出的数据", "dataState": "数据状态", "potentialOwner": "办理人", "performer": "办理人",
    "humanPerformer": "办理人", "resourceRole": "办理人", "eventDefinitionRef": "触发", "completionCondition": "提前结束",
    "participantMultiplicity": "参与者数", "dataInput": "带入的数据", "dataOutput": "带出的数据",
}  # fmt: skip
VALUES: Mapping[str, str] = {"true": "是", "false": "否"}
#: what an attribute means when it is not written
DEFAULTS: Mapping[str, str] = {
    "cancelActivity": "true", "isInterrupting": "true", "triggeredByEvent": "false", "isExecutable": "false",
    "instantiate": "false", "gatewayDirection": "Unspecified", "startQuantity": "1", "completionQuantity": "1",
    "isForCompensation": "false", "parallelMultiple": "false", "isCollection": "false", "processType": "None",
    "isClosed": "false", "implementation": "##unspecified", "eventGatewayType": "Exclusive", "associationDirection": "None",
    "isImmediate": "true",
}  # fmt: skip
