//! How an aggregate's events are declared: each variant with its body, its wire name and its version, once. Behind
//! `after` stand the versions that are no longer written, each with the body that it had and that turns into today's.
//! Behind `since` stands from which generation of stored shapes on the newest version is written, and behind `else` the
//! one that is written as long as a process lives that does not read so far; its body is made from today's and turns back
//! into it.

/// The generation of stored shapes that this build reads. Each process announces it, and writes only what all live ones
/// read: so builds can be replaced one after the other.
///
/// Raised by one with each build that changes a stored shape, which is then declared `since` that number. Processes that
/// announce nothing count as 0.
pub const READS: u16 = if cfg!(feature = "next-build") { LISTED + 1 } else { LISTED };

/// The generation from which on a build knows second factors: none is added while a process lives that would misjudge an
/// account that has one.
pub const FACTORS: u16 = 2;

/// The generation from which on a build lists the accounts that have a telephone: those that an earlier one left out are
/// brought in once no process lives that would refuse them for it. Requests to phones are noted from it on, too.
pub const LISTED: u16 = 3;

/// The form in which an event is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The version of its shape.
    pub version: u16,
    /// The subject part, for an event that has one.
    pub subject: Option<Vec<u8>>,
}

/// Declares an enum of events and implements [`DomainEvent`](crate::aggregate::DomainEvent) for it. A variant with a body
/// has a subject part, one without has none.
macro_rules! events {
    (
        $(#[$enum_doc:meta])* $enum:ident of $aggregate:literal:
        $($(#[$doc:meta])* $variant:ident $(($body:ident))? = $name:literal v $version:literal
            $(since $reads:literal else v $plain:literal $plain_body:ident)? $(after v $former:literal $former_body:ident)*;)*
    ) => {
        $(#[$enum_doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $enum {
            $($(#[$doc])* $variant $(($body))?,)*
            /// The fact is left, its content went with its key.
            Redacted,
        }

        impl $enum {
            /// The wire names that this build writes, each with its version.
            pub const TYPES: &'static [(&'static str, u16)] = &[$(($name, $version)),*];

            /// Those that this build only reads, or writes only beside an older one.
            pub const FORMER_TYPES: &'static [(&'static str, u16)] = &[$($(($name, $plain),)? $(($name, $former),)*)*];
        }

        impl $crate::aggregate::DomainEvent for $enum {
            fn event_type(&self) -> &'static str {
                match self {
                    $(Self::$variant $(($crate::events::events!(@pattern $body)))? => $name,)*
                    Self::Redacted => concat!($aggregate, ".redacted"),
                }
            }

            fn schema_version(&self) -> u16 {
                match self {
                    $(Self::$variant $(($crate::events::events!(@pattern $body)))? => $version,)*
                    Self::Redacted => 0,
                }
            }

            fn encode(&self) -> Option<Vec<u8>> {
                match self {
                    $($crate::events::events!(@match $variant $($body, body)?) => $crate::events::events!(@encode $($body, body)?),)*
                    Self::Redacted => None,
                }
            }

            fn stored(&self, readers: u16) -> $crate::events::Stored {
                $($(
                    const { assert!($reads <= $crate::events::READS, "a build reads what it writes") };
                    if let Self::$variant(body) = self && readers < $reads {
                        let subject = Some($crate::aggregate::to_cbor(&<$plain_body>::from(body)));
                        return $crate::events::Stored { version: $plain, subject };
                    }
                )?)*
                // Not every aggregate has an event that depends on them.
                let _ = readers;
                $crate::events::Stored { version: self.schema_version(), subject: self.encode() }
            }

            fn decode(event_type: &str, schema_version: u16, subject: $crate::aggregate::Subject<'_>) -> Result<Self, $crate::aggregate::DecodeError> {
                match (event_type, schema_version) {
                    $(($name, $version) => $crate::events::events!(@decode $variant, event_type, subject $(, $body)?),)*
                    $($(($name, $plain) => $crate::events::events!(@decode $variant, event_type, subject, $plain_body),)?)*
                    $($(($name, $former) => $crate::events::events!(@decode $variant, event_type, subject, $former_body),)*)*
                    _ if Self::TYPES.iter().any(|(name, _)| *name == event_type) => {
                        Err($crate::aggregate::DecodeError::UnknownVersion(event_type.to_owned(), schema_version))
                    }
                    _ => Err($crate::aggregate::DecodeError::UnknownType(event_type.to_owned())),
                }
            }
        }
    };
    (@pattern $body:ident) => { _ };
    (@match $variant:ident $body:ident, $name:ident) => { Self::$variant($name) };
    (@match $variant:ident) => { Self::$variant };
    (@encode $body:ident, $name:ident) => { Some($crate::aggregate::to_cbor($name)) };
    (@encode) => { None };
    (@decode $variant:ident, $type:ident, $subject:ident, $body:ident) => {
        match $subject {
            $crate::aggregate::Subject::Open(bytes) => $crate::aggregate::from_cbor::<$body>($type, bytes).map(|body| Self::$variant(body.into())),
            $crate::aggregate::Subject::Redacted => Ok(Self::Redacted),
            $crate::aggregate::Subject::Absent => Err($crate::aggregate::DecodeError::Malformed($type.to_owned(), "no subject part".to_owned())),
        }
    };
    (@decode $variant:ident, $type:ident, $subject:ident) => {
        match $subject {
            $crate::aggregate::Subject::Absent => Ok(Self::$variant),
            $crate::aggregate::Subject::Redacted | $crate::aggregate::Subject::Open(_) => {
                Err($crate::aggregate::DecodeError::Malformed($type.to_owned(), "an unexpected subject part".to_owned()))
            }
        }
    };
}
pub(crate) use events;

