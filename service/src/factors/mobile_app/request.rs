//! A request that the app shows: which browser wants to sign in, and the number on its page. What becomes of it is kept in
//! volatile rows; losing them only asks again.
//!
//! An account has three places for requests, one of which is kept for browsers that it knows. A place is a counter that
//! holds one, so that of any number of browsers one gets it, and none ends another one's request.

use chancery_domain::account::commands::OpenAppRequest;
use chancery_domain::account::{FactorKind, SignInMethod};
use chancery_domain::events::LISTED;
use chancery_domain::{Actor, ChallengeId, Command as _, FactorId, SessionId, StreamId, Timestamp};
use chancery_eventstore::volatile::Tally;
use data_encoding::HEXLOWER;
use minicbor::{Decode, Encode};
use zeroize::Zeroizing;

pub use super::request_rows::RequestOver;
use super::request_rows::{ANSWERABLE, AppRequest, GOES_ON, PLACES, Standing, UNANSWERED};
use crate::accounts::LoadedAccount;
use crate::accounts::session::SignedInPerson;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::factors::step::found_by;
use crate::factors::verify::AnswerRefused;
use crate::ports::random_array;
use crate::run::Origin;
use crate::secrets::browsers::ProofSecret;
use crate::throttle::LimitReached;

/// What the row of a browser's own request is bound to.
const LABEL: &[u8] = b"app request";

/// What a browser remembers of its own.
#[derive(Clone, Encode, Decode)]
struct Own {
    #[n(0)]
    stream: StreamId,
    #[n(1)]
    place: u8,
    #[n(2)]
    id: ChallengeId,
    #[n(3)]
    number: String,
    #[n(4)]
    way: SignInMethod,
    #[n(5)]
    session: Option<SessionId>,
    #[n(6)]
    expires: Timestamp,
    /// When the first proof is too old that it followed: after another one it is asked anew.
    #[n(7)]
    first_proof: Timestamp,
}

impl std::fmt::Debug for Own {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Own(…)")
    }
}

/// How a browser's own request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestStanding {
    /// No phone has answered yet.
    Waiting,
    /// A phone has said that it was its owner.
    Approved,
    /// It is over.
    Over(RequestOver),
}

/// What a page shows of its request.
#[derive(Clone)]
pub struct RequestView {
    /// Its id, as the app names it.
    pub id: String,
    /// The number.
    pub number: Zeroizing<String>,
    /// How it stands.
    pub standing: RequestStanding,
    /// When it was asked.
    pub asked: Timestamp,
    /// Until when it can be answered.
    pub until: Timestamp,
}

impl std::fmt::Debug for RequestView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RequestView(…)")
    }
}

/// Why the phone is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestRefused {
    /// Asked for too often.
    Limit(LimitReached),
    /// Others are asking: when a place may be free at the latest.
    Full(Timestamp),
    /// A request from here was denied; until when nothing is asked.
    Paused(Timestamp),
}

impl App {
    /// Asks the account's phones for a browser that chose this way, unless that has been done; `None` where nothing is asked
    /// of the browser, or where the account has no phone that counts. What is over is asked `anew` only where somebody wants
    /// that: a page that is shown again must not.
    ///
    /// # Errors
    /// The database's.
    pub async fn ask_phones(
        &self,
        client: &Client,
        person: Option<&SignedInPerson>,
        way: SignInMethod,
        anew: bool,
    ) -> Result<Result<Option<RequestView>, RequestRefused>, Failure> {
        let Some((step, account)) = self.asked_step(client, person, way).await? else { return Ok(Ok(None)) };
        // Nobody's phone is shown what only a first proof led to that is worth nothing any more.
        if person.is_none() && self.account_of(&step).await?.is_none() {
            return Ok(Ok(None));
        }
        if !account.state.factors.counting().any(|factor| factor.kind == FactorKind::MobileApp) {
            return Ok(Ok(None));
        }
        let session = person.map(|person| person.session.id);
        for own in self.own_requests(client).await? {
            let same = own.stream == account.stream && own.session == session && own.way == way;
            let same = same && own.first_proof == step.expires;
            let view = self.view_request(&account, &own).await?;
            if same && !(anew && matches!(view.standing, RequestStanding::Over(_))) {
                return Ok(Ok(Some(view)));
            }
            self.give_up_own_request(client, &own).await?;
        }
        self.open_request(client, &account, person, way, step.expires).await
    }

