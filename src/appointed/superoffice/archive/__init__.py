"""Lists and search: tables of columns over appointments, asked in OData's way (OData, Archive)."""
