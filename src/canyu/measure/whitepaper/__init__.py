"""A white paper that compares devices by what a lab measured, and prints only the sentences that the numbers carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.measure.whitepaper.contrast import Contrast, compute_hedges_g, contrast_runs
    from canyu.measure.whitepaper.design import PaperDesign, Sentence, Side
    from canyu.measure.whitepaper.design_file import load_paper_design, parse_paper_design
    from canyu.measure.whitepaper.holding import Held, Objection, Why
    from canyu.measure.whitepaper.lab import LabSheet, Run, read_lab_file
    from canyu.measure.whitepaper.layout import lay_out
    from canyu.measure.whitepaper.paper import WhitePaper, make_paper
    from canyu.measure.whitepaper.writing import describe_paper, write_paper

__all__ = [
    "Contrast",
    "Held",
    "LabSheet",
    "Objection",
    "PaperDesign",
    "Run",
    "Sentence",
    "Side",
    "WhitePaper",
    "Why",
    "compute_hedges_g",
    "contrast_runs",
    "describe_paper",
    "lay_out",
    "load_paper_design",
    "make_paper",
    "parse_paper_design",
    "read_lab_file",
    "write_paper",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.measure.whitepaper.contrast": "Contrast compute_hedges_g contrast_runs",
        "canyu.measure.whitepaper.design": "PaperDesign Sentence Side",
        "canyu.measure.whitepaper.design_file": "load_paper_design parse_paper_design",
        "canyu.measure.whitepaper.holding": "Held Objection Why",
        "canyu.measure.whitepaper.lab": "LabSheet Run read_lab_file",
        "canyu.measure.whitepaper.layout": "lay_out",
        "canyu.measure.whitepaper.paper": "WhitePaper make_paper",
        "canyu.measure.whitepaper.writing": "describe_paper write_paper",
    },
)
