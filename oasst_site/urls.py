"""Every path of the site."""

from django.contrib import admin
from django.urls import include, path

from oasst_site import health
from oasst_site.accounts.api import account

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/auth/", include("oasst_site.accounts.urls")),
    path("api/account/", account),
    path("api/", include("chats.api.urls")),
    path("v1/", include("chats.openai_api.urls")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("", include("oasst_site.accounts.page_urls")),
    path("", include("chats.page.urls")),
]
