"""The one object behind the notebook, the app and the API."""
