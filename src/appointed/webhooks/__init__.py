"""Events out: whoever subscribed is called until it has heard of every change."""
