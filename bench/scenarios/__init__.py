"""What the comparison does not show: one module for each question. Each has
NAME (a word of --only) and run(session, results, plan, say)."""
