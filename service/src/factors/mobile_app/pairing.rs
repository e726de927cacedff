//! A phone becomes a device: named on a page, taken by the app with the PIN (`taking.rs`), and added by one more click on the
//! page, by somebody who sees which phone it is. All of it are volatile rows (`rows.rs`); losing them only means to begin
//! anew.

use std::fmt;

use chancery_domain::account::Device;
use chancery_domain::account::commands::FRESH;
use chancery_domain::values::DeviceName;
use chancery_domain::{FactorId, Timestamp};
use chancery_eventstore::volatile::VolatileKind;
use data_encoding::BASE64URL_NOPAD;
use minicbor::{Decode, Encode};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::super::FactorMethod as _;
use super::super::enrolment::{Called, Enrolment, EnrolmentRefused};
use super::rows::{PAIRING, Pairing};
use super::{MobileApp, Pin};
use crate::accounts::complete_link::SignedInBrowser;
use crate::accounts::session::SignedInPerson;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::ports::random_array;
use crate::secrets::encode32;
use crate::secrets::forms::FormCommand;

/// What the session of the page remembers.
const LABEL: &[u8] = b"mobile app pairing";

/// What a session began.
#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
struct Begun {
    #[n(0)]
    #[zeroize(skip)]
    factor: FactorId,
    #[cbor(n(1), with = "minicbor::bytes")]
    code: [u8; 16],
    #[cbor(n(2), with = "minicbor::bytes")]
    short: [u8; 5],
}

/// What the page shows.
#[derive(Clone)]
pub struct PairingView {
    /// The device's id.
    pub enrolment: FactorId,
    /// Where the app is.
    pub app: String,
    /// The device's name.
    pub name: String,
    /// The link, for the camera and for a tap on the phone itself.
    pub link: Zeroizing<String>,
    /// The uid, to be typed.
    pub uid: String,
    /// The code, to be typed.
    pub code: Zeroizing<String>,
    /// Until when.
    pub expires: Timestamp,
    /// The phone that took it and waits for the click; `None` before.
    pub phone: Option<Device>,
}

impl fmt::Debug for PairingView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PairingView(…)")
    }
}

/// The page's pairing is over, or was not begun in this session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairingEnded;

impl App {
    /// Begins to add a phone; what was begun before in this session is over.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn begin_pairing(
        &self,
        person: &SignedInPerson,
        name: &DeviceName,
        pin: &Pin,
    ) -> Result<Result<(), EnrolmentRefused>, Failure> {
        if let Err(refused) = self.may_begin_enrolment(person).await? {
            return Ok(Err(refused));
        }
        // Its last click must find the session as fresh.
        if self.now().since(person.session.began) > FRESH.saturating_sub(PAIRING) {
            return Ok(Err(EnrolmentRefused::ProveMore));
        }
        self.end_pairing(person).await?;
        let begun = Begun {
            factor: FactorId::from_bytes(random_array(&*self.random)),
            code: random_array(&*self.random),
            short: random_array(&*self.random),
        };
        let expires = self.now().plus(PAIRING);
        let pin = Some(pin.expose().to_owned());
        let pairing = Pairing { factor: begun.factor, name: name.to_string(), pin, expires, phone: None };
        let account = &person.account;
        self.put_pairing(account, &pairing).await?;
        self.put_row(account, self.free_row(begun.factor), &(), expires).await?;
        for code in [&begun.code[..], &begun.short] {
            let row = self.code_row(account.stream, code);
            self.put_row(account, row, &begun.factor, expires).await?;
        }
        self.keep_for_session(person, LABEL, &begun, expires).await?;
        Ok(Ok(()))
    }

    /// How what this session began stands.
    ///
    /// # Errors
    /// The database's.
    pub async fn view_pairing(&self, person: &SignedInPerson) -> Result<Result<PairingView, PairingEnded>, Failure> {
        let Some(begun) = self.kept_for_session::<Begun>(person, LABEL).await? else { return Ok(Err(PairingEnded)) };
        let pairing = self.pairing(&person.account, begun.factor).await?;
        let Some(pairing) = pairing.filter(|pairing| self.now() < pairing.expires) else {
            return Ok(Err(PairingEnded));
        };
        let Some(identity) = &person.account.state.identity else { return Ok(Err(PairingEnded)) };
        let short = Zeroizing::new(encode32(&begun.short).to_uppercase());
        let uid = identity.uid;
        Ok(Ok(PairingView {
            enrolment: begun.factor,
            app: format!("{}/app", self.origin()),
            name: pairing.name.clone(),
            link: Zeroizing::new(format!(
                "{}/app#add={}.{}",
                self.origin(),
                uid.as_str(),
                BASE64URL_NOPAD.encode(&begun.code)
            )),
            uid: uid.as_str().to_owned(),
            code: Zeroizing::new(format!("{}-{}", &short[..4], &short[4..])),
            expires: pairing.expires,
            phone: pairing.phone.as_ref().map(|phone| phone.device.clone()),
        }))
    }

    /// Adds the phone that took this enrolment, under the name that the page showed. The account's first device lifts the
    /// session, as [`finish_enrolment`](Self::finish_enrolment) says.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn confirm_pairing(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        enrolment: FactorId,
        name: &DeviceName,
    ) -> Result<Result<Option<SignedInBrowser>, EnrolmentRefused>, Failure> {
        let begun = self.kept_for_session::<Begun>(person, LABEL).await?.filter(|begun| begun.factor == enrolment);
        let pairing = match &begun {
            Some(_) => self.pairing(&person.account, enrolment).await?,
            None => None,
        };
        match pairing.filter(|pairing| self.now() < pairing.expires && pairing.name == name.as_str()) {
            Some(pairing) => {
                let Some(phone) = &pairing.phone else { return Ok(Err(EnrolmentRefused::Gone)) };
                let kept = minicbor::to_vec(phone).map_err(|error| Failure::Internal(Box::new(error)))?;
                let enrolment = Enrolment::new(enrolment, kept, pairing.expires);
                self.keep_for_session(person, MobileApp.enrolment(), &enrolment, pairing.expires).await?;
            }
            // The same form may have added it, its answer lost.
            None if self.store.remembered(form.id).await?.is_none() => return Ok(Err(EnrolmentRefused::Gone)),
            None => {}
        }
        let added = self.finish_enrolment(client, person, form, &MobileApp, Called::Given(name), "").await?;
        if added.is_ok() && begun.is_some() {
            self.end_pairing(person).await?;
        }
        Ok(added)
    }

    /// Ends what this session began.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_pairing(&self, person: &SignedInPerson) -> Result<(), Failure> {
        let Some(begun) = self.kept_for_session::<Begun>(person, LABEL).await? else { return Ok(()) };
        self.forget_for_session(person.session.id, MobileApp.enrolment()).await?;
        self.forget_pairing(&person.account, begun.factor).await?;
        for code in [&begun.code[..], &begun.short] {
            let row = self.code_row(person.account.stream, code);
            self.store.backend().take(VolatileKind::Enrolment, &row, self.now()).await?;
        }
        self.forget_for_session(person.session.id, LABEL).await
    }
}
