"""Every macro with sample data, on pages like the real ones. `python -m tests.ui_gallery.gallery` serves them for looking."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

from flask import Flask, Response, flash, jsonify, render_template, request
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.file import FileField
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from wtforms import (
    BooleanField,
    DateField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.core import assets
from app.core.whole import whole
from forms.builder import Around, bind
from forms.conditions import for_browser
from forms.reading import read_definition

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PAGES = (
    "inbox",
    "inbox-empty",
    "step",
    "step-errors",
    "form",
    "form-review",
    "case",
    "list",
    "words",
    "error-404",
    "error-409",
    "error-500",
    "sign-in",
    "print-sheet",
)


def options(*pairs: tuple[str, str]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


class Checkboxes(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class StepForm(FlaskForm):
    title = StringField("文件标题", [DataRequired("请填写文件标题"), Length(max=120)])
    doc_date = DateField("成文日期", [DataRequired("请填写成文日期")], description="以印发或签发的日期为准。")
    kind = SelectField(
        "文种",
        [DataRequired()],
        choices=options(("", "请选择"), ("notice", "通知"), ("reply", "复函"), ("minutes", "纪要")),
    )
    attribute = RadioField(
        "公开属性",
        [DataRequired("请选择公开属性")],
        choices=options(("public", "主动公开"), ("on_request", "依申请公开"), ("not_public", "不予公开")),
    )
    clause = SelectField(
        "不予公开理由",
        [Optional()],
        choices=options(
            ("", "请选择条款"),
            ("N14b", "法律、行政法规禁止公开"),
            ("N16a", "内部事务信息"),
            ("N16b", "过程性信息"),
        ),
        description="选条款，再写说明。",
    )
    reason = TextAreaField(
        "理由说明",
        [Length(max=500)],
        description="写清属于哪一类信息、为什么不宜公开；不能只写「内部文件」。",
    )
    aims = Checkboxes(
        "解读材料", choices=options(("text", "文字解读"), ("chart", "图表解读"), ("qa", "问答"))
    )
    opinion = TextAreaField("拟办意见", [DataRequired("请写明拟办意见"), Length(max=500)])
    file = FileField("文件正文", description="支持 DOCX、PDF、OFD，单个不超过 20 MB。")
    selfcheck = BooleanField("本人已自查，文件不含国家秘密", [DataRequired("请确认自查结果")])


NAV = [
    {
        "label": "办件",
        "items": [
            {
                "label": "待办",
                "url": "/inbox",
                "endpoint": "inbox",
                "count": 14,
                "icon": "inbox",
                "key": "t",
                "phone": True,
            },
            {
                "label": "已办",
                "url": "/list",
                "endpoint": "done",
                "count": None,
                "icon": "done",
                "key": "y",
                "phone": True,
            },
            {"label": "待阅", "url": "/words", "endpoint": "read", "count": 3, "icon": "eye", "key": "r"},
            {"label": "我拟的", "url": "/case", "endpoint": "mine", "count": None, "icon": "pen", "key": "m"},
            {
                "label": "新办件",
                "url": "/step",
                "endpoint": "start",
                "count": None,
                "icon": "plus",
                "key": "n",
            },
        ],
    },
    {
        "label": "公文与审查",
        "items": [
            {"label": "公文", "url": "/documents", "endpoint": "documents", "count": None, "icon": "doc"},
            {"label": "保密审查", "url": "/reviews", "endpoint": "reviews", "count": 2, "icon": "shield"},
            {
                "label": "发文登记簿导入",
                "url": "/import",
                "endpoint": "import",
                "count": None,
                "icon": "upload",
            },
        ],
    },
    {
        "label": "本单位",
        "items": [
            {"label": "科室与人员", "url": "/people", "endpoint": "people", "count": None, "icon": "people"},
            {"label": "流程", "url": "/processes", "endpoint": "processes", "count": None, "icon": "flow"},
            {
                "label": "工作日历",
                "url": "/calendar",
                "endpoint": "calendar",
                "count": None,
                "icon": "calendar",
            },
        ],
    },
]
ME = {
    "name": "江维公",
    "organ_name": "云汀市人民政府办公室",
    "unit_name": "政务公开科",
    "post_names": ["科长", "政府信息公开工作机构负责人"],
    "is_officer": False,
}
ROWS = [
    (
        "属2026-0131",
        "关于印发云汀市城镇老旧小区改造实施细则的通知",
        "科长审核",
        "文承远",
        "2026-11-20",
        -1,
        "征收科退回两次",
    ),
    ("属2026-0134", "关于柳川县请求支持污水厂扩建的复函", "签发", "申牧之", "2026-11-23", 0, None),
    ("属2026-0135", "2026年第三季度政府债务情况", "核稿", "钱清册", "2026-11-25", 2, None),
    (
        "属2026-0138",
        "关于清河片区控规局部调整草案征求意见的公告",
        "科长审核",
        "田有据",
        "2026-11-27",
        4,
        None,
    ),
    ("属2026-0140", "市政府第58次常务会议纪要", "政务公开科审查", "文承远", "2026-12-11", 14, None),
    ("属2026-0141", "关于干部年度考核等次的通报", "科长审核", "申牧之", "2026-12-11", 14, None),
    (
        "属2026-0143",
        "城乡低保对象 2026 年 11 月名单（清河街道）",
        "保密审查",
        "贺济民",
        "2026-12-14",
        15,
        None,
    ),
]
STEPS = [
    {"label": "拟稿", "state": "done", "who": "文承远", "at": "11-18"},
    {"label": "保密审查", "state": "done", "who": "卫慎言", "at": "11-19"},
    {"label": "科长审核", "state": "current", "who": "江维公"},
    {"label": "核稿", "state": "todo"},
    {"label": "签发", "state": "todo"},
]
HISTORY = [
    {"act": "科长审核", "who": "江维公", "post": "政务公开科科长", "at": "自 11-20 09:12", "kind": "current"},
    {
        "act": "保密审查",
        "who": "卫慎言",
        "post": "保密审查员",
        "at": "11-19 16:40",
        "text": "附表联系电话已删去，可以公开。",
        "via": "线下签批回填",
    },
    {
        "act": "拟稿",
        "who": "文承远",
        "post": "综合一科承办人",
        "at": "11-18 10:05",
        "text": "补上解读方案后重报。",
    },
    {
        "act": "退回修改",
        "who": "申牧之",
        "post": "综合一科科长",
        "at": "11-17 15:31",
        "text": "缺解读方案，请与综合一科补齐后再报。",
        "kind": "returned",
    },
    {"act": "拟稿", "who": "文承远", "post": "综合一科承办人", "at": "11-16 09:48", "text": "拟主动公开。"},
    {"act": "登记", "who": "文承远", "at": "11-16 09:40", "kind": "system"},
]
FILES = [
    {
        "name": "实施细则（送审稿）.docx",
        "url": "#",
        "size": 184320,
        "kind": "正文",
        "who": "文承远",
        "at": "11-18 10:02",
        "hash": "9f2c41d7aa03be51",
    },
    {
        "name": "解读方案.pdf",
        "url": "#",
        "size": 2411724,
        "kind": "解读方案",
        "who": "文承远",
        "at": "11-18 10:04",
        "hash": "51aa7722cd90ef18",
    },
]
MARKS = [
    {"id": "drafted", "state": "done", "who": "文承远", "when": "11-18 10:05"},
    {"id": "draft", "state": "done", "who": "文承远", "when": "11-16 至 11-18", "how_long": "2 个工作日"},
    {"id": "secrecy", "state": "done", "who": "卫慎言", "when": "11-18 至 11-19", "how_long": "1 个工作日"},
    {"id": "head", "state": "current", "who": "江维公", "when": "自 11-20"},
    {"id": "office", "state": "skipped"},
    {"id": "f1", "state": "done"},
    {"id": "f2", "state": "done"},
    {"id": "f3", "state": "done"},
]
DIAGRAM_ROWS = [
    {
        "step": "拟稿",
        "post": "承办人",
        "who": "文承远",
        "start": "11-16 09:48",
        "end": "11-18 10:05",
        "how_long": "2 个工作日",
        "state": "done",
    },
    {
        "step": "保密审查",
        "post": "保密审查员",
        "who": "卫慎言",
        "start": "11-18 10:05",
        "end": "11-19 16:40",
        "how_long": "1 个工作日",
        "state": "done",
    },
    {
        "step": "科长审核",
        "post": "科长",
        "who": "江维公",
        "start": "11-20 09:12",
        "end": None,
        "how_long": None,
        "state": "current",
    },
    {
        "step": "政务公开科审查",
        "post": "政务公开科",
        "who": None,
        "start": None,
        "end": None,
        "how_long": None,
        "state": "skipped",
    },
]


def rows() -> list[dict[str, Any]]:
    return [
        {
            "no": no,
            "title": title,
            "step": step,
            "who": who,
            "days": days,
            "reason": reason,
            "due": dt.date.fromisoformat(due),
            "makeup": due == "2026-11-22",
        }
        for no, title, step, who, due, days, reason in ROWS
    ]


def filled(with_errors: bool) -> StepForm:
    form = StepForm(
        data={
            "title": "关于印发云汀市城镇老旧小区改造实施细则的通知" if not with_errors else "",
            "doc_date": dt.date(2026, 11, 16),
            "kind": "notice",
            "attribute": "not_public" if with_errors else "public",
            "clause": "N16b" if with_errors else "",
            "reason": "内部文件" if with_errors else "",
            "opinion": "" if with_errors else "拟主动公开，解读方案同步报送。",
        }
    )
    form.attribute.option_help = {
        "public": "自信息形成或变更之日起 20 个工作日内公开",
        "on_request": "不主动发布，申请人依申请获取",
        "not_public": "须写明条款和理由，政策性文件先送政务公开科",
    }
    if with_errors:
        form.title.errors = ["请填写文件标题"]
        form.reason.errors = ["理由只写「内部文件」不够，请写清属于哪一类过程性信息、为什么不宜公开"]
        form.opinion.errors = ["请写明拟办意见"]
    return form


def office_form(step: str, formdata: Any = None) -> dict[str, Any]:
    """A step of 公开属性认定 as the office defines it, with a file that is already up."""
    text = (ROOT / "forms/disclosure_attribute" / f"{step}.toml").read_bytes()
    definition = read_definition(text, "disclosure_attribute", step)
    file = {"id": "7", "name": "实施细则（送审稿）.docx", "sha256": "9f2c41d7aa03be51", "size": 184320}
    around = Around(
        known={
            "entry": "open",
            "kind": "new",
            "title": "关于印发云汀市城镇老旧小区改造实施细则的通知",
            "main_file": [file],
        },
        options={"organs": [("yt", "云汀市人民政府办公室")], "persons": [("1", "文承远")]},
        files={"7": file},
        today=dt.date(2026, 11, 23),
    )
    form = bind(definition, around, formdata=formdata)
    return {"form": form, "conditions": for_browser(definition, form.names)}


def create_app() -> Flask:
    app = Flask(__name__, template_folder=str(ROOT / "app/templates"), static_folder=str(ROOT / "app/static"))
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(HERE / "templates"), FileSystemLoader(ROOT / "app/templates")]
    )
    app.jinja_env.undefined = StrictUndefined
    app.config.update(SECRET_KEY="gallery", WTF_I18N_ENABLED=False)
    CSRFProtect(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(asset=assets.asset)
    app.jinja_env.filters["whole"] = whole

    @app.context_processor
    def frame() -> dict[str, Any]:
        here = request.path
        groups = [
            {"label": g["label"], "items": [dict(i, current=i["url"] == here) for i in g["items"]]}  # type: ignore[union-attr, call-overload]
            for g in NAV
        ]
        return {
            "me": ME,
            "nav": groups,
            "bell_count": 5,
            "app_version": "0.1.0",
            "demo": True,
            "search_url": "/list",
            "notices_url": "/notices",
            "bell_feed_url": "/bell",
            "password_url": "/password",
            "sign_out_url": "/sign-out",
            "help_url": "/help",
        }

    @app.after_request
    def policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @app.get("/")
    def index() -> str:
        return render_template("gallery_index.html", pages=PAGES)

    @app.get("/<name>")
    def page(name: str) -> tuple[str, int] | str:
        if name.startswith("error-"):
            code = int(name[6:])
            lost = (
                {"拟办意见": "拟主动公开，解读方案同步报送。\n附表第 3 行联系电话已删去。"}
                if code == 409
                else None
            )
            return render_template(
                "errors/error.html", status=code, lost=lost, incident="20261123-0907" if code == 500 else None
            ), code
        if name not in PAGES:
            return render_template("errors/error.html", status=404), 404
        if name in ("inbox",):
            flash("已送 住房保障科（房建业、谷监筑），请于 11-25 前反馈。", "success")
        if name.startswith("form"):
            step = {"form": "draft", "form-review": "head_review"}[name]
            return render_template("gallery_form.html", step=step, history=HISTORY, **office_form(step))
        return render_template(
            f"gallery_{name.replace('-', '_')}.html",
            rows=[] if name == "inbox-empty" else rows(),
            form=filled(name == "step-errors") if name.startswith("step") or name == "case" else None,
            steps=STEPS,
            history=HISTORY,
            files=FILES,
            marks=MARKS,
            diagram_rows=DIAGRAM_ROWS,
            today=dt.date(2026, 12, 11),
            page_url=lambda n: f"?page={n}",
        )

    @app.get("/diagram.bpmn")
    def diagram() -> Response:
        return Response((HERE / "sample.bpmn").read_text("utf-8"), mimetype="application/xml")

    @app.get("/bell")
    def bell() -> Response:
        return jsonify(
            [
                {
                    "text": "文承远 送审：关于印发云汀市城镇老旧小区改造实施细则的通知",
                    "url": "/case",
                    "at": "11-20 09:12",
                    "unread": True,
                },
                {
                    "text": "今日到期：关于柳川县请求支持污水厂扩建的复函",
                    "url": "/case",
                    "at": "11-23 08:30",
                    "unread": True,
                },
                {"text": "卫慎言 已办 保密审查", "url": "/case", "at": "11-19 16:40", "unread": False},
            ]
        )

    @app.post("/draft")
    def draft() -> tuple[Response, int] | Response:
        status = int(os.environ.get("GALLERY_DRAFT_STATUS", "200"))
        return (jsonify({}), status) if status != 200 else jsonify({"saved_at": "14:05"})

    @app.post("/files")
    def upload() -> tuple[dict[str, Any], int] | dict[str, Any]:
        file = request.files["file"]
        size = len(file.read())
        if (file.filename or "").endswith(".exe"):
            return {"message": "这种文件不能上传，请转成 DOCX、PDF 或 OFD。"}, 422
        return {"id": "8", "name": file.filename, "size": size}

    @app.post("/preview")
    def preview() -> dict[str, Any]:
        if request.form.get("decision") == "return":
            return {
                "title": "退回修改",
                "text": "退回 拟稿，由 文承远 修改后重报。",
                "items": ["保密审查的结论保留"],
                "act": "退回修改",
            }
        return {
            "title": "送核稿",
            "text": "下一环节：核稿，由 柯文书 办理。",
            "items": ["请于 2026-11-25（星期三）前办结"],
            "act": "送核稿",
        }

    @app.post("/form/<step>")
    def send(step: str) -> tuple[str, int] | str:
        made = office_form(step, formdata=request.form)
        if not made["form"].validate():
            return render_template("gallery_form.html", step=step, history=HISTORY, **made), 422
        flash("已送 文电科（柯文书），请于 11-25 前办理。", "success")
        return render_template("gallery_inbox.html", rows=rows())

    @app.post("/step")
    def submitted() -> tuple[str, int] | str:
        code = int(request.form.get("fail") or 0)
        if code:
            lost = {
                key: value
                for key, value in request.form.items()
                if not key.startswith(("csrf_token", "token"))
            }
            return render_template("errors/error.html", status=code, lost=lost if code != 413 else {}), code
        flash("已送 政务公开科（江维公），请于 11-25 前办理。", "success")
        return render_template("gallery_inbox.html", rows=rows())

    return app


if __name__ == "__main__":
    create_app().run(port=int(os.environ.get("PORT", "5099")), threaded=True)
