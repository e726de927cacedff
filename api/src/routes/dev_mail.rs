//! `/dev/mail`: the mails of a service that has no mail server. On a developer's machine only.

use std::net::SocketAddr;
use std::sync::Arc;

use aws_lc_rs::digest;
use axum::extract::{ConnectInfo, Path, RawQuery};
use axum::http::{HeaderMap, StatusCode, Version, header};
use axum::response::Response;
use chancery_domain::Timestamp;
use chancery_eventstore::seal::same_mac;
use chancery_service::mail::OutboxMail;
use data_encoding::BASE64;

use crate::http::answer::Reply;
use crate::http::cookies::Cookie;
use crate::http::visit::Visit;
use crate::pages::{DevMailListPage, DevMailPage, DevMailRow, MessageKind, paths};
use crate::site::Development;

/// Headers that a proxy adds: with one of them the request is not a developer's own.
const FORWARDING: [&str; 2] = ["forwarded", "via"];

/// Lets in who asks from this very machine, by a loopback name, through no proxy, with the key that start printed (in
/// the URL, then in a cookie). To anybody else there is no such page.
#[expect(clippy::result_large_err, reason = "the refusal is the answer itself")]
pub fn developer(
    visit: &mut Visit,
    version: Version,
    peer: SocketAddr,
    query: Option<&str>,
) -> Result<Arc<Development>, Response> {
    let not_found = |visit: &Visit| visit.message(MessageKind::NotFound);
    let Some(development) = visit.site.development.clone() else { return Err(not_found(visit)) };
    // No browser speaks HTTP/1.0 any more; a proxy that was left at its defaults may.
    if version == Version::HTTP_10 {
        return Err(not_found(visit));
    }
    if !peer.ip().to_canonical().is_loopback() || !is_loopback_host(&visit.headers) || is_forwarded(&visit.headers) {
        return Err(not_found(visit));
    }
    let secure = visit.is_secure();
    let in_url = query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("key=")));
    let in_cookie = Cookie::Development.read(&visit.headers, secure);
    let is_key = |typed: &str| same_mac(typed.as_bytes(), development.key.as_bytes());
    if in_url.is_some_and(is_key) {
        visit.cookies.push(Cookie::Development.set(&development.key, secure));
        Ok(development)
    } else if in_cookie.is_some_and(is_key) {
        Ok(development)
    } else {
        Err(not_found(visit))
    }
}

/// Sends a browser that came with the key on to the same page without it: the key leaves the address bar as soon as the
/// cookie holds it.
#[expect(clippy::result_large_err, reason = "the redirect is the answer itself")]
pub fn without_key(visit: &Visit, query: Option<&str>, page: &str) -> Result<(), Response> {
    if query.is_some_and(|query| query.contains("key=")) { Err(visit.see_other(page)) } else { Ok(()) }
}

fn is_loopback_host(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let name = name.to_ascii_lowercase();
    // Every name under `localhost` is the machine itself (RFC 6761, section 6.3).
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| {
        let name = name.as_str();
        FORWARDING.contains(&name) || name.starts_with("x-forwarded-") || name == "x-real-ip"
    })
}

pub async fn list(
    mut visit: Visit,
    version: Version,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    RawQuery(query): RawQuery,
) -> Reply {
    let development = developer(&mut visit, version, peer, query.as_deref())?;
    without_key(&visit, query.as_deref(), paths::DEV_MAIL)?;
    let Some(outbox) = &development.mails else { return Ok(visit.message(MessageKind::NotFound)) };
    let mails = outbox.list().iter().map(|mail| row(mail)).collect();
    let page = DevMailListPage { chrome: visit.chrome(), mails };
    Ok(visit.page(StatusCode::OK, &page))
}

pub async fn show(
    mut visit: Visit,
    version: Version,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Reply {
    let development = developer(&mut visit, version, peer, query.as_deref())?;
    let mail = development.mails.as_ref().and_then(|outbox| outbox.get(&id));
    let Some(mail) = mail else { return Ok(visit.message(MessageKind::NotFound)) };
    let page = DevMailPage {
        chrome: visit.chrome(),
        mail: row(&mail),
        from: from(&mail),
        html: mail.html.clone(),
        text: mail.text.clone(),
        raw: String::from_utf8_lossy(&mail.raw).into_owned(),
    };
    let styles = format!("'nonce-{}' {}", visit.nonce, styles_of(&mail.html));
    Ok(visit.page_with_styles(StatusCode::OK, &page, &styles))
}

/// What lets the styles in that stand in a mail: the hash of their block, whose lines end in `\n` once a browser read it.
fn styles_of(html: &str) -> String {
    let block = html.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>"));
    let hash = |block: &str| digest::digest(&digest::SHA256, block.replace("\r\n", "\n").as_bytes());
    block.map_or_else(String::new, |(block, _)| format!("'sha256-{}'", BASE64.encode(hash(block).as_ref())))
}

fn row(mail: &OutboxMail) -> DevMailRow {
    let at = chrono::DateTime::parse_from_rfc3339(&mail.date)
        .map_or(Timestamp::default(), |moment| Timestamp::from(moment.to_utc()));
    DevMailRow { id: mail.id.clone(), at, to: mail.to.clone(), subject: mail.subject.clone() }
}

fn from(mail: &OutboxMail) -> String {
    let raw = String::from_utf8_lossy(&mail.raw);
    raw.lines().find_map(|line| line.strip_prefix("From: ")).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn hosts_are_loopback_names_only() {
        for host in
            ["localhost:8080", "LOCALHOST", "app.localhost:8080", "App.LocalHost", "127.0.0.1:8080", "[::1]:8080"]
        {
            assert!(is_loopback_host(&headers("host", host)), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "evillocalhost:80", "10.0.0.1", "[::2]:80", ""] {
            assert!(!is_loopback_host(&headers("host", host)), "{host}");
        }
        assert!(!is_loopback_host(&HeaderMap::new()));
    }

    #[test]
    fn the_hash_is_of_what_a_browser_reads() {
        // `printf 'p {}\n' | openssl dgst -sha256 -binary | base64`
        let hash = "'sha256-yd0+FBDTWbSvEzemyJXogyH8NkRQDX+UAos6QeP2Fac='";
        assert_eq!(styles_of("<head><style>p {}\r\n</style></head>"), hash);
        assert_eq!(styles_of("<head><style>p {}\n</style></head>"), hash);
        assert_eq!(styles_of("<head></head>"), "");
    }

    #[test]
    fn any_trace_of_a_proxy_is_seen() {
        for name in ["forwarded", "via", "x-forwarded-for", "x-forwarded-proto", "x-real-ip"] {
            assert!(is_forwarded(&headers(name, "1")), "{name}");
        }
        assert!(!is_forwarded(&headers("accept", "1")));
    }
}
