//! Who acted.

use std::net::IpAddr;

use minicbor::{Decode, Encode};

use crate::ids::StreamId;

/// Who caused an event. It stands in the clear in the row, so every identifier here is pseudonymous.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Somebody in a browser who has not proved to be anyone.
    Visitor,
    /// The owner of the account whose stream this is.
    Person(StreamId),
    /// An administrator, by pseudonym: a keyed hash of the name, never the name.
    Administrator(String),
    /// A job or timer, by its name.
    Worker(String),
    /// A relying application, by its stream.
    Application(StreamId),
    /// The service itself, at start.
    Service,
}

impl Actor {
    /// The actor's kind as it is stored; numbers are never given twice.
    #[must_use]
    pub const fn kind(&self) -> u8 {
        match self {
            Self::Visitor => 0,
            Self::Person(_) => 1,
            Self::Administrator(_) => 2,
            Self::Worker(_) => 3,
            Self::Application(_) => 4,
            Self::Service => 5,
        }
    }

    /// The pseudonymous identifier as it is stored; empty for [`Actor::Visitor`] and [`Actor::Service`].
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Visitor | Self::Service => String::new(),
            Self::Person(stream) | Self::Application(stream) => data_encoding::HEXLOWER.encode(stream.as_bytes()),
            Self::Administrator(name) | Self::Worker(name) => name.clone(),
        }
    }

    /// The actor with this stored kind and identifier, or `None` if this build knows no such kind.
    #[must_use]
    pub fn from_stored(kind: u8, id: &str) -> Option<Self> {
        let stream = || {
            let mut bytes = [0; 16];
            if id.len() != 2 * bytes.len() {
                return None;
            }
            data_encoding::HEXLOWER.decode_mut(id.as_bytes(), &mut bytes).ok()?;
            Some(StreamId::from_bytes(bytes))
        };
        Some(match kind {
            0 => Self::Visitor,
            1 => Self::Person(stream()?),
            2 => Self::Administrator(id.to_owned()),
            3 => Self::Worker(id.to_owned()),
            4 => Self::Application(stream()?),
            5 => Self::Service,
            _ => return None,
        })
    }
}

/// What is known of the machine that an actor used: sealed in the actor part, gone with the month's network key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct ActorDetails {
    /// The client's address in its textual form.
    #[n(0)]
    pub address: Option<String>,
    /// The browser's `User-Agent`, cut to 256 characters.
    #[n(1)]
    pub user_agent: Option<String>,
    /// The administrator's reason or name, where one acted.
    #[n(2)]
    pub note: Option<String>,
}

impl ActorDetails {
    /// Details of a request from `address` by a browser that calls itself `user_agent`.
    #[must_use]
    pub fn of_request(address: IpAddr, user_agent: Option<&str>) -> Self {
        Self {
            address: Some(address.to_string()),
            user_agent: user_agent.map(|text| text.chars().take(256).collect()),
            note: None,
        }
    }
}
