"""The few pages that belong to no room: the way in, the choice of theme and language, and the health answer."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language as django_set_language

from canyu.console.context import THEME_COOKIE, THEMES
from canyu.console.navigation import list_places
from canyu.ops.config import load_config
from canyu.ops.gate import LOGIN_ONLY, requires

YEAR_S = 365 * 24 * 3600


@requires(LOGIN_ONLY)
@require_safe
def show_home(request: HttpRequest) -> HttpResponseBase:
    """Go to the first page that the viewer may open."""
    places = list_places(request)
    if not places:
        raise PermissionDenied("no role")
    return redirect(places[0].url)


@login_not_required
@never_cache
@require_safe
def tell_health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer ``ok`` while the process serves; asks nothing of database or lake."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponseBase:
    """Keep the choice of light, dark or the system's in a cookie, and go back."""
    theme = request.POST.get("theme", "auto")
    answer = redirect(_get_way_back(request))
    if theme in THEMES:
        answer.set_cookie(
            THEME_COOKIE, theme, max_age=YEAR_S, samesite="Lax", httponly=True, secure=load_config().https
        )
    return answer


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Keep the choice of language in a cookie, and go back."""
    answer: HttpResponseBase = django_set_language(request)
    return answer


def _get_way_back(request: HttpRequest) -> str:
    there = request.POST.get("next", "/")
    is_ours = url_has_allowed_host_and_scheme(there, {request.get_host()}, require_https=request.is_secure())
    return there if is_ours else "/"
