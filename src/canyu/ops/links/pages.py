"""The pages of short links: where they lead, and who follows them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.ops.config import load_config
from canyu.ops.gate import get_viewer, requires
from canyu.ops.links import actions, queries
from canyu.ops.links.errors import CodeTaken, LinkUnusable
from canyu.ops.links.forms import LinkForm
from canyu.ops.links.rules import OUTCOMES, Outcome
from canyu.ops.people.rules import MANAGE_LINKS, VIEW_LINKS


@requires(VIEW_LINKS)
@require_safe
def show_links(request: HttpRequest) -> HttpResponse:
    """Show the links with their counts, and the way to a new one."""
    return _render_links(request, LinkForm())


@requires(MANAGE_LINKS)
@require_POST
def create_link(request: HttpRequest) -> HttpResponseBase:
    """Make a short link."""
    form = LinkForm(request.POST)
    if form.is_valid():
        try:
            row = actions.create_link(get_viewer(request).username, form.make_draft(), get_now())
        except CodeTaken as error:
            form.add_error("code", str(error))
        except LinkUnusable as error:
            form.add_error("code" if form.cleaned_data["code"] and "code" in str(error) else "target", str(error))
        else:
            messages.success(request, _("Made: %s") % request.build_absolute_uri(f"/l/{row.code}"))
            return redirect("links")
    return _render_links(request, form)


@requires(VIEW_LINKS)
@require_safe
def show_link(request: HttpRequest, link_id: int) -> HttpResponse:
    """Show one link's counts by day and outcome."""
    viewer = get_viewer(request)
    row = queries.get_link(viewer, link_id)
    days = [(each, OUTCOMES[Outcome(each.outcome)]) for each in queries.list_days(viewer, row.code)]
    context = {"row": row, "days": days, "address": request.build_absolute_uri(f"/l/{row.code}")}
    return render(request, "links/link.html", context)


@requires(MANAGE_LINKS)
@require_POST
def switch_link(request: HttpRequest, link_id: int) -> HttpResponseBase:
    """Switch a link on or off."""
    actions.switch_link(get_viewer(request), link_id, request.POST.get("on") == "1", get_now())
    return redirect("links")


def _render_links(request: HttpRequest, form: LinkForm) -> HttpResponse:
    viewer, page = get_viewer(request), request.GET.get("page", "")
    campaign = request.GET.get("campaign", "")[:200]
    found = queries.list_links(viewer, campaign, int(page) if page.isdecimal() else 1)
    lines = [
        (line, [(OUTCOMES[Outcome(name)], n) for name, n in sorted(line.others.items(), key=lambda pair: -pair[1])])
        for line in found.lines
    ]
    context = {
        "found": found,
        "lines": lines,
        "form": form,
        "campaign": campaign,
        "hosts": load_config().link_targets,
        "now": get_now(),
        "address": request.build_absolute_uri("/l/"),
    }
    return render(request, "links/links.html", context, status=400 if form.errors else 200)
