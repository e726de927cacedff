//! Pages to read.

use axum::http::StatusCode;

use crate::http::answer::Reply;
use crate::http::visit::Visit;
use crate::pages::{Addable, HelpPage, HowToAddPage, PrivacyPage, SmsEndShown};

pub async fn privacy(visit: Visit) -> Reply {
    let page = PrivacyPage {
        chrome: visit.chrome(),
        version: visit.site.app.settings.privacy_version.clone(),
        statement: visit.site.privacy.as_deref().cloned(),
    };
    Ok(visit.page(StatusCode::OK, &page))
}

pub async fn help(visit: Visit) -> Reply {
    Ok(visit.page(StatusCode::OK, &HelpPage { chrome: visit.chrome() }))
}

pub async fn how_to_add(visit: Visit, what: Addable) -> Reply {
    let sms_end = match what {
        Addable::Phone => {
            let campaign = visit.site.app.campaign().await.map_err(|failure| visit.failed(&failure))?;
            SmsEndShown::of(&campaign, visit.language)
        }
        _ => None,
    };
    Ok(visit.page(StatusCode::OK, &HowToAddPage { chrome: visit.chrome(), what, sms_end }))
}
