"""What each address does: a coroutine from request to response, one idea a module."""
