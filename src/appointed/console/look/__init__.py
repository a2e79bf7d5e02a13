"""What all pages share: their design, their languages, their files and the rules their browsers keep."""
