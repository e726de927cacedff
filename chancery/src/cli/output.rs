//! Writing to the terminal, or to whatever stands in its place.

use std::io::{ErrorKind, Write};

use crate::error::CommandError;

/// Writes `text` to standard output. A reader that has gone (`chancery settings | head -1`) is no error.
///
/// # Errors
/// Standard output cannot be written to: a full disk, for one.
pub fn print(text: &str) -> Result<(), CommandError> {
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CommandError::failure("cannot write to standard output").because(error))
        }
        _ => Ok(()),
    }
}

/// Writes one line to standard error; where even that fails there is nobody left to tell.
pub(super) fn print_error(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "chancery: {line}");
}