    /// How a browser's own request stands; `None` where it has none.
    ///
    /// # Errors
    /// The database's.
    pub async fn request_standing(
        &self,
        client: &Client,
        person: Option<&SignedInPerson>,
    ) -> Result<Option<RequestStanding>, Failure> {
        let session = person.map(|person| person.session.id);
        let Some(own) = self.own_request(client, session).await? else { return Ok(None) };
        let Some(account) = self.account(own.stream).await? else { return Ok(None) };
        Ok(Some(self.view_request(&account, &own).await?.standing))
    }

    async fn open_request(
        &self,
        client: &Client,
        account: &LoadedAccount,
        person: Option<&SignedInPerson>,
        way: SignInMethod,
        first_proof: Timestamp,
    ) -> Result<Result<Option<RequestView>, RequestRefused>, Failure> {
        let (stream, now) = (account.stream, self.now());
        let session = person.map(|person| person.session.id);
        let Some(secret) = found_by(client, session) else { return Ok(Ok(None)) };
        let known = self.proved_device(&client.known, stream, &account.state);
        let from = self.pauses(stream, client);
        // A browser that the account knows is never kept out by what a stranger in its network did.
        if known.is_none() {
            for pause in &from {
                if let Some(until) = self.paused_until(account, pause).await? {
                    return Ok(Err(RequestRefused::Paused(until)));
                }
            }
        }
        let asked = match known {
            Some(device) => {
                (self.limits.app_requests_known, self.counter(&[b"app asked known", stream.as_bytes(), &device]))
            }
            None => (self.limits.app_requests_unknown, self.counter(&[b"app asked", stream.as_bytes()])),
        };
        if let Err(reached) = self.take_all(&[asked]).await? {
            return Ok(Err(RequestRefused::Limit(reached)));
        }
        let place = match self.free_place(stream, known.is_some()).await? {
            Ok(place) => place,
            Err(until) => {
                self.give_back(&[asked]).await?;
                return Ok(Err(RequestRefused::Full(until)));
            }
        };
        // What nobody answered here before is not forgotten with its row.
        if let Some(former) = self.request_in(account, place).await?.filter(|former| former.is_unnoticed(now)) {
            self.note_failed_request(stream, &former).await?;
        }
        let id = ChallengeId::from_bytes(random_array(&*self.random));
        let number = two_digits(random_array(&*self.random));
        let expires = now.plus(ANSWERABLE);
        let own = Own { stream, place, id, number: number.clone(), way, session, expires, first_proof };
        let request = AppRequest {
            id,
            number,
            way,
            from,
            asker: self.asker(stream, client, session),
            known_browser: known.is_some(),
            user_agent: client.user_agent.clone(),
            address: client.address.to_string(),
            asked: now,
            session,
            session_ends: person.map(|person| person.session.expires),
            standing: Standing::Waiting,
        };
        // Kept first: whoever is told of it looks for it.
        self.put_request(account, place, &request).await?;
        self.put_browser_row(secret, LABEL, &own, own.expires.plus(UNANSWERED)).await?;
        if self.note_opened(client, &own, known.is_some()).await? {
            return Ok(Ok(Some(view(&own, RequestStanding::Waiting))));
        }
        // The last phone that counted is gone since the account was read.
        self.end_own_request(client, session).await?;
        Ok(Ok(None))
    }

