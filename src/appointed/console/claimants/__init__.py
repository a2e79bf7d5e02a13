"""The pages of claimants: summary, check of devices, waiting area, meeting, goodbye; all behind one link."""
