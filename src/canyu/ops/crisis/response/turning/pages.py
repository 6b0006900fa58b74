"""The page that says whether opinion turned, and whether the crisis may close."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from canyu.kit.clock import get_now
from canyu.ops.crisis.queries import read_run
from canyu.ops.crisis.response.turning.queries import read_opinion
from canyu.ops.crisis.response.turning.words import CELLS, CLOSINGS, VERDICTS, list_points
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import VIEW_CRISIS


@requires(VIEW_CRISIS)
@require_safe
def show_opinion(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show the negative share before and after the first statement, less that of other topics."""
    now = get_now()
    found = read_run(get_viewer(request), run_id, now)
    view = read_opinion(found.row, found.state, now)
    turn, closing = view.turn, view.closing
    context = {
        "row": found.row,
        "view": view,
        "verdict": VERDICTS[turn.verdict] if turn else None,
        "change": list_points(turn.change) if turn and turn.change else None,
        "cells": [
            (CELLS[cell.name], cell, 100 * cell.negative / cell.posts if cell.posts else None) for cell in turn.cells
        ]
        if turn
        else [],
        "closing": CLOSINGS[closing.state] if closing else None,
        "looks": [(look.time, list_points(look.change)) for look in turn.looks[::-1][::6] if look.change][:28]
        if turn
        else [],
        "percents": {
            name: None if value is None else 100 * value
            for name, value in (
                ("share", closing.share if closing else None),
                ("upper", closing.upper if closing else None),
                ("ordinary", closing.ordinary if closing else None),
            )
        },
        "part": "opinion",
    }
    return render(request, "crisis_response/opinion.html", context)
