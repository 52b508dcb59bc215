"""Environments, match runner and sandbox of RL-Arena."""

__version__ = "0.1.0"
