//! Identifiers. None of them says anything about a person; all are made outside this crate.

use std::fmt;

use minicbor::{Decode, Encode};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(#[cbor(n(0), with = "minicbor::bytes")] [u8; $bytes]);

        impl $name {
            /// The identifier made of these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            /// The bytes of the identifier.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::from_bytes([0; $bytes])
            }
        }

        /// Lower-case hexadecimal.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&data_encoding::HEXLOWER.encode(self.as_bytes()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

macro_rules! uuid_id {
    ($($name:ident),*) => { $(
        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self::from_bytes(id.into_bytes())
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                Uuid::from_bytes(*id.as_bytes())
            }
        }
    )* };
}

id!(
    /// One aggregate's stream of events: an account, the policy, later an application or a campaign.
    StreamId,
    16
);
id!(
    /// A key that seals: an account's data key, a credential's own key, a month's network key.
    KeyId,
    16
);
id!(
    /// One mailed link. The link's secret is a MAC over it and is stored nowhere.
    LinkId,
    8
);
id!(
    /// One signed-in session, as its owner sees it in a list. Not its secret.
    SessionId,
    16
);
id!(
    /// A keyed hash of the secret in a browser's pre-session cookie: tells whether two requests came from one browser.
    BrowserTag,
    16
);

id!(
    /// One second factor of one account: a key, an app, a telephone. Stable for as long as the person keeps the device.
    FactorId,
    16
);
id!(
    /// One challenge that a second factor answered. Taken once; kept by the event that the answer led to.
    ChallengeId,
    16
);

uuid_id!(StreamId, KeyId, SessionId, FactorId, ChallengeId);
