"""One use case a file, one public function each; what they need from outside stands in ports."""
