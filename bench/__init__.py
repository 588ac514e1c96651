"""bench/run: what Sluice costs and how fast it is, beside the alternatives."""
