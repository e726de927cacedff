//! A new migration file is seen only if Cargo is told to look.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
