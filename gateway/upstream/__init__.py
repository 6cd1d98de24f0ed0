"""The one way out: the transports that carry a call to a provider, and the handler that uses them."""
