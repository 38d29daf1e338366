"""A Report in one external format each; every module names the specification it obeys."""
