"""Every path of the site."""

from django.contrib import admin
from django.urls import include, path

from oasst_site import health

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/auth/", include("oasst_site.accounts.urls")),
    path("api/", include("chats.api.urls")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("", include("oasst_site.accounts.page_urls")),
    path("", include("chats.page.urls")),
]
