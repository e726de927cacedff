//! Account and login service whose state is its audit log.

use std::process::ExitCode;

#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub(crate) fn main() -> ExitCode {
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => {
            runtime.block_on(chancery::cli::run(std::env::args_os().collect(), std::env::vars_os().collect()))
        }
        Err(error) => {
            eprintln!("chancery: cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}
