//! Who asks: the route table, the pages and what they look like.

pub mod assets;
pub mod http;
pub mod pages;
pub mod routes;
pub mod site;
pub mod v1;

pub use routes::router;
pub use site::{Development, Shared, Site};
pub use v1::Programs;
