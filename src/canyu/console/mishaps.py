"""Pages for when something went wrong: what happened, what was kept, what to do."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from canyu.console.context import get_theme
from canyu.kit.errors import BadInput, CanyuError
from canyu.kit.words import speak

logger = logging.getLogger("canyu.console")


class MishapMiddleware:
    """Turns expected errors (``CanyuError``) into their page: the message and the mend, with its status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on, with the page's language for whatever is told from below the pages."""
        with speak(get_language() or ""):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page for an expected error; others go on to the 500 page."""
        if not isinstance(error, CanyuError):
            return None
        context = {"title": _("That did not work"), "message": error.message, "mend": error.mend, "code": error.code}
        if request.method == "GET" and request.GET and isinstance(error, BadInput):
            context["plain"] = request.path
        return render(request, "mishap.html", context, status=error.status)


def show_forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Say that the viewer's role does not include the page; nothing was changed."""
    context = {
        "title": _("Not for your role"),
        "message": _("Your roles do not include this page. Nothing was changed."),
        "mend": _("Ask an administrator for the role that you need."),
        "code": "403",
    }
    return render(request, "mishap.html", context, status=403)


def show_csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Say that the form came from an old or foreign page; nothing was changed."""
    context = {
        "title": _("This form is out of date"),
        "message": _("The form came from an old page or from elsewhere. Nothing was changed."),
        "mend": _("Go back, load the page again and send it once more."),
        "code": "403 csrf",
    }
    return render(request, "mishap.html", context, status=403)


def show_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:  # noqa: ARG001 - Django's signature
    """Say that there is no such page."""
    if request.path.startswith("/api/"):
        return JsonResponse({"code": "not_found", "message": _("There is nothing at this address.")}, status=404)
    context = {
        "title": _("Nothing here"),
        "message": _("There is nothing at this address."),
        "mend": _("Check the address, or start from the first page."),
        "code": "404",
    }
    return render(request, "mishap.html", context, status=404)


def show_failure(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours, with a number to find it in the log; touches no database and no lake."""
    number = secrets.token_hex(4)
    logger.error("failure %s at %s", number, request.path)
    page = render_to_string("failure.html", {"number": number, "theme": get_theme(request)})
    return HttpResponse(page, status=500)
