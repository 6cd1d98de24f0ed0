"""Where counts and kept answers live: in this process, or in Redis for all replicas; one protocol for both."""