    /// Notes that the account's phones are asked; false where none of them counts. While a process lives that cannot read
    /// such an event nothing is noted: it could do nothing for the account any more.
    async fn note_opened(&self, client: &Client, own: &Own, known_browser: bool) -> Result<bool, Failure> {
        if self.store.readers().at(self.now()) < LISTED {
            return Ok(true);
        }
        let command = OpenAppRequest { challenge: own.id, method: own.way, known_browser };
        let once = self.once(&[b"app request opened", own.id.as_bytes()]);
        let origin = self.origin_of_phone(client, own.stream, &own.id, OpenAppRequest::NAME, once);
        let actor = if own.session.is_some() { Actor::Person(own.stream) } else { Actor::Visitor };
        let opened = self.on_account(own.stream, &command, &Origin { actor, ..origin }).await?;
        Ok(matches!(opened, Some(Ok(()))))
    }

    /// Takes a place that is free; else when one may be.
    async fn free_place(&self, stream: StreamId, known: bool) -> Result<Result<u8, Timestamp>, Failure> {
        let mut free = self.now().plus(ANSWERABLE + GOES_ON);
        let places = if known { PLACES } else { PLACES - 1 };
        // Strangers leave the last one alone, and so do known browsers leave theirs.
        for place in (0..places).rev() {
            let counter = self.place_counter(stream, place);
            match self.store.backend().count(&counter, 1, ANSWERABLE + GOES_ON, self.now()).await? {
                Tally::Taken { .. } => return Ok(Ok(place)),
                Tally::Full { until } => free = free.min(until),
            }
        }
        Ok(Err(free))
    }

    /// What a browser asks phones for, in a sign-in or in a session.
    async fn own_request(&self, client: &Client, session: Option<SessionId>) -> Result<Option<Own>, Failure> {
        let Some(secret) = found_by(client, session) else { return Ok(None) };
        let own: Option<Own> = self.peek_browser_row(secret, LABEL).await?;
        Ok(own.filter(|own| own.session == session))
    }

    /// Both, of which a browser has one at a time.
    async fn own_requests(&self, client: &Client) -> Result<Vec<Own>, Failure> {
        let mut own = Vec::new();
        for secret in client.proof.as_ref().map(ProofSecret::expose).into_iter().chain([client.browser.expose()]) {
            own.extend(self.peek_browser_row::<Own>(secret, LABEL).await?);
        }
        Ok(own)
    }

    /// Gives up what a browser asks phones for in a sign-in that is begun anew.
    pub(in crate::factors) async fn leave_request(&self, client: &Client) -> Result<(), Failure> {
        match self.own_request(client, None).await? {
            Some(own) => self.give_up_own_request(client, &own).await,
            None => Ok(()),
        }
    }

    async fn view_request(&self, account: &LoadedAccount, own: &Own) -> Result<RequestView, Failure> {
        let now = self.now();
        let request = self.request_in(account, own.place).await?;
        let over = RequestStanding::Over;
        let standing = match request {
            // While a phone's answer is judged it is nowhere.
            None if now < own.expires => RequestStanding::Waiting,
            Some(request) if request.id == own.id && request.is_unnoticed(now) => {
                self.note_unanswered(account, own.place, request).await?;
                over(RequestOver::Unanswered)
            }
            Some(request) if request.id == own.id => match request.standing {
                Standing::Waiting => RequestStanding::Waiting,
                Standing::Approved(_) if now < own.expires.plus(GOES_ON) => RequestStanding::Approved,
                Standing::Approved(_) => over(RequestOver::Unanswered),
                Standing::Over(how) => over(how),
            },
            Some(_) | None => over(RequestOver::Unanswered),
        };
        Ok(view(own, standing))
    }

