//! What is compiled in beside the source: a new file there must be seen.

fn main() {
    println!("cargo:rerun-if-changed=config");
    println!("cargo:rerun-if-changed=migrations");
}
