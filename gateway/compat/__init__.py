"""One API for every provider: which provider a call is for, and its translation both ways."""