    /// What a phone said of the request of this browser, for [`ByRequest`](super::approval::ByRequest).
    pub(in crate::factors) async fn phones_answer(
        &self,
        client: &Client,
        session: Option<SessionId>,
    ) -> Result<Result<(FactorId, Zeroizing<String>), AnswerRefused>, Failure> {
        let unanswered = Ok(Err(AnswerRefused::RequestOver(RequestOver::Unanswered)));
        let Some(own) = self.own_request(client, session).await? else { return unanswered };
        let Some(account) = self.account(own.stream).await? else { return unanswered };
        match self.view_request(&account, &own).await?.standing {
            RequestStanding::Waiting => Ok(Err(AnswerRefused::NotAnsweredYet)),
            RequestStanding::Over(over) => Ok(Err(AnswerRefused::RequestOver(over))),
            RequestStanding::Approved => match self.request_in(&account, own.place).await? {
                Some(AppRequest { id, standing: Standing::Approved(approval), .. }) if id == own.id => {
                    Ok(Ok((approval.device, approval.as_answer())))
                }
                _ => unanswered,
            },
        }
    }

    /// Ends the request of this browser for another one. That nobody has answered it is no less a failure than if its time had
    /// gone by: whoever asks again and again leaves a trace of each.
    async fn give_up_own_request(&self, client: &Client, own: &Own) -> Result<(), Failure> {
        if let Some(account) = self.account(own.stream).await? {
            let waits = |request: &AppRequest| request.id == own.id && matches!(request.standing, Standing::Waiting);
            let request = self.request_in(&account, own.place).await?;
            if let Some(waiting) = request.filter(waits) {
                self.note_failed_request(account.stream, &waiting).await?;
            }
        }
        self.end_own_request(client, own.session).await
    }

    /// Notes what nobody answered in time of whatever the account's phones were asked, though no page and no phone looks.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn note_all_unanswered(&self, stream: StreamId) -> Result<(), Failure> {
        let Some(account) = self.account(stream).await? else { return Ok(()) };
        if !account.state.factors.devices.iter().any(|factor| factor.kind == FactorKind::MobileApp) {
            return Ok(());
        }
        for place in 0..PLACES {
            let request = self.request_in(&account, place).await?;
            if let Some(request) = request.filter(|request| request.is_unnoticed(self.now())) {
                self.note_unanswered(&account, place, request).await?;
            }
        }
        Ok(())
    }

    /// Ends the request of this browser, whatever it led to, and gives its place away.
    pub(in crate::factors) async fn end_own_request(
        &self,
        client: &Client,
        session: Option<SessionId>,
    ) -> Result<(), Failure> {
        let Some(secret) = found_by(client, session) else { return Ok(()) };
        let own: Option<Own> = self.take_browser_row(secret, LABEL).await?;
        let Some(own) = own else { return Ok(()) };
        let Some(account) = self.account(own.stream).await? else { return Ok(()) };
        let is_own = |request: &AppRequest| request.id == own.id && !matches!(request.standing, Standing::Over(_));
        // Once its time is over the place may be another browser's.
        if self.now() < own.expires.plus(GOES_ON)
            && self.request_in(&account, own.place).await?.is_some_and(|it| is_own(&it))
        {
            self.take_request(&account, own.place).await?;
            self.free(own.stream, own.place).await?;
        }
        Ok(())
    }
}

fn view(own: &Own, standing: RequestStanding) -> RequestView {
    let asked = own.expires.minus(ANSWERABLE);
    let number = Zeroizing::new(own.number.clone());
    RequestView { id: HEXLOWER.encode(own.id.as_bytes()), number, standing, asked, until: own.expires }
}

/// A number of two digits, each as likely as any other.
fn two_digits(random: [u8; 8]) -> String {
    format!("{}", 10 + u64::from_be_bytes(random) % 90)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::SeededRandom;

    #[test]
    fn a_number_has_two_digits_and_none_is_likelier() {
        let random = SeededRandom::new(4);
        let mut counts = std::collections::BTreeMap::<String, u32>::new();
        for _ in 0..9_000 {
            *counts.entry(two_digits(random_array(&random))).or_default() += 1;
        }
        assert_eq!(counts.len(), 90);
        assert!(counts.keys().all(|number| number.len() == 2 && !number.starts_with('0')));
        assert!(counts.values().all(|count| (50..160).contains(count)), "{counts:?}");
    }
}
