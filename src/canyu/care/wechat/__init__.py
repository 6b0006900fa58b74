"""WeChat official accounts and WeCom: calls acknowledged at once, messages sent within the vendor's limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.care.wechat.access_tokens import (
        AccessToken,
        FetchToken,
        LocalTokens,
        TokenKeeper,
        TokenStore,
        fetch_official,
        fetch_wecom,
    )
    from canyu.care.wechat.calls import Account, Query, Vendor, open_echo, open_push, read_query
    from canyu.care.wechat.cipher import MessageCipher
    from canyu.care.wechat.client import WECHAT, WECOM, NoAnswer, NotReached, Said, VendorClient
    from canyu.care.wechat.codes import Remedy, Verdict, judge_code
    from canyu.care.wechat.door import Accounts, Delivery, DoorLimits, Inbox, WeChatDoor
    from canyu.care.wechat.errors import CallRefused, VendorFailure
    from canyu.care.wechat.kf import Cursors, KfContent, KfLink, KfMessage, KfMessages, KfPull, Origin, Pulled
    from canyu.care.wechat.messages import (
        Event,
        Followed,
        ImageMessage,
        Incoming,
        KfSignal,
        LinkMessage,
        LocationMessage,
        MenuOpened,
        MenuScanned,
        MenuTapped,
        OtherEvent,
        OtherMessage,
        Scanned,
        TextMessage,
        Unfollowed,
        VideoMessage,
        VoiceMessage,
        find_key,
        parse_message,
    )
    from canyu.care.wechat.quota import (
        OFFICIAL_ACCOUNT,
        WECOM_KF,
        Allowance,
        Limit,
        QuotaUsedUp,
        UserAction,
        Window,
        Windows,
        close_windows,
        find_action,
        find_allowance,
        give_back_message,
        open_window,
        spend_message,
    )
    from canyu.care.wechat.rates import LocalRate, Rate
    from canyu.care.wechat.replies import (
        Article,
        ImageReply,
        NewsReply,
        Reply,
        TextReply,
        TransferReply,
        check_text,
        render_reply,
        seal_reply,
    )
    from canyu.care.wechat.robot import GroupRobot
    from canyu.care.wechat.sender import CustomerMessage, CustomerMessages, Outcome, Result, VendorApi
    from canyu.care.wechat.signatures import CallMemory, LocalMemory, sign, sign_page

HOMES = {
    "canyu.care.wechat.access_tokens": "AccessToken FetchToken LocalTokens TokenKeeper TokenStore fetch_official "
    "fetch_wecom",
    "canyu.care.wechat.calls": "Account Query Vendor open_echo open_push read_query",
    "canyu.care.wechat.cipher": "MessageCipher",
    "canyu.care.wechat.client": "WECHAT WECOM NoAnswer NotReached Said VendorClient",
    "canyu.care.wechat.codes": "Remedy Verdict judge_code",
    "canyu.care.wechat.door": "Accounts Delivery DoorLimits Inbox WeChatDoor",
    "canyu.care.wechat.errors": "CallRefused VendorFailure",
    "canyu.care.wechat.kf": "Cursors KfContent KfLink KfMessage KfMessages KfPull Origin Pulled",
    "canyu.care.wechat.messages": "Event Followed ImageMessage Incoming KfSignal LinkMessage LocationMessage "
    "MenuOpened MenuScanned MenuTapped OtherEvent OtherMessage Scanned "
    "TextMessage Unfollowed VideoMessage VoiceMessage find_key parse_message",
    "canyu.care.wechat.quota": "OFFICIAL_ACCOUNT WECOM_KF Allowance Limit QuotaUsedUp UserAction Window "
    "Windows close_windows find_action find_allowance give_back_message "
    "open_window spend_message",
    "canyu.care.wechat.rates": "LocalRate Rate",
    "canyu.care.wechat.replies": "Article ImageReply NewsReply Reply TextReply TransferReply check_text "
    "render_reply seal_reply",
    "canyu.care.wechat.robot": "GroupRobot",
    "canyu.care.wechat.sender": "CustomerMessage CustomerMessages Outcome Result VendorApi",
    "canyu.care.wechat.signatures": "CallMemory LocalMemory sign sign_page",
}

__all__ = [
    "OFFICIAL_ACCOUNT",
    "WECHAT",
    "WECOM",
    "WECOM_KF",
    "AccessToken",
    "Account",
    "Accounts",
    "Allowance",
    "Article",
    "CallMemory",
    "CallRefused",
    "Cursors",
    "CustomerMessage",
    "CustomerMessages",
    "Delivery",
    "DoorLimits",
    "Event",
    "FetchToken",
    "Followed",
    "GroupRobot",
    "ImageMessage",
    "ImageReply",
    "Inbox",
    "Incoming",
    "KfContent",
    "KfLink",
    "KfMessage",
    "KfMessages",
    "KfPull",
    "KfSignal",
    "Limit",
    "LinkMessage",
    "LocalMemory",
    "LocalRate",
    "LocalTokens",
    "LocationMessage",
    "MenuOpened",
    "MenuScanned",
    "MenuTapped",
    "MessageCipher",
    "NewsReply",
    "NoAnswer",
    "NotReached",
    "Origin",
    "OtherEvent",
    "OtherMessage",
    "Outcome",
    "Pulled",
    "Query",
    "QuotaUsedUp",
    "Rate",
    "Remedy",
    "Reply",
    "Result",
    "Said",
    "Scanned",
    "TextMessage",
    "TextReply",
    "TokenKeeper",
    "TokenStore",
    "TransferReply",
    "Unfollowed",
    "UserAction",
    "Vendor",
    "VendorApi",
    "VendorClient",
    "VendorFailure",
    "Verdict",
    "VideoMessage",
    "VoiceMessage",
    "WeChatDoor",
    "Window",
    "Windows",
    "check_text",
    "close_windows",
    "fetch_official",
    "fetch_wecom",
    "find_action",
    "find_allowance",
    "find_key",
    "give_back_message",
    "judge_code",
    "open_echo",
    "open_push",
    "open_window",
    "parse_message",
    "read_query",
    "render_reply",
    "seal_reply",
    "sign",
    "sign_page",
    "spend_message",
]

__getattr__ = load_lazily(__name__, HOMES)
