//! The style sheet, the scripts and the icon, built into the binary and served under names that change with their
//! content, so that they can be kept for a year.

use std::sync::LazyLock;

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;

/// The value of `Cache-Control` for every asset.
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// The folder of all assets.
pub const PREFIX: &str = "/assets/";

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

/// The path of the icon.
#[must_use]
pub fn icon_path() -> &'static str {
    &ICON.path
}

/// The asset at exactly this path.
#[must_use]
pub fn find(path: &str) -> Option<&'static Asset> {
    [&CSS, &JS, &WEBAUTHN, &ICON].into_iter().map(|asset| &**asset).find(|asset| asset.path == path)
}

#[cfg(test)]
mod tests {
    use super::{Asset, css_path, find, icon_path, js_path, webauthn_path};

    #[test]
    fn every_asset_is_found_under_its_path_only() {
        for path in [css_path(), js_path(), webauthn_path(), icon_path()] {
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
