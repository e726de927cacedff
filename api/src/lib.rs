//! Who asks: the route table, the pages and what they look like.

pub mod assets;
pub mod pages;
