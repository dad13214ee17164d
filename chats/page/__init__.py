"""The browser page: one template, and native ES modules that speak to REST and the websocket."""
