//! The next build, as far as a rolling upgrade is concerned: tests run it beside this one.

#[path = "../main.rs"]
mod ordinary;

fn main() -> std::process::ExitCode {
    ordinary::main()
}
