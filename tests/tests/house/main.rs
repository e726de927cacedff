//! The project's own rules: which crate may know which, what no file may contain, and documents that say what is so.

mod architecture;
mod documents;
