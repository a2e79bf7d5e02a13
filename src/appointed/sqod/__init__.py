"""The SQOD contract: video appointments of claimants with agents."""
