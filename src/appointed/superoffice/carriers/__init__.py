"""The objects on the SuperOffice wire, one table of members each (AppointmentEntity and what it nests)."""
