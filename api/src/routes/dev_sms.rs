//! `/dev/sms`: the messages of a service that has no gateway. On a developer's machine only.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, RawQuery};
use axum::http::{StatusCode, Version};

use super::dev_mail::{developer, without_key};
use crate::http::answer::Reply;
use crate::http::visit::Visit;
use crate::pages::{DevSmsPage, MessageKind, paths};

pub async fn list(
    mut visit: Visit,
    version: Version,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    RawQuery(query): RawQuery,
) -> Reply {
    let development = developer(&mut visit, version, peer, query.as_deref())?;
    let Some(outbox) = &development.messages else { return Ok(visit.message(MessageKind::NotFound)) };
    without_key(&visit, query.as_deref(), paths::DEV_SMS)?;
    let page = DevSmsPage { chrome: visit.chrome(), messages: outbox.list() };
    Ok(visit.page(StatusCode::OK, &page))
}
