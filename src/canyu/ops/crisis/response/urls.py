"""The addresses of what is done in a crisis, below its run."""

from __future__ import annotations

urlpatterns = []
