//! "This wasn't me". A GET looks; only the button's POST acts, and signs nobody in.

use axum::body::Body;
use axum::extract::Path;
use axum::http::StatusCode;
use chancery_service::accounts::disown::DisownView;

use super::{link, recovery};
use crate::http::answer::Reply;
use crate::http::visit::Visit;
use crate::pages::{DisownPage, DisownState, paths};

pub async fn show(visit: Visit, Path(token): Path<String>) -> Reply {
    let view = visit.site.app.view_disowning(&token).await.map_err(|failure| visit.failed(&failure))?;
    page(&visit, view).await
}

pub async fn submit(visit: Visit, Path(token): Path<String>, body: Body) -> Reply {
    let (_, command) = visit.read_form(body, &format!("{}{token}", paths::DISOWN_PREFIX), &[]).await?;
    let view = visit.site.app.disown(&visit.client, command, &token).await;
    page(&visit, view.map_err(|failure| visit.failed(&failure))?).await
}

async fn page(visit: &Visit, view: DisownView) -> Reply {
    if let Some(page) = recovery::cancel_page(visit, &view) {
        return Ok(page);
    }
    let (status, state) = match view {
        DisownView::Open(open) => {
            // The canonical path: whatever the mail program did to it is left behind.
            let token = visit.site.app.disown_token(open.position);
            let action = format!("{}{}", paths::DISOWN_PREFIX, token.expose());
            let identity = open.account.state.identity.as_ref();
            let state = DisownState::Open {
                form: visit.keys(&action),
                action,
                masked_email: identity.map_or_else(String::new, |identity| identity.email.masked()),
                at: open.command.at,
                told: open.told,
                devices: open.devices.iter().map(|device| device.name.to_string()).collect(),
                new_name: open.devices.iter().find_map(|device| device.new_name.as_ref().map(ToString::to_string)),
            };
            (StatusCode::OK, state)
        }
        DisownView::Used => (StatusCode::OK, DisownState::Done),
        DisownView::Expired => (StatusCode::GONE, DisownState::Expired),
        DisownView::Damaged | DisownView::Recovery(_) | DisownView::RecoveryCancelled | DisownView::RecoveryOver => {
            return link::damaged(visit).await;
        }
    };
    Ok(visit.page(status, &DisownPage { chrome: visit.chrome(), state }))
}
