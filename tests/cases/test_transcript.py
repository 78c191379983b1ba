"""流转记录 (features.md H22) to print and export; attachments with their versions (H20)."""

from __future__ import annotations

import io

from openpyxl import load_workbook

from tests.cases.flows import drafted
from tests.cases.pressing import words_of
from tests.support.driving import Desk, text_file


def test_the_table_has_opinion_from_to_and_duration(any_db: str, desk: Desk) -> None:
    case = drafted(desk)
    desk.act("shen", case, "head_review", decision="return", opinion="第三条请补充依据")
    page = words_of(desk.sit("wen").get(f"/cases/{case}/history")).replace("  ", " ")
    for words in (
        "流转记录",
        "科长审核",
        "申牧之",
        "第三条请补充依据",
        "拟稿 · 文承远",
        "拟稿（文承远）",
        "不到1分钟",
    ):
        assert words in page, page


def test_it_is_exported_as_a_spreadsheet_without_formulas(desk: Desk) -> None:
    case = drafted(desk)
    desk.act("shen", case, "head_review", decision="return", opinion="=HYPERLINK(1)")
    answer = desk.client.get(f"/cases/{case}/history.xlsx")
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert "科长审核" in cells and "'=HYPERLINK(1)" in cells
    assert (
        "流转记录" in answer.headers["Content-Disposition"] or "%E6" in answer.headers["Content-Disposition"]
    )


def test_a_replaced_file_is_the_second_version_and_the_first_stays(any_db: str, desk: Desk) -> None:
    case = drafted(desk)
    first = desk.case(case).data["main_file"][0]["id"]
    desk.act("shen", case, "head_review", decision="return", opinion="改")
    desk.act("wen", case, "draft", files={"main_file": text_file("改过的正文", "正文改.txt")},
             title="关于通知", doc_kind="policy", attribute="proactive",
             interpretation="none", interpretation_note="内容单一，不作解读。")  # fmt: skip
    page = words_of(desk.sit("shen").get(f"/cases/{case}"))
    assert "正文改.txt 第2版" in page and "正文.txt 第1版（已替换）" in page
    assert f"/{first}" in desk.client.get(f"/cases/{case}").text, "the first one can still be opened"
