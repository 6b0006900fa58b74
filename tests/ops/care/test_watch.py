"""The watch list beside the queue of claims, and a case with the evidence attached."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from canyu.care import CaseKind
from canyu.kit.clock import get_now
from canyu.ops.care.models import Case, CaseMention, CaseMessage
from canyu.ops.kols.actions import watch
from canyu.ops.kols.models import Account, Kol
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from evidence_lake import get_rumour_id

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evidence_lake")]


def put_on_list(viewer: Person, name: str, actor: str, *posts: str) -> Kol:
    kol = Kol.objects.create(name=name)
    Account.objects.create(kol=kol, platform="weibo", handle=name, actor=actor)
    return watch(viewer, kol.pk, "说过三次没有依据的话", posts, get_now())


def read(client: Client) -> str:
    response = client.get("/care/watch/", headers={"accept-language": "en"})
    assert response.status_code == 200
    return response.content.decode()


def test_who_wrote_a_claim_of_the_queue_comes_first_with_it(sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.PR_OFFICER, name="duty")
    duty = Person.objects.get()
    put_on_list(duty, "aaa-quiet", "person-1")
    put_on_list(duty, "zzz-parrot", "parrot")
    Kol.objects.create(name="not-watched")
    page = read(client)
    assert page.index("zzz-parrot") < page.index("aaa-quiet")
    assert "wrote 1 copy of it" in page
    assert "passed it on 0 times" in page
    assert page.count("looks like a rumour") == 1
    assert "not-watched" not in page
    assert "<img src=x" not in page
    assert page.count('name="to"') == 2  # of the filter, and of the button of who has posts
    earlier = client.get("/care/watch/?from=2025-03-01&to=2025-03-05", headers={"accept-language": "en"})
    assert "wrote 1 copy of it" not in earlier.content.decode()
    assert client.get("/care/watch/?from=2025-13-01").status_code == 400
    assert "谁在抹黑" in client.get("/care/watch/", headers={"accept-language": "zh-hans"}).content.decode()


def test_a_case_opens_once_with_the_evidence_attached(sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.PR_OFFICER, name="duty")
    kol = put_on_list(Person.objects.get(), "teller", "teller", get_rumour_id(), "gone-from-the-lake")
    address = f"/care/watch/{kol.pk}/case/"
    assert client.post(address).status_code == 302
    case = Case.objects.get()
    assert case.kind == CaseKind.RUMOUR
    assert list(CaseMention.objects.values_list("key", "actor")) == [(get_rumour_id(), "teller")]
    told = CaseMessage.objects.get()
    assert told.audience == "inside"
    assert "说过三次没有依据的话" in told.text
    assert client.post(address)["Location"] == f"/care/one/{case.pk}/"
    assert (Case.objects.count(), CaseMention.objects.count(), CaseMessage.objects.count()) == (1, 1, 1)
    assert case.number in read(client)
    assert "Add the evidence to the case" in read(client)


def test_without_a_post_or_off_the_list_nothing_is_opened(sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.PR_OFFICER, name="duty")
    kol = put_on_list(Person.objects.get(), "quiet", "person-nobody", "gone-from-the-lake")
    refused = client.post(f"/care/watch/{kol.pk}/case/", headers={"accept-language": "en"})
    assert refused.status_code == 400
    assert "None of the posts can be read any more" in refused.content.decode()
    free = Kol.objects.create(name="free")
    assert client.post(f"/care/watch/{free.pk}/case/").status_code == 404
    assert not Case.objects.exists()
