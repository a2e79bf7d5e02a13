"""JSON Pointer, JSON Patch and JSON Merge Patch on plain JSON values."""
