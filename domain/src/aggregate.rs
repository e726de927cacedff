//! The shape that every aggregate, event and command has. The store, the inline rows and `verify` know only this.

use std::fmt;

use crate::events::Stored;
use crate::ids::{KeyId, StreamId};
use crate::policy::Policy;
use crate::time::{Moment, Timestamp};

/// The sealed subject part of an event, as far as it could be opened.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// The event never had one.
    Absent,
    /// Its key has been destroyed: the fact remains, the person does not.
    Redacted,
    /// The opened bytes.
    Open(&'a [u8]),
}

/// Why a stored event, state or command could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// No build up to this one writes such a type.
    #[error("unknown type {0}")]
    UnknownType(String),
    /// The type is known, this schema version of it is not: it was written by a newer build.
    #[error("schema version {1} of {0} is newer than this build")]
    UnknownVersion(String, u16),
    /// The bytes are not what the type and version say.
    #[error("malformed {0}: {1}")]
    Malformed(String, String),
}

impl DecodeError {
    /// Whether a newer build can read it; what is malformed nobody can.
    #[must_use]
    pub const fn is_newer(&self) -> bool {
        match self {
            Self::UnknownType(_) | Self::UnknownVersion(..) => true,
            Self::Malformed(..) => false,
        }
    }
}

/// A fact of one aggregate, as it stands in the log.
pub trait DomainEvent: Sized + Clone + PartialEq + fmt::Debug + Send + Sync {
    /// The stable wire name, such as `account.password_set`.
    fn event_type(&self) -> &'static str;

    /// The version of the stored shape that this build writes for the type.
    fn schema_version(&self) -> u16;

    /// The bytes of the subject part (CBOR), or `None` for an event that has none.
    fn encode(&self) -> Option<Vec<u8>>;

    /// The form in which it is stored where every process reads the generation `readers` of stored shapes; see
    /// [`READS`](crate::events::READS).
    fn stored(&self, readers: u16) -> Stored {
        let _ = readers;
        Stored { version: self.schema_version(), subject: self.encode() }
    }

    /// Reads a stored event of any version up to today's, upgrading older shapes.
    ///
    /// # Errors
    /// [`DecodeError`] says whether the event is newer than this build or damaged.
    fn decode(event_type: &str, schema_version: u16, subject: Subject<'_>) -> Result<Self, DecodeError>;
}

macro_rules! claim_kinds {
    ($($(#[$meta:meta])* $kind:ident = $number:literal, $name:literal, released: $released:literal;)+) => {
        /// What a reservation is about. Numbers are stored and never given twice.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum ClaimKind {
            $($(#[$meta])* $kind = $number,)+
        }

        impl ClaimKind {
            /// The kind that a stored number stands for.
            #[must_use]
            pub const fn from_stored(number: i64) -> Option<Self> {
                match number {
                    $($number => Some(Self::$kind),)+
                    _ => None,
                }
            }

            /// What an operator calls such a value.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)+
                }
            }

            /// Whether a value is free again once no state holds it.
            #[must_use]
            pub const fn is_released(self) -> bool {
                match self {
                    $(Self::$kind => $released,)+
                }
            }
        }
    };
}

claim_kinds! {
    /// A normalised e-mail address.
    Email = 1, "e-mail address", released: true;
    /// A uid.
    Uid = 2, "uid", released: false;
    /// A mailed link's id: an old link can still say what is wrong with it.
    Link = 3, "link", released: false;
    /// The hash of a session's secret.
    Session = 4, "session", released: true;
    /// The hash of an application's secret.
    ApplicationSecret = 5, "application's secret", released: true;
    /// An application's name.
    ApplicationName = 6, "application's name", released: false;
    /// The SHA-256 of a WebAuthn credential's id.
    WebauthnCredential = 7, "WebAuthn credential", released: true;
    /// The uid of an account that has a telephone for codes by SMS, or was told that they end: by it those are listed. What
    /// an earlier build left out is listed under another value; see
    /// [`Account::sms_claim`](crate::account::Account::sms_claim).
    SmsAccount = 8, "account with a telephone", released: true;
}

/// A value that at most one stream may hold. The store sees only its HMAC.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Claim {
    /// What the value is.
    pub kind: ClaimKind,
    /// The normalised value.
    pub value: Vec<u8>,
}

/// Shows the kind only: the value may be an address.
impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claim({:?})", self.kind)
    }
}

