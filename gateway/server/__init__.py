"""Between the sockets and the ASGI application: limits, strictness, disconnects, draining, several workers."""
