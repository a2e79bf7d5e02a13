"""Filter trees as indexed SQL of each engine; every value is bound, every statement names its tenant."""
