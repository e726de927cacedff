//! How an aggregate's events are declared: each variant with its body, its wire name and its version, once. Behind
//! `after` stand the versions that are no longer written, each with the body that it had and that turns into today's.

/// Declares an enum of events and implements [`DomainEvent`](crate::aggregate::DomainEvent) for it. A variant with a body
/// has a subject part, one without has none.
macro_rules! events {
    (
        $(#[$enum_doc:meta])* $enum:ident of $aggregate:literal:
        $($(#[$doc:meta])* $variant:ident $(($body:ident))? = $name:literal v $version:literal $(after v $former:literal $former_body:ident)*;)*
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

            /// Those that this build only reads.
            pub const FORMER_TYPES: &'static [(&'static str, u16)] = &[$($(($name, $former),)*)*];
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

            fn decode(event_type: &str, schema_version: u16, subject: $crate::aggregate::Subject<'_>) -> Result<Self, $crate::aggregate::DecodeError> {
                match (event_type, schema_version) {
                    $(($name, $version) => $crate::events::events!(@decode $variant, event_type, subject $(, $body)?),)*
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