/// Every type of event that this build knows, each with every version of it that may stand in a log.
pub fn known_types() -> impl Iterator<Item = (&'static str, u16)> {
    use crate::account::AccountEvent;
    use crate::application::ApplicationEvent;
    use crate::campaign::CampaignEvent;
    use crate::invitation::InvitationEvent;
    use crate::log::LogEvent;
    use crate::network::NetworkEvent;
    use crate::policy::PolicyEvent;
    [
        AccountEvent::TYPES,
        AccountEvent::FORMER_TYPES,
        ApplicationEvent::TYPES,
        ApplicationEvent::FORMER_TYPES,
        CampaignEvent::TYPES,
        CampaignEvent::FORMER_TYPES,
        InvitationEvent::TYPES,
        InvitationEvent::FORMER_TYPES,
        LogEvent::TYPES,
        LogEvent::FORMER_TYPES,
        NetworkEvent::TYPES,
        NetworkEvent::FORMER_TYPES,
        PolicyEvent::TYPES,
        PolicyEvent::FORMER_TYPES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

#[cfg(test)]
mod tests {
    use minicbor::{Decode, Encode};

    use super::{READS, Stored};
    use crate::aggregate::{DomainEvent, Subject, to_cbor};

    /// As an event is declared whose version 2 may not be written beside a build of the generation before.
    #[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
    pub struct Weighed {
        #[n(0)]
        grams: u32,
        #[n(1)]
        scales: Option<u8>,
    }

    #[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
    pub struct WeighedV1 {
        #[n(0)]
        grams: u32,
    }

    impl From<WeighedV1> for Weighed {
        fn from(WeighedV1 { grams }: WeighedV1) -> Self {
            Self { grams, scales: None }
        }
    }

    impl From<&Weighed> for WeighedV1 {
        fn from(weighed: &Weighed) -> Self {
            Self { grams: weighed.grams }
        }
    }

    super::events! {
        /// What happens to a parcel.
        ParcelEvent of "parcel":

        /// It came.
        Came = "parcel.came" v 1;
        /// It was weighed.
        Weighed(Weighed) = "parcel.weighed" v 2 since 1 else v 1 WeighedV1;
    }

    #[test]
    fn a_newer_version_is_written_once_all_read_it_and_both_are_read() {
        let event = ParcelEvent::Weighed(Weighed { grams: 250, scales: Some(7) });
        let newest = Stored { version: 2, subject: event.encode() };
        assert_eq!(event.stored(READS), newest);
        assert_eq!(event.stored(1), newest);
        let older = Stored { version: 1, subject: Some(to_cbor(&WeighedV1 { grams: 250 })) };
        assert_eq!(event.stored(0), older);

        let read = |stored: &Stored| {
            let subject = Subject::Open(stored.subject.as_deref().unwrap());
            ParcelEvent::decode("parcel.weighed", stored.version, subject).unwrap()
        };
        assert_eq!(read(&newest), event);
        assert_eq!(read(&older), ParcelEvent::Weighed(Weighed { grams: 250, scales: None }));

        assert_eq!(ParcelEvent::Came.stored(0), Stored { version: 1, subject: None });
        assert_eq!(ParcelEvent::TYPES, [("parcel.came", 1), ("parcel.weighed", 2)]);
        assert_eq!(ParcelEvent::FORMER_TYPES, [("parcel.weighed", 1)]);
    }
}
