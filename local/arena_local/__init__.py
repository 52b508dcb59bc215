"""The launcher behind ``./arena``: builds, starts, supervises, demonstrates and tests the suite.

Standard library only, because it runs before anything is installed.
"""
