"""The thing itself and its rules: no I/O, no framework."""