/// A consistency boundary: one stream of events and the state folded from it.
///
/// What an append does besides adding events follows from comparing the states before and after: values that appear in
/// [`claims`](Self::claims) are reserved and those that vanish released, keys that vanish from
/// [`secret_keys`](Self::secret_keys) are destroyed, and a state that turned into a [tombstone](Self::is_tombstone)
/// takes its data key with it.
pub trait Aggregate: Sized + Clone + Default + PartialEq + fmt::Debug + Send + Sync + 'static {
    /// The aggregate's name, the first part of its events' types.
    const NAME: &'static str;

    /// Raised with every change to what `evolve` or `encode` yields, so that older stored states are folded anew.
    const FOLD_VERSION: u16;

    /// The facts of this aggregate.
    type Event: DomainEvent;

    /// Applies one event that was decided at `decided`. The only place where state changes; knows no other time.
    fn evolve(&mut self, decided: Timestamp, event: &Self::Event);

    /// The state as deterministic bytes: equal states give equal bytes.
    fn encode(&self) -> Vec<u8>;

    /// Reads what [`encode`](Self::encode) of the same fold version wrote.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] if the bytes are something else.
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError>;

    /// The values that this state reserves.
    fn claims(&self) -> Vec<Claim>;

    /// The keys of the credentials' own secrets that this state still needs.
    fn secret_keys(&self) -> Vec<KeyId>;

    /// Whether the subject is gone: its key is destroyed and nothing of its state is kept.
    fn is_tombstone(&self) -> bool;
}

/// What a command is decided against besides the state.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The stream that the command is about.
    pub stream: StreamId,
    /// The moment of the decision, by the injected clock.
    pub now: Timestamp,
    /// When the log's epoch began, by the event that began it. No node of another epoch appends, so that nothing guards it.
    pub epoch_began: Timestamp,
    /// The policy in force. The append guards its version.
    pub policy: &'a Policy,
}

impl Context<'_> {
    /// The moment, for judging what is open.
    #[must_use]
    pub const fn moment(&self) -> Moment {
        Moment { now: self.now, epoch_began: self.epoch_began }
    }
}

/// The yield of a decision: facts and an answer. A refusal that an auditor must see carries events too.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Decision<E, O, R> {
    /// What happened, in order; empty if nothing did.
    pub events: Vec<E>,
    /// What the caller is told.
    pub outcome: Result<O, R>,
}

impl<E, O, R> Decision<E, O, R> {
    /// These events, and success.
    pub const fn accept(events: Vec<E>, outcome: O) -> Self {
        Self { events, outcome: Ok(outcome) }
    }

    /// No events, and a refusal.
    pub const fn refuse(refusal: R) -> Self {
        Self { events: Vec::new(), outcome: Err(refusal) }
    }

    /// A refusal that leaves a trace.
    pub const fn refuse_with(events: Vec<E>, refusal: R) -> Self {
        Self { events, outcome: Err(refusal) }
    }
}

/// An intention, with everything that its decision needs and no secret: verdicts stand in for secrets.
///
/// The encoded command is kept with the first event it leads to, so that the decision can be run again years later.
pub trait Command: fmt::Debug + Send + Sync {
    /// The aggregate that decides.
    type Aggregate: Aggregate;
    /// The answer to an accepted command.
    type Outcome;
    /// The reasons to refuse.
    type Refusal;
    /// The stable name, such as `set-password`.
    const NAME: &'static str;
    /// Raised with every change to the encoded shape.
    const VERSION: u16;

    /// The command as CBOR.
    fn encode(&self) -> Vec<u8>;

    /// Decides. Pure: the same command, state and context always give the same decision.
    fn decide(
        &self,
        state: &Self::Aggregate,
        context: Context<'_>,
    ) -> Decision<<Self::Aggregate as Aggregate>::Event, Self::Outcome, Self::Refusal>;
}

/// Implements what every command's encoding shares: whose it is, its name and version, its outcome and its refusal.
macro_rules! command_shape {
    ($aggregate:ty, $name:literal v $version:literal: $outcome:ty, $refusal:ty) => {
        type Aggregate = $aggregate;
        type Outcome = $outcome;
        type Refusal = $refusal;
        const NAME: &'static str = $name;
        const VERSION: u16 = $version;

        fn encode(&self) -> Vec<u8> {
            crate::aggregate::to_cbor(self)
        }
    };
}
pub(crate) use command_shape;

/// A value as CBOR. Every stored shape goes through here.
pub(crate) fn to_cbor<T: minicbor::Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).expect("encoding into memory does not fail")
}

/// A value from CBOR; `name` is what an error calls it. Bytes behind the value are refused.
pub(crate) fn from_cbor<'b, T: minicbor::Decode<'b, ()>>(name: &str, bytes: &'b [u8]) -> Result<T, DecodeError> {
    let malformed = |error: String| DecodeError::Malformed(name.to_owned(), error);
    let mut decoder = minicbor::Decoder::new(bytes);
    let value = decoder.decode().map_err(|error| malformed(error.to_string()))?;
    if decoder.position() != bytes.len() {
        return Err(malformed("bytes follow the value".to_owned()));
    }
    Ok(value)
}
