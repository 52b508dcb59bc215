"""Faults put into a suite of real processes that is at work; afterwards its books must agree."""
