"""The page of accounts: who may come in, with which roles."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from canyu.kit.errors import CanyuError
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people import actions
from canyu.ops.people.queries import get_person, list_people
from canyu.ops.people.rules import MANAGE_PEOPLE, ROLE_NAMES, Role


@requires(MANAGE_PEOPLE)
@require_safe
def show_people(request: HttpRequest) -> HttpResponse:
    """Show every account and the form that opens one."""
    return _render_people(request)


@requires(MANAGE_PEOPLE)
@never_cache
@require_POST
def create_person(request: HttpRequest) -> HttpResponse:
    """Open an account and show its one-time password, this once."""
    username = request.POST.get("username", "")
    try:
        password = actions.create_person(get_viewer(request), username, _read_roles(request))
    except CanyuError as error:
        return _render_people(request, error=error, draft=username)
    return _render_people(request, one_time=(username.strip(), password))


@requires(MANAGE_PEOPLE)
@require_POST
def update_roles(request: HttpRequest, person_id: int) -> HttpResponseBase:
    """Give an account exactly the roles that are ticked."""
    viewer = get_viewer(request)
    actions.update_person_roles(viewer, get_person(viewer, person_id), _read_roles(request))
    messages.success(request, _("Roles kept."))
    return redirect("people")


@requires(MANAGE_PEOPLE)
@never_cache
@require_POST
def reset_password(request: HttpRequest, person_id: int) -> HttpResponse:
    """Replace a password by a one-time one and show it, this once."""
    viewer = get_viewer(request)
    person = get_person(viewer, person_id)
    return _render_people(request, one_time=(person.username, actions.reset_password(viewer, person)))


@requires(MANAGE_PEOPLE)
@require_POST
def close_account(request: HttpRequest, person_id: int) -> HttpResponseBase:
    """Shut an account; the list offers to open it again."""
    viewer = get_viewer(request)
    actions.close_account(viewer, get_person(viewer, person_id))
    messages.success(request, _("Account closed. You can open it again here."))
    return redirect("people")


@requires(MANAGE_PEOPLE)
@require_POST
def open_account(request: HttpRequest, person_id: int) -> HttpResponseBase:
    """Open a closed account again."""
    viewer = get_viewer(request)
    actions.open_account(viewer, get_person(viewer, person_id))
    messages.success(request, _("Account open."))
    return redirect("people")


def _read_roles(request: HttpRequest) -> list[Role]:
    return [Role(name) for name in request.POST.getlist("roles") if name in list(Role)]


def _render_people(
    request: HttpRequest,
    *,
    one_time: tuple[str, str] | None = None,
    error: CanyuError | None = None,
    draft: str = "",
) -> HttpResponse:
    context = {
        "people": list_people(get_viewer(request)),
        "roles": [(role.value, ROLE_NAMES[role]) for role in Role],
        "one_time": one_time,
        "error": error,
        "draft": draft,
    }
    return render(request, "people/people.html", context, status=error.status if error else 200)
