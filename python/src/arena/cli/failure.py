"""What a command tells when it cannot do what was asked."""


class CliError(Exception):
    """The message is one sentence for the user."""
