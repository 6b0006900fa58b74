"""The addresses of the staff's pages of WeChat; the vendor's own door is at ``/wechat/``, past Django."""

from __future__ import annotations

from django.urls import path

from canyu.ops.wechat import pages, sidebar

urlpatterns = [
    path("", pages.show_talks, name="wechat_talks"),
    path("one/<int:talk_id>/", pages.show_talk, name="wechat_talk"),
    path("one/<int:talk_id>/again/<int:outgoing_id>/", pages.send_again, name="send_wechat_again"),
    path("one/<int:talk_id>/erase/", pages.erase_talk, name="erase_wechat_talk"),
    path("accounts/", pages.show_accounts, name="manage_wechat_accounts"),
    path("accounts/new/", pages.create_account, name="create_wechat_account"),
    path("accounts/one/<int:account_id>/", pages.show_account, name="manage_wechat_account"),
    path("accounts/one/<int:account_id>/edit/", pages.edit_account, name="edit_wechat_account"),
    path("accounts/one/<int:account_id>/secrets/", pages.rotate_secrets, name="rotate_wechat_secrets"),
    path("accounts/one/<int:account_id>/switch/", pages.switch_account, name="switch_wechat_account"),
    path("accounts/one/<int:account_id>/test/", pages.test_account, name="test_wechat_account"),
    path("accounts/one/<int:account_id>/again/", pages.work_again, name="work_wechat_again"),
    path("sidebar/<int:account_id>/", sidebar.show_sidebar, name="wechat_sidebar"),
]
