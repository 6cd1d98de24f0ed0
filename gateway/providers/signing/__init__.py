"""How a call proves who pays for it: a key in a header, AWS's signature version 4, a Google access token."""
