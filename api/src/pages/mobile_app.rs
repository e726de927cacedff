//! Mobile devices: the phones with the service's own app, adding one, and the challenge that one answers.

use askama::Template;
use chancery_domain::Timestamp;
use chancery_domain::account::Device;
use chancery_service::factors::mobile_app::{CHALLENGE, PairingView, QrChallenge, RequestStanding, RequestView, id_of};
use chancery_service::texts::isolate;
use zeroize::Zeroizing;

use super::paths::with_query;
use super::{Addable, Chrome, DeviceRow, Errors, Field, FormKeys, QrCode, fields, paths};

/// "Manage my mobile devices".
#[derive(Debug, Template)]
#[template(path = "mobile_devices.html")]
pub struct MobileDevicesPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The phones, oldest first.
    pub devices: Vec<DeviceRow>,
    /// Whether an enrolment was over before a phone was added.
    pub ended: bool,
}

/// "Add a mobile device". Posts to [`paths::SECURITY_MOBILE_ADD`].
#[derive(Debug, Template)]
#[template(path = "mobile_add.html")]
pub struct MobileAddPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The form's keys.
    pub form: FormKeys,
    /// The device's name as typed, or a proposal.
    pub name: String,
    /// What is wrong.
    pub errors: Errors,
}

/// What the phone's camera reads, and, once it has, whether this is the phone. Posts to [`paths::SECURITY_MOBILE_PAIR`] and
/// [`paths::SECURITY_MOBILE_CANCEL`].
#[derive(Debug, Template)]
#[template(path = "mobile_pair.html")]
pub struct MobilePairPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The keys of the form that adds it.
    pub form: FormKeys,
    /// The keys of the form that ends it.
    pub cancel: FormKeys,
    /// The enrolment.
    pub pairing: PairingView,
}

impl MobilePairPage {
    fn heading(&self) -> String {
        self.chrome.t(if self.pairing.phone.is_some() { "mobile-confirm-title" } else { "mobile-pair-title" })
    }

    fn qr(&self) -> Option<QrCode> {
        QrCode::of(&self.pairing.link)
    }

    /// The device, as the form names it.
    fn device(&self) -> String {
        id_of(self.pairing.enrolment)
    }

    /// The same on the phone itself.
    fn here(&self) -> &str {
        in_the_app(&self.pairing.link)
    }

    /// How it stands, as the script that waits asks for it.
    const fn state(&self) -> &'static str {
        if self.pairing.phone.is_some() { "phone" } else { "waiting" }
    }

    /// What the phone told of itself.
    fn told(&self) -> String {
        let Device { os, manufacturer, model } = match &self.pairing.phone {
            Some(device) => device,
            None => return String::new(),
        };
        let told = [manufacturer, model, os].into_iter().filter(|told| !told.is_empty());
        told.map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}

/// What a link to the app is on the service's own pages.
fn in_the_app(link: &str) -> &str {
    link.find("/app#").map_or(link, |start| &link[start..])
}

/// The challenge that a phone answers, as a part of a form.
#[derive(Clone, Debug)]
pub struct QrShown {
    /// The device, as the form names it.
    pub device: String,
    /// What its owner calls it, as a part of a sentence.
    pub name: String,
    /// What the app's camera reads.
    pub qr: Option<QrCode>,
    /// The same, for a tap on the phone itself.
    pub link: String,
    /// The digits in two groups, to be typed into the app.
    pub digits: String,
    /// The account's other phones, with the addresses at which they are asked.
    pub others: Vec<(String, String)>,
}

impl QrShown {
    /// Shows the challenge of the phone that is named, or of the first; `here` is the page, on which this way is chosen.
    #[must_use]
    pub fn of(challenges: Vec<QrChallenge>, named: Option<&str>, here: &str) -> Option<Self> {
        let chosen = challenges.iter().position(|challenge| Some(id_of(challenge.device).as_str()) == named);
        let chosen = challenges.get(chosen.unwrap_or(0))?;
        let address = |challenge: &QrChallenge| with_query(here, fields::DEVICE, &id_of(challenge.device));
        let others = challenges.iter().filter(|challenge| challenge.device != chosen.device);
        let (first, second) = chosen.digits.split_at(CHALLENGE / 2);
        Some(Self {
            device: id_of(chosen.device),
            name: isolate(&chosen.name),
            qr: QrCode::of(&chosen.link),
            link: in_the_app(&chosen.link).to_owned(),
            digits: format!("{first} {second}"),
            others: others.map(|challenge| (challenge.name.clone(), address(challenge))).collect(),
        })
    }
}

/// The request that phones are shown, as a part of a form.
#[derive(Clone, Debug)]
pub struct RequestShown {
    /// The number that is typed on the phone.
    pub number: Zeroizing<String>,
    /// How it stands.
    pub standing: RequestStanding,
    /// The app, for a tap on the phone itself.
    pub link: String,
    /// Where the script asks how it stands.
    pub state: &'static str,
    /// What the app will show of the browser; empty where that says nothing of itself.
    pub browser: String,
    /// The address from which it asks.
    pub address: String,
    /// When it asked.
    pub asked: Timestamp,
    /// Until when it can be answered.
    pub until: Timestamp,
}

impl RequestShown {
    /// Shows a request of the browser that called itself so, from this address.
    #[must_use]
    pub fn of(view: RequestView, state: &'static str, browser: String, address: String) -> Self {
        let RequestView { id, number, standing, asked, until } = view;
        Self { number, standing, link: format!("{}#ask={id}", paths::APP), state, browser, address, asked, until }
    }

    /// How a request stands, as the script that waits knows it.
    #[must_use]
    pub const fn state_name(standing: RequestStanding) -> &'static str {
        match standing {
            RequestStanding::Waiting => "waiting",
            RequestStanding::Approved => "approved",
            RequestStanding::Over(_) => "over",
        }
    }

    pub(super) const fn is_over(&self) -> bool {
        matches!(self.standing, RequestStanding::Over(_))
    }

    pub(super) const fn standing_name(&self) -> &'static str {
        Self::state_name(self.standing)
    }
}
