//! The app as a way of signing in: PIN Code, and On Mobile where the browser that asks is on the phone itself.

use std::time::Duration;

use chancery_domain::account::commands::FactorVerdict;
use chancery_domain::account::{FactorKind, Proof, SignInMethod};
use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::super::enrolment::EnrolmentRefused;
use super::super::step::FIRST_PROOF;
use super::super::{Asked, Begun, Enrolled, FactorMethod, Finished, Held, Whose};
use super::MobileApp;
use super::messages::PhoneKeys;
use super::signing::{Approval, Worth};
use crate::ports::Random;

/// By the number on the page.
pub const PIN_CODE: ByRequest = ByRequest { way: SignInMethod::MobileAppPinCode };
/// On the phone itself.
pub const ON_MOBILE: ByRequest = ByRequest { way: SignInMethod::OnMobile };

/// The app, which is asked by a request of its own. It becomes a device as [`MobileApp`] says.
#[derive(Clone, Copy, Debug)]
pub struct ByRequest {
    way: SignInMethod,
}

/// Whether a way is gone by a request that the app shows.
#[must_use]
pub const fn is_by_request(way: SignInMethod) -> bool {
    matches!(way, SignInMethod::MobileAppPinCode | SignInMethod::OnMobile)
}

impl FactorMethod for ByRequest {
    fn kind(&self) -> FactorKind {
        FactorKind::MobileApp
    }

    fn way(&self) -> SignInMethod {
        self.way
    }

    fn label(&self) -> &'static [u8] {
        MobileApp.label()
    }

    /// What is answered is the request, whose time is its own: the step's challenge plays no part.
    fn answer_within(&self) -> Duration {
        FIRST_PROOF
    }

    fn begin_enrolment(&self, _whose: Whose<'_>, _random: &dyn Random) -> Option<Begun> {
        None
    }

    fn finish_enrolment(&self, _finished: Finished<'_>) -> Result<Enrolled, EnrolmentRefused> {
        Err(EnrolmentRefused::NotHere)
    }

    /// The answer is what the phone said of the browser's request, from the request's own row.
    fn check(&self, devices: &[Held<'_>], answer: &str, asked: Asked<'_>) -> Option<FactorVerdict> {
        let plain = Zeroizing::new(BASE64.decode(answer.as_bytes()).ok()?);
        let approval: Approval = minicbor::decode(&plain).ok()?;
        let held = devices.iter().find(|held| held.factor.id == approval.device)?;
        let keys: PhoneKeys = minicbor::decode(&held.secret).ok()?;
        let right = approval.worth(asked.site.public_url.trim_end_matches('/'), &keys) == Worth::Right;
        let proof = Proof {
            factor: Some(held.factor.id),
            challenge: Some(approval.request),
            user_verified: Some(true),
            ..Proof::by(approval.method())
        };
        Some(FactorVerdict { proof, credential: held.factor.key, right, code: None })
    }
}

impl Approval {
    /// As [`ByRequest`] reads it.
    pub(super) fn as_answer(&self) -> Zeroizing<String> {
        let plain = Zeroizing::new(minicbor::to_vec(self).expect("encoding into memory does not fail"));
        Zeroizing::new(BASE64.encode(&plain))
    }
}
