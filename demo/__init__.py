"""`make trace-demo`: the gateway, calls of every kind, and Arize Phoenix to look at their traces."""
