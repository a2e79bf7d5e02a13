"""User-defined fields as clients define them: CustomField, UdefLayout and the agent UserDefinedFieldInfo."""
