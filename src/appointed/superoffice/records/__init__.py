"""The small records that appointments refer to: Contact, Person, Project, Sale."""
