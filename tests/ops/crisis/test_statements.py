"""Statements: written in versions, released by a second person only, public with their history and their files."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from canyu.care.crisis.statement import Verdict
from canyu.kit.errors import BadInput, CanyuError, Conflict, StorageFailure
from canyu.kit.words import Words
from canyu.ops.care.models import Case
from canyu.ops.care.queries import derive as derive_case
from canyu.ops.crisis import queries as runs
from canyu.ops.crisis.errors import OwnStatement, StatementChanged
from canyu.ops.crisis.models import Run, RunRecord, Statement, StatementFile, StatementVersion
from canyu.ops.crisis.statements import actions, queries, shelf
from canyu.ops.crisis.statements.rules import Upload, VersionDraft
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from crisis_fixtures import NOW, REPORT, SAID, make_draft, make_run

LATER = NOW + timedelta(hours=20)
SHA256 = hashlib.sha256(REPORT).hexdigest()


def test_the_author_may_not_release_and_nothing_of_it_stays(officer: Person, lead: Person) -> None:
    version = make_draft(officer)
    before = RunRecord.objects.count()
    with pytest.raises(OwnStatement, match="Nobody releases what they wrote themselves"):
        actions.release(officer, version.statement_id, 1, version.digest, LATER)
    assert queries.find_public("no-leak") is None
    assert (RunRecord.objects.count(), WaitingEvent.objects.count()) == (before, 0)
    out = actions.release(lead, version.statement_id, 1, version.digest, LATER)
    assert (out.release, out.released_by, out.released_at) == (1, lead.username, LATER)


def test_the_database_itself_refuses_an_authors_own_release(officer: Person) -> None:
    version = make_draft(officer)
    rows = StatementVersion.objects.filter(pk=version.pk)
    for changed in (
        {"release": 1, "released_by": officer.username, "released_at": LATER},
        {"release": 1, "released_by": "", "released_at": LATER},
        {"release": 1, "released_by": "zongjian", "released_at": None},
        {"release": None, "released_by": "zongjian", "released_at": LATER},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**changed)


def test_whoever_wrote_on_it_since_the_last_release_does_not_release_it(
    officer: Person, lead: Person, accounts: Callable[..., Person]
) -> None:
    version = make_draft(officer)
    second = actions.write_version(lead, version.statement_id, VersionDraft(SAID, kept=(SHA256,)), NOW)
    for author in (officer, lead):
        with pytest.raises(OwnStatement):
            actions.release(author, version.statement_id, 2, second.digest, LATER)
    third = accounts(Role.PR_OFFICER, name="disan")
    assert actions.release(third, version.statement_id, 2, second.digest, LATER).release == 1


def test_a_release_is_one_transaction_for_page_case_checklist_and_lake(officer: Person, lead: Person) -> None:
    version = make_draft(officer)
    actions.release(lead, version.statement_id, 1, version.digest, LATER)
    case, run = Case.objects.get(), runs.derive(Run.objects.get().pk, LATER)
    assert derive_case(case.pk, LATER).first_response_at == LATER
    statement, first = run.find_item("statement"), run.find_item("first response")
    assert statement is not None
    assert first is not None
    assert (statement.is_done, statement.was_late, first.was_late) == (True, False, True)
    assert run.first_released_at == LATER
    told = WaitingEvent.objects.get().event
    assert (told["type"], told["time"]) == ("reply", LATER.isoformat())
    assert told["text"].startswith("关于“漏氟”的说明")
    props = json.loads(told["props"])
    assert (props["statement"], props["release"], props["verdict"]) == ("no-leak", 1, "false")
    assert props["digest"] == version.digest


def test_only_what_was_read_and_is_newest_is_released(officer: Person, lead: Person) -> None:
    version = make_draft(officer)
    with pytest.raises(StatementChanged):
        actions.release(lead, version.statement_id, 1, "0" * 64, LATER)
    newer = actions.write_version(officer, version.statement_id, VersionDraft(SAID, kept=(SHA256,)), NOW)
    with pytest.raises(Conflict, match="newer version"):
        actions.release(lead, version.statement_id, 1, version.digest, LATER)
    with pytest.raises(StatementChanged):
        actions.release(lead, version.statement_id, 9, newer.digest, LATER)
    StatementVersion.objects.filter(pk=newer.pk).update(body={**newer.body, "findings": ["改过", ""]})
    with pytest.raises(StatementChanged):
        actions.release(lead, version.statement_id, 2, newer.digest, LATER)
    assert not StatementVersion.objects.filter(release__isnull=False).exists()


def test_a_version_is_replaced_never_edited_and_says_why(officer: Person, lead: Person) -> None:
    version = make_draft(officer)
    actions.release(lead, version.statement_id, 1, version.digest, LATER)
    with pytest.raises(BadInput, match="Why it replaces"):
        actions.write_version(officer, version.statement_id, VersionDraft(SAID, kept=(SHA256,)), LATER)
    corrected = replace(SAID, findings=Words("送检四台。", ""), correction=Words("补充第四台。", "One more machine."))
    second = actions.write_version(officer, version.statement_id, VersionDraft(corrected, kept=(SHA256,)), LATER)
    assert queries.find_public("no-leak").shown.row.pk == version.pk
    actions.release(lead, version.statement_id, 2, second.digest, LATER + timedelta(hours=1))
    found, first = queries.find_public("no-leak"), queries.find_public("no-leak", 1)
    assert (found.shown.row.release, [each.row.release for each in found.released]) == (2, [2, 1])
    assert (first.is_newest, first.shown.said.findings.zh) == (False, "送检三台，均未检出泄漏。")
    assert queries.find_public("no-leak", 3) is None
    run = runs.derive(Run.objects.get().pk, LATER)
    assert run.first_released_at == LATER


def test_a_second_person_returns_a_version_with_a_reason(officer: Person, lead: Person) -> None:
    version = make_draft(officer)
    actions.return_version(lead, version.statement_id, 1, "报告编号写错了", LATER)
    entry, said = runs.read_run(officer, Run.objects.get().pk, LATER).entries[0]
    assert (entry.words.en, said.text) == ("Draft 1 of a statement was returned", "报告编号写错了")
    with pytest.raises(BadInput):
        actions.return_version(lead, version.statement_id, 1, "  ", LATER)


def test_an_address_belongs_to_one_statement(officer: Person) -> None:
    make_draft(officer)
    with pytest.raises(Conflict, match="at no-leak already"):
        make_draft(officer)
    assert (Statement.objects.count(), StatementVersion.objects.count()) == (1, 1)
    with pytest.raises(BadInput, match="cannot be an address"):
        make_draft(officer, "../no")


def test_files_are_kept_by_their_hash_once_and_a_changed_one_is_not_given_out(officer: Person) -> None:
    version = make_draft(officer)
    again = VersionDraft(SAID, (Upload("other.pdf", REPORT),), (SHA256,))
    second = actions.write_version(officer, version.statement_id, again, NOW)
    assert StatementFile.objects.count() == 1
    assert [each["sha256"] for each in second.body["attachments"]] == [SHA256]
    assert shelf.read_file(SHA256) == REPORT
    shelf.find_path(SHA256).write_bytes(REPORT + b" ")
    with pytest.raises(StorageFailure, match="is not the one that was kept"):
        shelf.read_file(SHA256)
    shelf.find_path(SHA256).unlink()
    with pytest.raises(StorageFailure):
        shelf.read_file(SHA256)


def test_a_file_that_is_refused_leaves_no_version_and_no_file(officer: Person) -> None:
    version = make_draft(officer)
    bad = VersionDraft(SAID, (Upload("ok.pdf", REPORT + b"\n%%EOF"), Upload("x.html", b"<html><script>")))
    with pytest.raises(BadInput, match="no PDF, PNG or JPEG"):
        actions.write_version(officer, version.statement_id, bad, NOW)
    with pytest.raises(CanyuError, match="does not belong to this statement"):
        actions.write_version(officer, version.statement_id, VersionDraft(SAID, kept=("f" * 64,)), NOW)
    assert (StatementVersion.objects.count(), StatementFile.objects.count()) == (1, 1)


HOSTILE = '</script><script>alert("1")</script>'


def release_hostile(officer: Person, lead: Person) -> StatementVersion:
    said = replace(SAID, claim=Words(HOSTILE, HOSTILE), source="微博", urls=("https://example.com/a?b=1&c=2",))
    draft = VersionDraft(said, (Upload("检测报告.pdf", REPORT),))
    version = actions.create_statement(officer, make_run(officer).pk, "no-leak", draft, NOW)
    return actions.release(lead, version.statement_id, 1, version.digest, LATER)


def test_the_publics_page_says_what_was_said_and_runs_nothing(
    officer: Person, lead: Person, brand_lake: Path, client: Client
) -> None:
    version = release_hostile(officer, lead)
    answer = client.get("/statements/no-leak/", headers={"Accept-Language": "en"})
    page = answer.content.decode()
    assert "not an independent check" in page
    for told in ("J-2026-031", "国家检测中心", "李工", version.digest, SHA256, "Three machines were tested"):
        assert told in page
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL)
    assert [kind for kind, _ in scripts] == [' type="application/ld+json"']
    data = json.loads(scripts[0][1])
    assert data["claimReviewed"] == HOSTILE
    assert (data["@type"], data["url"]) == ("ClaimReview", "http://testserver/statements/no-leak/")
    assert data["reviewRating"]["alternateName"] == "false"
    assert "&lt;/script&gt;&lt;script&gt;alert" in page
    assert "officer" not in page
    assert officer.username not in page
    assert lead.username not in page
    chinese = client.get("/statements/no-leak/", headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "不属实" in chinese
    assert "送检三台" in chinese
    assert "sessionid" not in client.cookies


def test_the_publics_files_are_downloads_of_released_versions_alone(
    officer: Person, lead: Person, brand_lake: Path, client: Client
) -> None:
    version = make_draft(officer)
    assert client.get("/statements/no-leak/").status_code == 404
    assert client.get(f"/statements/no-leak/files/{SHA256}/").status_code == 404
    actions.release(lead, version.statement_id, 1, version.digest, LATER)
    answer = client.get(f"/statements/no-leak/files/{SHA256}/")
    assert (answer.status_code, answer.content) == (200, REPORT)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    for wrong in ("f" * 64, "abc", SHA256.upper()):
        assert client.get(f"/statements/no-leak/files/{wrong}/").status_code == 404
    assert client.get(f"/statements/other/files/{SHA256}/").status_code == 404
    assert client.get("/statements/no-leak/2/").status_code == 404
    assert client.post("/statements/no-leak/").status_code == 405


def test_an_earlier_version_says_which_one_replaced_it_and_a_withdrawn_one_judges_nothing(
    officer: Person, lead: Person, brand_lake: Path, client: Client
) -> None:
    version = make_draft(officer)
    actions.release(lead, version.statement_id, 1, version.digest, LATER)
    gone = replace(SAID, verdict=Verdict.WITHDRAWN, correction=Words("报告有误，撤回。", "The report was wrong."))
    second = actions.write_version(officer, version.statement_id, VersionDraft(gone), LATER)
    actions.release(lead, version.statement_id, 2, second.digest, LATER)
    first = client.get("/statements/no-leak/1/", headers={"Accept-Language": "en"}).content.decode()
    assert "Version 2 replaced it" in first
    assert "ld+json" not in first
    assert "noindex" in first
    newest = client.get("/statements/no-leak/", headers={"Accept-Language": "en"}).content.decode()
    assert "The report was wrong." in newest
    assert "ld+json" not in newest


FORM = {
    "slug": "no-leak",
    "title_zh": "关于“漏氟”的说明",
    "claim_zh": "漏氟",
    "findings_zh": "送检三台。",
    "verdict": "false",
    "publisher": "某某电器",
    "signatory": "李工",
    "claimed_on": "2026-03-01",
    "custody": "2026-03-02 09:30 | 门店 | 张工 | 封样",
}


def test_the_pages_write_return_and_release(officer: Person, brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    run = make_run(officer)
    author, second = sign_in(Role.PR_OFFICER, name="zhiban"), sign_in(Role.MARKETING_LEAD, name="zongjian")
    form = f"/crises/one/{run.pk}/statement/"
    assert author.get(form).status_code == 200
    assert "Nothing shows that the claim" in author.post(form, FORM).content.decode()
    bad = author.post(form, {**FORM, "custody": "gestern"})
    assert (bad.status_code, "Line 1 of the custody record" in bad.content.decode()) == (400, True)
    made = author.post(form, {**FORM, "attachments": SimpleUploadedFile("报告.pdf", REPORT)})
    page = made["Location"]
    assert "somebody else has to release it" in author.get(page).content.decode()
    version = StatementVersion.objects.get()
    given = {"number": "1", "digest": version.digest, "slug": "no-leak"}
    refused = author.post(f"{page}release/", given)
    assert (refused.status_code, "Nobody releases what they wrote" in refused.content.decode()) == (403, True)
    assert second.post(f"{page}return/", {"number": "1", "text": "写清楚"}).status_code == 302
    wrong = second.post(f"{page}release/", {**given, "slug": "yes"})
    assert (wrong.status_code, "not typed as it is" in wrong.content.decode()) == (400, True)
    assert second.post(f"{page}release/", given).status_code == 302
    assert author.get(f"{page}file/{SHA256}/").content == REPORT
    assert author.get(f"{page}file/{'0' * 64}/").status_code == 404
    edit = author.get(f"{page}edit/").content.decode()
    assert "2026-03-02 09:30 | 门店 | 张工 | 封样" in edit
    assert 'value="2026-03-01"' in edit
    assert SHA256 in edit
    again = author.post(f"{page}edit/", {**FORM, "kept": SHA256, "correction_zh": "补充保管记录。"})
    assert (again.status_code, StatementVersion.objects.count()) == (302, 2)


def test_who_may_not_release_does_not(officer: Person, brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    version = make_draft(officer)
    client = sign_in(Role.CARE_AGENT)
    given = {"number": "1", "digest": version.digest, "slug": "no-leak"}
    page = f"/crises/statement/{version.statement_id}/"
    assert "release/" not in client.get(page).content.decode()
    assert client.post(f"{page}release/", given).status_code == 403
    assert client.post(f"{page}edit/", FORM).status_code == 403
    version.refresh_from_db()
    assert version.release is None
