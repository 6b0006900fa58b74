"""Deny by default: every page names the permission it needs; one that names none is shown to nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from ninja.security.apikey import APIKeyCookie

from canyu.ops.people.models import Person

View = TypeVar("View", bound=Callable[..., Any])
NEEDS = "canyu_needs"
LOGIN_ONLY = ""
# What a person who still has a one-time password may open: the way to a password of their own, and the way out.
OPEN_BEFORE_CHANGE = {"account_change_password", "account_logout"}


def requires(permission: str) -> Callable[[View], View]:
    """Mark a view as shown only to people who hold ``permission``; ``LOGIN_ONLY`` asks for a login and no more."""

    def mark(view: View) -> View:
        setattr(view, NEEDS, permission)
        return view

    return mark


class GateMiddleware(LoginRequiredMiddleware):
    """Lets a request through to its view only where the view says who may come, and the viewer is one of them."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., Any],
        view_args: Any,  # noqa: ARG002 - Django's signature
        view_kwargs: Any,  # noqa: ARG002 - Django's signature
    ) -> HttpResponseBase | None:
        """Return None to let pass, a redirect to the login or password page, or raise PermissionDenied."""
        if not getattr(view_func, "login_required", True):
            return None
        match, needs = request.resolver_match, getattr(view_func, NEEDS, None)
        is_api = match is not None and match.app_name == "ninja"
        if is_api and needs is None:
            return None  # each operation of the API asks for itself, and one that does not ask is closed (Holder)
        if not request.user.is_authenticated:
            return self.handle_no_permission(request, view_func)
        if must_change_password(request) and (match is None or match.url_name not in OPEN_BEFORE_CHANGE):
            return refuse_politely(request, reverse("account_change_password"))
        if needs is None and _is_own_account(view_func):
            return None
        if needs is None or (needs != LOGIN_ONLY and not request.user.has_perm(needs)):
            raise PermissionDenied(needs or "")
        return None

    def handle_no_permission(  # type: ignore[override]  # a fragment request is not redirected but told
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        """Send a browser to the login page; a fragment request is told to go there as a whole page."""
        if request.headers.get("HX-Request"):
            here = request.headers.get("HX-Current-URL", "")
            path = here.split(request.get_host(), 1)[-1] if request.get_host() in here else "/"
            return refuse_politely(request, f"{reverse('account_login')}?{urlencode({'next': path})}")
        answer: HttpResponseBase = super().handle_no_permission(request, view_func)
        return answer


class Holder(APIKeyCookie):
    """The API's door: a signed-in person who holds ``permission``; without a permission nobody passes."""

    def __init__(self, permission: str | None = None) -> None:
        super().__init__(csrf=True)
        self.param_name = self.openapi_name = "sessionid"
        self.permission = permission

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:  # noqa: ARG002 - ninja's signature
        """Return the person, None for nobody (401); raises PermissionDenied (403) for the wrong role."""
        if not request.user.is_authenticated:
            return None
        if self.permission is None or must_change_password(request) or not request.user.has_perm(self.permission):
            raise PermissionDenied(self.permission or "")
        return request.user


def get_viewer(request: HttpRequest) -> Person:
    """Return the signed-in person; the gate has made sure that there is one."""
    if not isinstance(request.user, Person):
        raise TypeError("the gate let nobody through")
    return request.user


def must_change_password(request: HttpRequest) -> bool:
    """Say whether the viewer still has a one-time password."""
    return bool(getattr(request.user, "must_change_password", False))


def refuse_politely(request: HttpRequest, url: str) -> HttpResponseBase:
    """Send the viewer to ``url``, in the way that the kind of request understands."""
    if request.headers.get("HX-Request"):
        return HttpResponse(_("Sign in again."), status=401, headers={"HX-Redirect": url})
    return redirect(url)


def answer_api_refusal(request: HttpRequest, error: Exception) -> JsonResponse:  # noqa: ARG001 - ninja's signature
    """Return the API's fixed error shape for a refused permission."""
    return JsonResponse({"code": "forbidden", "message": _("Your role does not include this.")}, status=403)


def _is_own_account(view: Callable[..., Any]) -> bool:
    # allauth's pages show and change nothing but the viewer's own account
    return view.__module__.startswith("allauth.")
