"""The pages of corrections: what was corrected, what to label next, and the versions that learnt from it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.listen.feedback import FOLDS, LEAST_CORRECTIONS
from canyu.ops.gate import get_viewer, requires
from canyu.ops.labels import actions, queries
from canyu.ops.labels.queue import DAYS, MOST_POSTS, Queue, read_queue
from canyu.ops.labels.rules import KEYS, SENTIMENTS, SHIPPED, STATES, Filters, parse_filters
from canyu.ops.lakes import describe_place, find_facts
from canyu.ops.people.rules import ACTIVATE_MODELS, CORRECT_LABELS

QUEUE = "queue"


@requires(CORRECT_LABELS)
@require_safe
def show_labels(request: HttpRequest) -> HttpResponse:
    """Show the corrections, the way to a new version, and every version with its figures."""
    return _render_labels(request, parse_filters(request.GET.dict()))


@requires(CORRECT_LABELS)
@require_safe
def show_queue(request: HttpRequest) -> HttpResponse:
    """Show the post that the model is least sure of, with the three labels."""
    viewer = get_viewer(request)
    if find_facts() is None:
        return render(request, "insight/empty.html", {"place": describe_place(), "page": "posts"})
    at = request.GET.get("at", "")
    queue = read_queue(viewer, queries.list_labelled_ids(viewer), int(at) if at.isdecimal() and len(at) < 4 else 0)
    context = {
        "queue": queue,
        "chances": _list_chances(queue),
        "labels": [(key, name, SENTIMENTS[name]) for key, name in KEYS],
        "last": queries.find_last_correction(viewer),
        "sentiments": SENTIMENTS,
        "standing": queries.count_standing(viewer),
        "least": LEAST_CORRECTIONS,
        "days": DAYS,
        "most": MOST_POSTS,
        "place": describe_place(),
    }
    return render(request, "labels/queue.html", context)


@requires(CORRECT_LABELS)
@require_POST
def correct_post(request: HttpRequest) -> HttpResponseBase:
    """Keep the right sentiment of one post; go back to the post, or on in the queue."""
    event_id, label = request.GET.get("id", ""), request.POST.get("label", "")
    actions.correct_post(get_viewer(request), event_id, label, request.POST.get("note", ""), get_now())
    if request.POST.get("from") == QUEUE:
        at = request.POST.get("at", "")
        return redirect(f"{reverse('label_queue')}?{urlencode({'at': at})}" if at.isdecimal() else "label_queue")
    messages.success(request, _("Kept. The next retraining learns from it."))
    return redirect(f"{reverse('post')}?{urlencode({'id': event_id})}")


@requires(CORRECT_LABELS)
@require_POST
def withdraw(request: HttpRequest, correction_id: int) -> HttpResponseBase:
    """Take a correction back."""
    actions.withdraw(get_viewer(request), correction_id, get_now())
    messages.success(request, _("Withdrawn. Its text is dropped; retrain to make a model without it."))
    return redirect("label_queue" if request.POST.get("from") == QUEUE else "labels")


@requires(CORRECT_LABELS)
@require_POST
def retrain(request: HttpRequest) -> HttpResponseBase:
    """Make a new version from the corrections, or say in words why not."""
    try:
        made = actions.retrain(get_viewer(request), get_now())
    except CanyuError as error:
        return _render_labels(request, Filters(), error)
    messages.success(request, _("%s is made. Compare its figures, then activate it.") % made.version)
    return redirect(f"{reverse('labels')}#versions")


@requires(ACTIVATE_MODELS)
@require_POST
def activate(request: HttpRequest, number: int) -> HttpResponseBase:
    """Choose which version the next listening takes; 0 is the shipped one."""
    version = actions.activate(get_viewer(request), number, get_now())
    messages.success(request, _("%s is active. It scores the posts with the next listening.") % version)
    return redirect(f"{reverse('labels')}#versions")


def _render_labels(request: HttpRequest, filters: Filters, error: CanyuError | None = None) -> HttpResponse:
    viewer = get_viewer(request)
    standing = queries.count_standing(viewer)
    context = {
        "filters": filters,
        "found": queries.list_corrections(viewer, filters),
        "standing": standing,
        "by_label": [(words, standing.by_label.get(name, 0)) for name, words in SENTIMENTS.items()],
        "versions": queries.list_versions(viewer),
        "sentiments": SENTIMENTS,
        "labels": SENTIMENTS.items(),
        "states": STATES,
        "shipped_number": SHIPPED,
        "least": LEAST_CORRECTIONS,
        "folds": FOLDS,
        "place": describe_place(),
        "error": error,
    }
    return render(request, "labels/labels.html", context, status=error.status if error else 200)


def _list_chances(queue: Queue) -> list[tuple[Any, float]]:
    post = queue.post
    return [] if post is None else [(words, getattr(post, f"p_{name}")) for name, words in SENTIMENTS.items()]
