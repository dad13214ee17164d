"""Every path of the site."""

from django.contrib import admin
from django.urls import include, path, re_path

from oasst_site.accounts import admin_views
from oasst_site.accounts.api import account
from oasst_site.accounts.export import account_export
from oasst_site.metrics import metrics
from oasst_site.web.nowhere import nowhere, openai_nowhere
from workers.api.admin import WorkerDetail, Workers
from workers.api.provenance import Provenance
from workers.api.sessions import Sessions

urlpatterns = [
    path("api/", include("chats.api.urls")),  # first: one after the other is held against the path that is asked for
    path("admin/", admin.site.urls),
    path("api/auth/", include("oasst_site.accounts.urls")),
    path("api/account/", account),
    path("api/account/export", account_export),
    path("api/", include("oasst_site.openapi.urls")),
    path("api/admin/refresh_tokens/<user_id>", admin_views.RefreshTokens.as_view(**admin_views.STAFF)),
    path("api/admin/users/<user_id>", admin_views.Users.as_view(**admin_views.STAFF)),
    path("api/admin/workers", Workers.as_view(**admin_views.STAFF)),
    path("api/admin/workers/<worker_id>", WorkerDetail.as_view(**admin_views.STAFF)),
    path("api/workers/sessions", Sessions.as_view(**admin_views.STAFF)),
    path("api/chats/<chat_id>/messages/<message_id>/provenance", Provenance.as_view()),
    re_path("^api/", nowhere),
    path("v1/", include("chats.openai_api.urls")),
    re_path("^v1/", openai_nowhere),
    path("metrics", metrics),
    path("", include("oasst_site.accounts.page_urls")),
    path("", include("chats.page.urls")),
]
