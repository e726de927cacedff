//! What a phone asks and says once it is a device: whether somebody wants to sign in, and whether that was its owner.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use chancery_domain::account::commands::{AppRefusal, DenyAppRequest, RecordSecondFactorFailures, RecordWrongPin};
use chancery_domain::account::{OpenRecovery, SignInMethod};
use chancery_domain::{Actor, ActorDetails, ChallengeId, Command, FactorId, StreamId, Timestamp};
use chancery_eventstore::Priority;
use data_encoding::HEXLOWER;

use super::messages::{PhoneKeys, SIGNATURE};
use super::request_rows::{AppRequest, GOES_ON, PLACES, RequestOver, Standing};
use super::signing::{Approval, PROOF, Worth};
use super::speaking::{PhoneRefused, Signed, Speaker, counts};
use crate::accounts::LoadedAccount;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::factors::recovery::open_recovery;
use crate::run::{Attempt, Origin, TRIES};

/// A request, as a phone is told of it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its id.
    pub id: String,
    /// Whether the number on the page is to be typed.
    pub number_needed: bool,
    /// Whether it was asked in an open session.
    pub in_session: bool,
    /// What the browser that asked called itself.
    pub user_agent: Option<String>,
    /// Its address.
    pub address: String,
    /// When it asked.
    pub asked: Timestamp,
    /// Until when it can be answered.
    pub expires: Timestamp,
}

/// What a phone is told of its account.
#[derive(Clone, Debug)]
pub struct ShownRequests {
    /// The requests that wait, the newest first.
    pub requests: Vec<Shown>,
    /// How many PINs can be wrong before the device is blocked.
    pub pins_left: u8,
    /// The recovery of the account that waits or can be completed.
    pub recovery: Option<OpenRecovery>,
}

/// "This was me."
#[derive(Clone)]
pub struct Approving {
    /// The request.
    pub request: ChallengeId,
    /// The number as it was typed; empty where none had to be.
    pub number: String,
    /// The proof that the PIN was typed.
    pub proof: [u8; PROOF],
    /// The signature over all of it.
    pub signature: [u8; SIGNATURE],
}

impl std::fmt::Debug for Approving {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Approving(…)")
    }
}

/// What became of a PIN.
pub(super) enum Pin {
    Right,
    Refused(PhoneRefused),
}

