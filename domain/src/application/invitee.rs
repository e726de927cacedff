//! Who is invited.

use minicbor::{Decode, Encode};

use crate::aggregate::{DecodeError, from_cbor, to_cbor};
use crate::values::{EmailAddress, Language, PersonName};

/// The particulars of an invited person, as the application gave them: they stand sealed in
/// [`PersonInvited`](super::PersonInvited). The shape is frozen: a change is a new version of the event.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Invitee {
    /// First name.
    #[n(0)]
    pub first_name: PersonName,
    /// Last name.
    #[n(1)]
    pub last_name: PersonName,
    /// The address.
    #[n(2)]
    pub email: EmailAddress,
    /// The language of the mail.
    #[n(3)]
    pub language: Language,
}

impl Invitee {
    /// The bytes that are sealed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }

    /// Reads what [`Invitee::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        from_cbor("invitee", bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A snapshot that changes is a broken promise: see [`crate::frozen`].
    #[test]
    fn the_sealed_shape_stays() {
        let name = |text| PersonName::parse(text).unwrap();
        let email = EmailAddress::parse("Ada@Bücher.example").unwrap();
        let invitee =
            Invitee { first_name: name("Ada"), last_name: name("Λάμδα"), email, language: Language::German };
        let bytes = invitee.to_bytes();
        assert_eq!(Invitee::from_bytes(&bytes).unwrap(), invitee);
        assert!(Invitee::from_bytes(&bytes[1..]).is_err());
        insta::assert_snapshot!("invitee.v1", crate::frozen::render(&bytes));
    }
}
