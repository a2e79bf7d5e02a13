"""What the project runs on itself: pages, tables and locks that are made, not written."""
