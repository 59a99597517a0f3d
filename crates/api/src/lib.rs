//! Two transports over the control plane: the REST dialect of Ironic, and gRPC
