//! Tells cargo that the embedded folders are part of the program, so that a new case or schema is built in.

fn main() {
    println!("cargo:rerun-if-changed=schemas");
    println!("cargo:rerun-if-changed=cases");
    println!("cargo:rerun-if-changed=templates");
}
