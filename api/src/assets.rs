//! The style sheet, the scripts and the icon, built into the binary and served under names that change with their
//! content, so that they can be kept for a year.

use std::sync::LazyLock;

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;

/// The value of `Cache-Control` for every asset.
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// The folder of all assets.
pub const PREFIX: &str = "/assets/";

/// The authenticator's service worker. Its path stays the same: it is how a browser finds the next one.
pub const AUTHENTICATOR_WORKER: &str = include_str!("../assets/authenticator-worker.js");

/// One file.
#[derive(Debug)]
pub struct Asset {
    /// Its path, with a part of its hash.
    pub path: String,
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// Its `ETag`, quotes included (RFC 9110, section 8.8.3).
    pub etag: String,
    /// What it holds.
    pub body: &'static [u8],
}

impl Asset {
    fn new(name: &str, extension: &str, content_type: &'static str, body: &'static [u8]) -> Self {
        let hash = HEXLOWER.encode(digest::digest(&digest::SHA256, body).as_ref());
        let hash = &hash[..16];
        Self { path: format!("{PREFIX}{name}.{hash}.{extension}"), content_type, etag: format!("\"{hash}\""), body }
    }
}

static CSS: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("style", "css", "text/css; charset=utf-8", include_bytes!("../assets/style.css")));
static JS: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("app", "js", "text/javascript; charset=utf-8", include_bytes!("../assets/app.js")));
static WEBAUTHN: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("webauthn", "js", "text/javascript; charset=utf-8", include_bytes!("../assets/webauthn.js"))
});
static AUTHENTICATOR: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("authenticator", "js", "text/javascript; charset=utf-8", include_bytes!("../assets/authenticator.js"))
});
static AUTHENTICATOR_STORE: LazyLock<Asset> = LazyLock::new(|| {
    let body = include_bytes!("../assets/authenticator-store.js");
    Asset::new("authenticator-store", "js", "text/javascript; charset=utf-8", body)
});
static AUTHENTICATOR_SCANNER: LazyLock<Asset> = LazyLock::new(|| {
    let body = include_bytes!("../assets/authenticator-scanner.js");
    Asset::new("authenticator-scanner", "js", "text/javascript; charset=utf-8", body)
});
static AUTHENTICATOR_ENROLMENT: LazyLock<Asset> = LazyLock::new(|| {
    let body = include_bytes!("../assets/authenticator-enrolment.js");
    Asset::new("authenticator-enrolment", "js", "text/javascript; charset=utf-8", body)
});
static AUTHENTICATOR_PUSH: LazyLock<Asset> = LazyLock::new(|| {
    let body = include_bytes!("../assets/authenticator-push.js");
    Asset::new("authenticator-push", "js", "text/javascript; charset=utf-8", body)
});
static AUTHENTICATOR_REQUESTS: LazyLock<Asset> = LazyLock::new(|| {
    let body = include_bytes!("../assets/authenticator-requests.js");
    Asset::new("authenticator-requests", "js", "text/javascript; charset=utf-8", body)
});
static JSQR: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("jsqr", "js", "text/javascript; charset=utf-8", include_bytes!("../assets/jsqr.js")));
static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_bytes!("../assets/icon.svg")));

/// The path of the style sheet.
#[must_use]
pub fn css_path() -> &'static str {
    &CSS.path
}

/// The path of the script.
#[must_use]
pub fn js_path() -> &'static str {
    &JS.path
}

/// The path of the script that asks security keys and trusted platforms.
#[must_use]
pub fn webauthn_path() -> &'static str {
    &WEBAUTHN.path
}

/// The path of the authenticator's script.
#[must_use]
pub fn authenticator_path() -> &'static str {
    &AUTHENTICATOR.path
}

/// The path of the script with what the authenticator computes, asks and keeps.
#[must_use]
pub fn authenticator_store_path() -> &'static str {
    &AUTHENTICATOR_STORE.path
}

/// The path of the script with the authenticator's camera.
#[must_use]
pub fn authenticator_scanner_path() -> &'static str {
    &AUTHENTICATOR_SCANNER.path
}

/// The path of the script by which a phone becomes a device.
#[must_use]
pub fn authenticator_enrolment_path() -> &'static str {
    &AUTHENTICATOR_ENROLMENT.path
}

/// The path of the script by which the authenticator is told of requests though it is closed.
#[must_use]
pub fn authenticator_push_path() -> &'static str {
    &AUTHENTICATOR_PUSH.path
}

/// The path of the script with the requests that the authenticator shows.
#[must_use]
pub fn authenticator_requests_path() -> &'static str {
    &AUTHENTICATOR_REQUESTS.path
}

/// The path of the reader of QR codes, which the authenticator loads when it needs it.
#[must_use]
pub fn jsqr_path() -> &'static str {
    &JSQR.path
}

/// The authenticator's own scripts.
fn authenticator() -> [&'static Asset; 6] {
    [
        &AUTHENTICATOR,
        &AUTHENTICATOR_STORE,
        &AUTHENTICATOR_SCANNER,
        &AUTHENTICATOR_ENROLMENT,
        &AUTHENTICATOR_PUSH,
        &AUTHENTICATOR_REQUESTS,
    ]
}

/// What the authenticator's page is made of, so that it works without a network.
pub fn of_authenticator() -> impl Iterator<Item = &'static str> {
    let page: [&'static Asset; 4] = [&CSS, &JS, &ICON, &JSQR];
    page.into_iter().chain(authenticator()).map(|asset| &*asset.path)
}

/// The path of the icon.
#[must_use]
pub fn icon_path() -> &'static str {
    &ICON.path
}

/// The asset at exactly this path.
#[must_use]
pub fn find(path: &str) -> Option<&'static Asset> {
    let others: [&'static Asset; 5] = [&CSS, &JS, &WEBAUTHN, &ICON, &JSQR];
    let mut all = others.into_iter().chain(authenticator());
    all.find(|asset| asset.path == path)
}

#[cfg(test)]
mod tests {
    use super::{Asset, css_path, find, icon_path, js_path, of_authenticator, webauthn_path};

    #[test]
    fn every_asset_is_found_under_its_path_only() {
        let pages = [css_path(), js_path(), webauthn_path(), icon_path()];
        for path in pages.into_iter().chain(of_authenticator()) {
            assert_eq!(find(path).map(|asset| asset.path.as_str()), Some(path));
            assert!(find(&path.replace("/assets/", "/")).is_none());
        }
    }

    #[test]
    fn another_content_has_another_name() {
        let [one, other] = [&b"a"[..], b"b"].map(|body| Asset::new("x", "css", "text/css", body));
        assert_ne!(one.path, other.path);
        assert_ne!(one.etag, other.etag);
    }
}
