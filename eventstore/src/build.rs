//! Which builds may run on which schema.

/// This build's number. Raised with every migration that an older build would misread.
///
/// Each migration names the oldest build that may still run on what it makes, in the table `compatibility`; a build
/// that finds a higher number there refuses to start.
pub const BUILD: i32 = 1;
