//! The ferric binary.
fn main() {}
