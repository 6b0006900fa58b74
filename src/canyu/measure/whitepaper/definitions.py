"""What the columns of a paper mean, each with its source: the words of its method page."""

from __future__ import annotations

from canyu.kit.words import Words
from canyu.measure.whitepaper.contrast import MOST_SPLITS

DEFINITIONS: tuple[tuple[Words, Words], ...] = (
    (
        Words("均值与区间", "Mean and interval"),
        Words(
            "各次读数的算术平均；95% 区间为 t 区间。两台设备的区间相交与否不是检验，检验看“差”。",
            "The arithmetic mean of the runs with its 95 % t interval. Whether two such intervals touch is no "
            "test: the "
            "difference is.",
        ),
    ),
    (
        Words("差", "Difference"),
        Words(
            "前者均值减后者均值，用测试的单位；区间与 p 值出自同一个检验。",
            "The first mean minus the second, in the unit of the test; interval and p-value are of one test.",
        ),
    ),
    (
        Words("比值", "Ratio"),
        Words(
            "前者均值除以后者均值。次数少时由同一个置换检验反推；次数多时用 Fieller 区间（Fieller 1954，JRSS B 16）。"
            "有读数不大于零，或零点只是约定（如 °C）时不给比值。",
            "The first mean by the second. With few runs by turning the same permutation test round, with many "
            "by Fieller's "
            "interval (Fieller 1954, JRSS B 16). None where a reading is not above zero or zero is a convention "
            "(as °C).",
        ),
    ),
    (
        Words("Hedges' g", "Hedges' g"),
        Words(
            "差除以合并标准差，再乘小样本修正系数（Hedges 1981）；区间由非中心 t 分布得出（Steiger 与 Fouladi 1997）。"
            "它说明差别与各次波动相比有多大。",
            "The difference by the pooled standard deviation, corrected for few runs (Hedges 1981); its "
            "interval by the "
            "noncentral t distribution (Steiger and Fouladi 1997). It says how large the difference is against "
            "the scatter.",
        ),
    ),
    (
        Words("精确置换检验", "Exact permutation test"),
        Words(
            f"把全部读数按各种可能重新分给两台设备（不超过 {MOST_SPLITS:,} 种，即各 9 次以内时用它），"
            "看有多少种分法的差不小于实测（Pitman 1937）；不假定读数服从正态分布，但假定两台设备的波动同样大。",
            f"The readings are dealt to the two devices in every way there is (used up to {MOST_SPLITS:,} ways: "
            "nine runs "
            "each), and those count whose difference is as large as the one seen (Pitman 1937). No normal "
            "distribution is "
            "assumed, but that both devices scatter alike.",
        ),
    ),
    (
        Words("Welch t 检验", "Welch's t test"),
        Words(
            "次数更多时使用，允许两台设备的波动不同（Welch 1947，Biometrika 34）；假定均值近似正态。",
            "Used with more runs; the devices may scatter differently (Welch 1947, Biometrika 34). The means "
            "are taken to "
            "be close to normal.",
        ),
    ),
    (
        Words("校正后的 p 值", "Corrected p-value"),
        Words(
            "全文每个测试、每对设备都算在内，按 Holm（1979，Scandinavian Journal of Statistics 6）校正："
            "所有差别都不存在时，误报哪怕一个的机会不超过 5%。区间没有为多重比较放宽。",
            "Over every test and every pair of the whole paper, by Holm (1979, Scandinavian Journal of "
            "Statistics 6): where "
            "no difference is real the chance to report even one is at most 5 %. Intervals are not widened for it.",
        ),
    ),
    (
        Words("结论语句", "Sentences"),
        Words(
            "只有单位、仪器与方法一致，校正后 p 值低于 0.05，且 95% 区间全部落在所说范围内的语句才印出；"
            "语句中的名称、数字须与设计一致，并通过广告用语检查。",
            "A sentence is printed only where unit, instrument and method agree, the corrected p-value is below "
            "0.05 and the "
            "whole 95 % interval is within what it says; its names and numbers must be those of the design, and "
            "it must "
            "pass the check of advertising copy.",
        ),
    ),
)
