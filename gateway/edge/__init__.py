"""Where ASGI ends: a request becomes a Call, a Reply becomes a response, and both are accounted for."""
