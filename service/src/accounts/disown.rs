//! "This wasn't me": the link in each mail about a change. Looking uses nothing up.

use chancery_domain::account::commands::{CancelRecovery, CancelRefusal, Changed, DisownChange, DisownRefusal};
use chancery_domain::account::{Account, AccountEvent};
use chancery_domain::events::FACTORS;
use chancery_domain::{Actor, Context, Timestamp};
use chancery_eventstore::{Position, StreamKey};

use super::LoadedAccount;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::mail::{SecurityChange, ToldDevice};
use crate::secrets::forms::FormCommand;

/// How the link of a change stands.
#[derive(Clone, Debug)]
pub enum DisownView {
    /// The change can be disowned.
    Open(Box<Disownable>),
    /// It is about a recovery, which can be cancelled.
    Recovery(Box<Cancellable>),
    /// That recovery was cancelled by this form.
    RecoveryCancelled,
    /// It waits no more: it was cancelled, completed or replaced, or it has lapsed.
    RecoveryOver,
    /// It was.
    Used,
    /// Its time is over, or the account cannot be used.
    Expired,
    /// The link is cut, guessed, of another installation or of an earlier epoch.
    Damaged,
}

/// What a mail told, whose link disowns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// That there is another password.
    PasswordSet,
    /// That somebody signed in.
    SignedIn,
    /// What became of what protects the account.
    Security(SecurityChange),
}

impl Told {
    const fn of(event: &AccountEvent) -> Option<Self> {
        match event {
            AccountEvent::PasswordSet(_) => Some(Self::PasswordSet),
            AccountEvent::SignedIn(_) => Some(Self::SignedIn),
            event => match SecurityChange::of(event) {
                Some(change) => Some(Self::Security(change)),
                None => None,
            },
        }
    }
}

/// A change that can be disowned.
#[derive(Clone, Debug)]
pub struct Disownable {
    /// The account.
    pub account: LoadedAccount,
    /// What disowns it.
    pub command: DisownChange,
    /// What the mail told.
    pub told: Told,
    /// The devices that it named.
    pub devices: Vec<ToldDevice>,
    /// Where the change stands in the log, by which its link is named.
    pub position: Position,
}

/// A recovery that can be cancelled.
#[derive(Clone, Debug)]
pub struct Cancellable {
    /// The account.
    pub account: LoadedAccount,
    /// What cancels it.
    pub command: CancelRecovery,
    /// The one device that it is about; `None` where all are lost.
    pub device: Option<ToldDevice>,
    /// When it can be completed at the earliest.
    pub ends: Timestamp,
    /// Where its request stands in the log, by which its link is named.
    pub position: Position,
}

impl App {
    /// How the link of a token stands.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn view_disowning(&self, token: &str) -> Result<DisownView, Failure> {
        let Some(position) = self.read_disown_token(token) else { return Ok(DisownView::Damaged) };
        let Some(row) = self.store.backend().event(position).await? else { return Ok(DisownView::Damaged) };
        let account = self.store.load::<Account>(row.stream).await?;
        let Some(account) = account.filter(|account| !matches!(account.key, StreamKey::Gone)) else {
            return Ok(DisownView::Expired);
        };
        let event = self.store.open_event::<AccountEvent>(&row).await?;
        if let AccountEvent::RecoveryRequested(_) = event {
            let open = account.state.recovery.at(self.now()).filter(|_| account.state.is_usable());
            let Some(open) = open.filter(|open| open.requested == row.decided).copied() else {
                return Ok(DisownView::RecoveryOver);
            };
            let command = CancelRecovery { requested: open.requested };
            let device = self.told_devices(&row, &event).await?.into_iter().next();
            let ends = open.ends;
            return Ok(DisownView::Recovery(Box::new(Cancellable { account, command, device, ends, position })));
        }
        let (Some(mut changed), Some(told)) = (Changed::by(&event), Told::of(&event)) else {
            return Ok(DisownView::Damaged);
        };
        let devices = self.told_devices(&row, &event).await?;
        if devices.len() > 1 {
            changed = Changed::Factors(devices.iter().map(|device| device.id).collect());
        }
        let command = DisownChange { version: row.version.0.unsigned_abs(), at: row.decided, changed };
        let policy = self.policy().await?.policy;
        let (moment, stream) = (self.moment(), account.stream);
        let context = Context { stream, now: moment.now, epoch_began: moment.epoch_began, policy: &policy };
        Ok(match account.state.may_disown(command.version, command.at, context) {
            Ok(()) => DisownView::Open(Box::new(Disownable { account, command, told, devices, position })),
            Err(DisownRefusal::Used) => DisownView::Used,
            Err(DisownRefusal::Expired) => DisownView::Expired,
        })
    }

    /// Disowns the change of a token; what else became of it is how its link stands. The same form sent again, its answer
    /// lost, ends in the same place.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn disown(&self, client: &Client, form: FormCommand, token: &str) -> Result<DisownView, Failure> {
        // A process that does not know what this leads to would misjudge the account.
        if self.store.readers().at(self.now()) < FACTORS {
            return Err(Failure::BUSY);
        }
        let open = match self.view_disowning(token).await? {
            DisownView::Open(open) => open,
            DisownView::Recovery(open) => return self.cancel_recovery(client, form, &open).await,
            DisownView::RecoveryOver if self.is_done(form).await? => return Ok(DisownView::RecoveryCancelled),
            other => return Ok(other),
        };
        let (stream, version) = (open.account.stream, open.command.version);
        let fingerprint = self.store.fingerprint(&[b"disown", stream.as_bytes(), &version.to_be_bytes()]);
        let origin = self.form_origin(client, form, fingerprint, Actor::Person(stream));
        Ok(match self.on_account(stream, &open.command, &origin).await? {
            Some(Ok(()) | Err(DisownRefusal::Used)) => DisownView::Used,
            Some(Err(DisownRefusal::Expired)) | None => DisownView::Expired,
        })
    }

    async fn cancel_recovery(
        &self,
        client: &Client,
        form: FormCommand,
        open: &Cancellable,
    ) -> Result<DisownView, Failure> {
        let stream = open.account.stream;
        let requested = open.command.requested.micros().to_be_bytes();
        let fingerprint = self.store.fingerprint(&[b"cancel recovery", stream.as_bytes(), &requested]);
        let origin = self.form_origin(client, form, fingerprint, Actor::Person(stream));
        Ok(match self.on_account(stream, &open.command, &origin).await? {
            Some(Ok(())) => DisownView::RecoveryCancelled,
            Some(Err(
                CancelRefusal::NoneWaits
                | CancelRefusal::WrongPassword
                | CancelRefusal::StaleVerdict
                | CancelRefusal::NoSay
                | CancelRefusal::Proof(_),
            ))
            | None => DisownView::RecoveryOver,
        })
    }
}
