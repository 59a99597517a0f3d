//! Generated gRPC code and its conversions from and to the domain
