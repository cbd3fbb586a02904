"""The REST API, served beside the app: ``panel serve mall_app/app.py --plugins api``."""

from __future__ import annotations

from api.routes import tornado_routes

__all__ = ["ROUTES"]

ROUTES = tornado_routes()
