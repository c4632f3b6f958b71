"""What `scripts/bench` runs: one module per subcommand, and what they share."""
