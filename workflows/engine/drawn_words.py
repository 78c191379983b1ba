"""What people call the shapes of a drawing: those that run, and those that are refused."""

from __future__ import annotations

from collections.abc import Mapping

#: element of BPMN -> its word, as the editor says it (frontend/src/js/studio/kinds.js)
KIND_WORDS: Mapping[str, str] = {
    "userTask": "环节", "manualTask": "线下环节", "serviceTask": "系统动作", "businessRuleTask": "决策",
    "callActivity": "调用流程", "subProcess": "子流程", "receiveTask": "等待消息", "exclusiveGateway": "排他网关",
    "parallelGateway": "并行网关", "inclusiveGateway": "包容网关", "eventBasedGateway": "事件网关",
    "startEvent": "开始", "endEvent": "结束", "intermediateCatchEvent": "等待的事件",
    "intermediateThrowEvent": "发出的事件", "boundaryEvent": "环节上的事件", "task": "没有类型的任务",
}  # fmt: skip

#: elements of BPMN that this system does not know -> their word
UNKNOWN_WORDS: Mapping[str, str] = {
    "dataObject": "数据对象", "dataObjectReference": "数据对象", "dataStore": "数据存储", "dataStoreReference": "数据存储",
    "dataState": "数据的状态", "dataInputAssociation": "数据的连线", "dataOutputAssociation": "数据的连线",
    "property": "图形自带的数据", "itemDefinition": "数据类型", "assignment": "赋值", "interface": "接口", "operation": "接口",
    "ioBinding": "接口", "endPoint": "接口的地址", "resource": "资源", "resourceRole": "图形自带的办理人",
    "performer": "图形自带的办理人", "humanPerformer": "图形自带的办理人", "potentialOwner": "图形自带的办理人",
    "rendering": "界面的设置", "monitoring": "监控的设置", "auditing": "审计的设置", "relationship": "与其他文件的关系",
    "extension": "扩展的声明", "conversation": "会话", "subConversation": "会话", "callConversation": "会话",
    "conversationNode": "会话", "conversationLink": "会话的连线", "choreography": "编排图", "choreographyTask": "编排图",
    "subChoreography": "编排图", "callChoreography": "编排图", "globalTask": "公用的任务", "globalUserTask": "公用的任务",
    "globalManualTask": "公用的任务", "globalScriptTask": "公用的任务", "globalBusinessRuleTask": "公用的任务",
    "participantMultiplicity": "参与方的份数", "partnerEntity": "合作方", "partnerRole": "合作方",
    "supportedInterfaceRef": "接口",
}  # fmt: skip

#: attributes that would ask for what this system does not do -> their word
ATTRIBUTE_WORDS: Mapping[str, str] = {
    "operationRef": "要调用的接口",
    "implementation": "怎样实现",
    "behavior": "每份办完发出的事件",
    "isImmediate": "“不马上判断”",
}
