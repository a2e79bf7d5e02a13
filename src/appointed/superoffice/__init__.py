"""The SuperOffice contract: a CRM diary."""
