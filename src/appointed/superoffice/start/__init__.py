"""What a client needs besides appointments to start: who it is, the lists behind the fields, zones, texts."""
