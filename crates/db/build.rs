//! Embedded migrations are read at compile time: a new one must cause a build.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
