"""What drf-spectacular has to be told of our fields and our ways to log in."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension

from inference.parameters import SamplingParameters


class SamplingParametersExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # drf-spectacular registers by it
    """Sampling parameters with their ranges."""

    target_class = "chats.api.serializers.SamplingParametersField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Their JSON Schema, by pydantic."""
        return SamplingParameters.model_json_schema()


class PluginsExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # drf-spectacular registers by it
    """Plugin entries, of which none may be enabled."""

    target_class = "chats.api.serializers.PluginsField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """A list of objects."""
        return {
            "type": "array",
            "items": {"type": "object", "properties": {"enabled": {"const": False}}, "required": ["enabled"]},
        }


class BearerExtension(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # drf-spectacular registers by it
    """Access tokens and API keys."""

    target_class = "oasst_site.accounts.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """HTTP's bearer scheme."""
        return {"type": "http", "scheme": "bearer", "description": "An access token, or an API key (oasst_...)."}


class RootExtension(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # drf-spectacular registers by it
    """ROOT_TOKEN."""

    target_class = "oasst_site.accounts.staff.RootAuthentication"
    name = "root"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """HTTP's bearer scheme."""
        return {"type": "http", "scheme": "bearer", "description": "ROOT_TOKEN."}


class TrustedClientExtension(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # drf-spectacular registers by it
    """The header of a website that has logged its users in itself."""

    target_class = "oasst_site.accounts.trusted.TrustedClientAuthentication"
    name = "trusted_client"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A header."""
        return {"type": "apiKey", "in": "header", "name": "TrustedClient", "description": "Base64 of a JSON object."}
