//! The authenticator: a web app in one page, whose views its script shows one at a time.

use askama::Template;

use super::{Chrome, paths};
use crate::assets;

/// The app. It says nothing of who asks for it: devices are known to the browser alone.
#[derive(Debug, Template)]
#[template(path = "authenticator.html")]
pub struct AuthenticatorPage {
    /// The page's frame.
    pub chrome: Chrome,
}

/// The address of the service worker, which names what it is to keep.
fn worker() -> String {
    assets::of_authenticator()
        .fold(paths::APP_WORKER.to_owned(), |address, asset| paths::with_query(&address, "asset", asset))
}
