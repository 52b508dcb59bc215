"""Plays matches in pods: one for each agent, from the image of its submission, and one runner."""