impl App {
    /// The requests that wait for an answer by one of the account's phones.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn shown_requests(
        &self,
        client: &Client,
        speaker: Speaker<'_>,
        time: i64,
        signature: &[u8; SIGNATURE],
    ) -> Result<Result<ShownRequests, PhoneRefused>, Failure> {
        let asking = self.between(speaker.device).asking(time);
        let signed = match self.signed_by(client, speaker, &asking, signature).await? {
            Ok(signed) => signed,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Err(refused) = self.is_timely(time) {
            return Ok(Err(refused));
        }
        let asker = |request: &AppRequest| self.asker(signed.account.stream, client, request.session);
        let mut requests = Vec::new();
        for place in 0..PLACES {
            let Some(request) = self.request_in(&signed.account, place).await? else { continue };
            if request.is_unnoticed(self.now()) {
                self.note_unanswered(&signed.account, place, request).await?;
            } else if request.is_open(self.now()) {
                requests.push(request);
            }
        }
        requests.sort_by_key(|request| std::cmp::Reverse(request.asked));
        let shown = requests.into_iter().map(|request| Shown {
            id: HEXLOWER.encode(request.id.as_bytes()),
            number_needed: request.needs_number(asker(&request)),
            in_session: request.session.is_some(),
            expires: request.expires(),
            user_agent: request.user_agent,
            address: request.address,
            asked: request.asked,
        });
        let policy = self.policy().await?;
        let recovery = open_recovery(&signed.account.state, &policy.policy, self.now());
        Ok(Ok(ShownRequests { requests: shown.collect(), pins_left: signed.factor.pins_left(), recovery }))
    }

    /// A phone says that a request is its owner's. What is right waits for the page to go on; a wrong PIN counts at once.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn approve_request(
        &self,
        client: &Client,
        speaker: Speaker<'_>,
        approving: Approving,
    ) -> Result<Result<(), PhoneRefused>, Failure> {
        let Approving { request: id, number, proof, signature } = approving;
        let approval = Approval { request: id, device: speaker.device, number, proof, signature };
        let said = self.between(speaker.device).approval(id, &approval.number, &proof);
        let account = match self.signed_by(client, speaker, &said, &signature).await? {
            Ok(signed) => signed.account,
            Err(refused) => return Ok(Err(refused)),
        };
        let Some((place, waiting)) = self.find_request(&account, id).await? else {
            return Ok(Err(PhoneRefused::RequestGone));
        };
        // The same once more, its answer lost.
        if matches!(&waiting.standing, Standing::Approved(given) if *given == approval) {
            return Ok(Ok(()));
        }
        let judging = self.take_and_judge(client, &account, place, approval);
        self.in_turn(speaker.device, judging).await
    }

    /// Of any number of answers one is judged, and then the next.
    async fn take_and_judge(
        &self,
        client: &Client,
        account: &LoadedAccount,
        place: u8,
        approval: Approval,
    ) -> Result<Result<(), PhoneRefused>, Failure> {
        match self.take_request(account, place).await? {
            Some(request) if request.id == approval.request && request.is_open(self.now()) => {
                self.judge_approval(client, account, place, request, approval).await
            }
            Some(other) => {
                self.put_request(account, place, &other).await?;
                Ok(Err(PhoneRefused::RequestGone))
            }
            None => Ok(Err(PhoneRefused::RequestGone)),
        }
    }

    async fn judge_approval(
        &self,
        client: &Client,
        account: &LoadedAccount,
        place: u8,
        request: AppRequest,
        approval: Approval,
    ) -> Result<Result<(), PhoneRefused>, Failure> {
        let needed = request.needs_number(self.asker(account.stream, client, request.session));
        let given = approval.number.as_bytes();
        // Where none is needed none is typed: what is typed is right or wrong.
        let skipped = given.is_empty() && !needed;
        if !skipped && verify_slices_are_equal(given, request.number.as_bytes()).is_err() {
            self.note_failed_request(account.stream, &request).await?;
            self.end_request(account, place, request, RequestOver::WrongNumber).await?;
            return Ok(Err(PhoneRefused::WrongNumber));
        }
        let once = self.once(&[b"wrong pin", request.id.as_bytes(), approval.device.as_bytes(), &approval.proof]);
        let origin = self.origin_of_phone(client, account.stream, &approval.request, "approve", once);
        let judge = |keys: &PhoneKeys| approval.worth(self.origin(), keys);
        let pin = match self.judge_pin(account.stream, approval.device, judge, &origin).await {
            Ok(pin) => pin,
            Err(failure) => {
                self.put_request(account, place, &request).await?;
                return Err(failure);
            }
        };
        match pin {
            Pin::Right => {
                let standing = Standing::Approved(approval);
                self.put_request(account, place, &AppRequest { standing, ..request }).await?;
                Ok(Ok(()))
            }
            Pin::Refused(refused) => {
                if matches!(refused, PhoneRefused::WrongPin(left) if left > 0) {
                    self.put_request(account, place, &request).await?;
                } else {
                    self.note_failed_request(account.stream, &request).await?;
                    self.end_request(account, place, request, RequestOver::Blocked).await?;
                }
                Ok(Err(refused))
            }
        }
    }

    /// Judges what a phone made with its PIN by the secret that the service has now, and records a wrong PIN once for each
    /// origin before anybody is told of it.
    pub(super) async fn judge_pin(
        &self,
        stream: StreamId,
        device: FactorId,
        judge: impl Fn(&PhoneKeys) -> Worth,
        origin: &Origin,
    ) -> Result<Pin, Failure> {
        for _ in 0..TRIES {
            let signed = match self.device(stream, device).await? {
                Some(signed) if signed.account.state.is_usable() => signed,
                _ => return Ok(Pin::Refused(PhoneRefused::Gone)),
            };
            if let Err(refused) = counts(&signed.factor) {
                return Ok(Pin::Refused(refused));
            }
            match judge(&signed.keys) {
                Worth::Nothing => return Ok(Pin::Refused(PhoneRefused::Gone)),
                Worth::Right => return Ok(Pin::Right),
                Worth::WrongPin => {}
            }
            let command = RecordWrongPin { factor: device, credential: signed.factor.key };
            let policy = self.policy().await?;
            match self.attempt(&signed.account, &command, &policy, Vec::new(), origin).await? {
                Attempt::Decided { outcome: Ok(()), .. } => {
                    let left = self.device(stream, device).await?.map_or(0, |signed| signed.factor.pins_left());
                    return Ok(Pin::Refused(PhoneRefused::WrongPin(left)));
                }
                Attempt::Decided { outcome: Err(AppRefusal::Gone), .. } => {
                    return Ok(Pin::Refused(PhoneRefused::Gone));
                }
                Attempt::Decided { outcome: Err(AppRefusal::Stale), .. } | Attempt::Again => {}
            }
        }
        Err(Failure::BUSY)
    }

    /// Whoever holds a phone says that a request is not theirs: it is over, the password is worth nothing any more, the
    /// session in which it was asked ends, and where it came from nothing is asked for a day.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn deny_request(
        &self,
        client: &Client,
        speaker: Speaker<'_>,
        id: ChallengeId,
        signature: &[u8; SIGNATURE],
    ) -> Result<Result<(), PhoneRefused>, Failure> {
        let said = self.between(speaker.device).denial(id);
        let signed = match self.signed_by(client, speaker, &said, signature).await? {
            Ok(signed) => signed,
            Err(refused) => return Ok(Err(refused)),
        };
        let Signed { account, factor, .. } = signed;
        let Some((place, request)) = self.find_request(&account, id).await? else {
            return Ok(Err(PhoneRefused::RequestGone));
        };
        match &request.standing {
            // The same once more, its answer lost.
            Standing::Over(RequestOver::Denied) => return Ok(Ok(())),
            Standing::Over(_) => return Ok(Err(PhoneRefused::RequestGone)),
            // One who has approved it by mistake may think better of it, as long as nobody has gone on.
            Standing::Waiting | Standing::Approved(_) => {}
        }
        let (known_browser, session, ends) = (request.known_browser, request.session, request.session_ends);
        let (factor, credential) = (factor.id, factor.key);
        let command = DenyAppRequest { factor, credential, challenge: id, known_browser, session, ends };
        let once = self.once(&[b"denied", id.as_bytes()]);
        let origin = self.origin_of_phone(client, account.stream, &id, "deny", once);
        match self.in_turn(speaker.device, self.on_account(account.stream, &command, &origin)).await? {
            Some(Ok(())) => {}
            // Its PIN was changed a moment ago, on another screen of the same phone.
            Some(Err(AppRefusal::Stale)) => return Err(Failure::BUSY),
            Some(Err(AppRefusal::Gone)) | None => return Ok(Err(PhoneRefused::RequestGone)),
        }
        self.pause(&account, &request).await?;
        self.end_request(&account, place, request, RequestOver::Denied).await?;
        Ok(Ok(()))
    }

    pub(super) async fn find_request(
        &self,
        account: &LoadedAccount,
        id: ChallengeId,
    ) -> Result<Option<(u8, AppRequest)>, Failure> {
        for place in 0..PLACES {
            let request = self.request_in(account, place).await?;
            if let Some(request) = request.filter(|request| request.id == id) {
                return Ok(Some((place, request)));
            }
        }
        Ok(None)
    }

    /// Records that nobody answered a request in time.
    pub(super) async fn note_unanswered(
        &self,
        account: &LoadedAccount,
        place: u8,
        request: AppRequest,
    ) -> Result<(), Failure> {
        self.note_failed_request(account.stream, &request).await?;
        // Its place may be another's by now: only its own row says that this was noticed.
        let taken = self.take_request(account, place).await?;
        match taken {
            Some(own) if own.id == request.id => {
                let standing = Standing::Over(RequestOver::Unanswered);
                let held = self.now() < own.expires().plus(GOES_ON);
                self.put_request(account, place, &AppRequest { standing, ..own }).await?;
                // Whoever asks again at once need not wait for a place that nobody goes on by.
                if held { self.free(account.stream, place).await } else { Ok(()) }
            }
            Some(other) => self.put_request(account, place, &other).await,
            None => Ok(()),
        }
    }

    /// A request of a browser that the account does not know came to nothing: whoever asked knew the password, and the owner
    /// is told, once a day.
    pub(super) async fn note_failed_request(&self, stream: StreamId, request: &AppRequest) -> Result<(), Failure> {
        if request.known_browser {
            return Ok(());
        }
        let (since, method) = (request.asked, request.way);
        let command = RecordSecondFactorFailures { count: 1, since, method, known_browser: false };
        let once = self.once(&[b"request failed", request.id.as_bytes()]);
        let details =
            ActorDetails { address: Some(request.address.clone()), user_agent: request.user_agent.clone(), note: None };
        let origin = Origin {
            command: self.store.command_id(stream.as_bytes(), RecordSecondFactorFailures::NAME, once),
            fingerprint: self.store.fingerprint(&[RecordSecondFactorFailures::NAME.as_bytes()]),
            actor: Actor::Visitor,
            details: Some(details),
            correlation: self.new_id(),
            causing: None,
            priority: Priority::KnownBrowser,
        };
        if self.store.remembered(origin.command).await?.is_none() {
            self.on_account(stream, &command, &origin).await?;
        }
        Ok(())
    }
}

impl AppRequest {
    /// Whether the phone must be told the number: not by the very browser that asked to go on there.
    fn needs_number(&self, answers: Option<[u8; 32]>) -> bool {
        let is_asker = |(asked, answers): ([u8; 32], [u8; 32])| verify_slices_are_equal(&asked, &answers).is_ok();
        self.way != SignInMethod::OnMobile || !self.asker.zip(answers).is_some_and(is_asker)
    }
}
