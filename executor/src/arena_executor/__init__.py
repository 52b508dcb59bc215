"""gRPC server that plays matches in sandboxes; the contract is contracts/grpc/executor.proto."""

__version__ = "0.1.0"
