"""What kinds, states and switches of offers are called; pure, no database."""

from __future__ import annotations

from collections.abc import Mapping

from canyu.kit.words import Words
from canyu.ops.offers.models import OfferState, RedemptionState
from canyu.ops.offers.quoting import Base, Kind, PerProduct, Policy, Rounding, Scope, Stacks

KIND_WORDS: dict[str, Words] = {
    Kind.PROMOTION: Words("促销（自动生效）", "promotion (comes by itself)"),
    Kind.CODE: Words("优惠码", "code"),
    Kind.VOUCHER: Words("代金券", "voucher"),
    Kind.BUNDLE: Words("套装", "bundle"),
    Kind.ENTITLEMENT: Words("跨品类权益", "cross-ecosystem entitlement"),
}
STATE_WORDS: dict[str, Words] = {
    OfferState.DRAFT: Words("草稿", "draft"),
    OfferState.RELEASED: Words("已发布", "released"),
    OfferState.CLOSED: Words("已结束", "closed"),
}
USE_WORDS: dict[str, Words] = {
    RedemptionState.HELD: Words("付款中", "being paid"),
    RedemptionState.REDEEMED: Words("已使用", "used"),
    RedemptionState.REVERSED: Words("已退回", "given back"),
    RedemptionState.RELEASED: Words("已放弃", "let go"),
}
SCOPE_WORDS: dict[str, Words] = {
    Scope.GOODS: Words("商品", "the goods"),
    Scope.ORDER: Words("商品和运费", "goods and shipping"),
    Scope.SHIPPING: Words("运费", "shipping"),
}
STACKS_WORDS: dict[str, Words] = {
    Stacks.COMMON: Words("可与其他优惠同用", "goes with others"),
    Stacks.NEVER: Words("独享，不与其他同用", "stands alone"),
    Stacks.ALWAYS: Words("总可同用，包括独享优惠", "goes with everything"),
}
SWITCH_WORDS: dict[str, Mapping[str, Words]] = {
    "policy": {
        Policy.PARTIAL: Words("只去掉它自己", "leaves only itself out"),
        Policy.ALL: Words("整单不用优惠", "refuses all"),
    },
    "base": {
        Base.DISCOUNTED: Words("减过之后的价格", "what is left of the price"),
        Base.INITIAL: Words("原价", "the price before any offer"),
    },
    "per_product": {
        PerProduct.SEVERAL: Words("可以多个", "several"),
        PerProduct.ONE: Words("只用一个", "one"),
    },
    "rounding": {
        Rounding.LINE: Words("按商品", "for each product"),
        Rounding.TOTAL: Words("按合计", "once on the sum"),
    },
}
