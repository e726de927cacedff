//! Which level a sign-in reaches, and what it is called elsewhere, computed in this one place from the proofs that led to it.

use std::collections::BTreeSet;

use super::events::{Level, Proof, SignInMethod, Strength};
use super::is_second_factor;

/// The level that proofs reach together, and by which strengths, in EU Login's terms.
///
/// A mailed link proves the mailbox and sets a password: it is worth a password. A recovery code replaces no factor: it
/// reaches no more than the password that it came after.
#[must_use]
pub fn reached(proofs: impl IntoIterator<Item = Proof>) -> (Level, Vec<Strength>) {
    let mut strengths: Vec<Strength> = proofs
        .into_iter()
        .map(|proof| match proof.method {
            SignInMethod::Password | SignInMethod::MailedLink | SignInMethod::RecoveryCode => Strength::Password,
            SignInMethod::Totp | SignInMethod::MobileAppQrCode => Strength::PasswordSoftwareToken,
            SignInMethod::Passkey | SignInMethod::SecurityKey => Strength::PasswordWebauthn,
            SignInMethod::MobileAppPinCode | SignInMethod::OnMobile => Strength::MobileApp,
            SignInMethod::Sms => Strength::PasswordSms,
        })
        .collect();
    // The app is the only one that is named otherwise without the password; a key is not, and tells nothing of it.
    if strengths.iter().any(|strength| matches!(strength, Strength::Password | Strength::PasswordSoftwareToken)) {
        for strength in strengths.iter_mut().filter(|strength| **strength == Strength::MobileApp) {
            *strength = Strength::PasswordMobileApp;
        }
    }
    strengths.sort_unstable();
    strengths.dedup();
    if strengths.len() > 1 {
        // What is reached with a device is named by the device alone.
        strengths.retain(|strength| *strength != Strength::Password);
    }
    let level = strengths.iter().map(|strength| level_of(*strength)).max().unwrap_or_default();
    (level, strengths)
}

/// The level of a strength.
#[must_use]
pub const fn level_of(strength: Strength) -> Level {
    match strength {
        Strength::Password => Level::Basic,
        Strength::PasswordSoftwareToken
        | Strength::PasswordWebauthn
        | Strength::PasswordMobileApp
        | Strength::MobileApp
        | Strength::PasswordSms => Level::Medium,
    }
}

/// The name of a level as an `acr` of OpenID Connect: EU Login's.
#[must_use]
pub const fn acr(level: Level) -> &'static str {
    match level {
        Level::Basic => "https://ecas.ec.europa.eu/loa/basic",
        Level::Medium => "https://ecas.ec.europa.eu/loa/medium",
        Level::High => "https://ecas.ec.europa.eu/loa/high",
    }
}

/// What was proved, as the `amr` of OpenID Connect names it: by the definitions of RFC 8176, section 2.
///
/// Of a session in which more was proved later it needs the proofs of all events by which it went on. A second factor says
/// nothing of the password: `pwd` is there only where the password is among the proofs.
#[must_use]
pub fn amr(proofs: impl IntoIterator<Item = Proof>) -> BTreeSet<&'static str> {
    let mut names = BTreeSet::<&'static str>::new();
    let (mut has_device, mut verified) = (false, false);
    for proof in proofs {
        names.extend(names_of(&proof));
        has_device |= is_second_factor(proof.method);
        // That a key verified its user is no name of its own: whether by PIN, finger or face it does not tell.
        verified |= proof.user_verified == Some(true);
    }
    if has_device && (verified || names.contains("pwd") || names.contains("pin")) {
        names.insert("mfa");
    }
    names
}

/// The names of one proof.
const fn names_of(proof: &Proof) -> &'static [&'static str] {
    match proof.method {
        // Behind a mailed link the password is typed that counts from then on.
        SignInMethod::Password | SignInMethod::MailedLink => &["pwd"],
        // No name fits: with `otp` beside `pwd` it would look like the second factor that it is not.
        SignInMethod::RecoveryCode => &[],
        // A key that is copied to other devices is not secured by one piece of hardware; one that says nothing of copies is
        // not said to be. The touch that WebAuthn asks for is the RFC's test of user presence.
        SignInMethod::Passkey | SignInMethod::SecurityKey => match proof.backed_up {
            Some(false) => &["hwk", "user"],
            Some(true) | None => &["swk", "user"],
        },
        SignInMethod::Totp => &["otp"],
        // The code is made with the PIN.
        SignInMethod::MobileAppQrCode => &["otp", "pin"],
        // The app signs by a key that a browser keeps, and the PIN goes into the proof.
        SignInMethod::MobileAppPinCode | SignInMethod::OnMobile => &["pin", "swk"],
        SignInMethod::Sms => &["sms"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A proof as devices give it: a passkey verifies its user, a security key does not.
    fn proof(method: SignInMethod) -> Proof {
        let is_key = matches!(method, SignInMethod::Passkey | SignInMethod::SecurityKey);
        let user_verified = is_key.then_some(method == SignInMethod::Passkey);
        Proof { backed_up: is_key.then_some(false), user_verified, ..Proof::by(method) }
    }

    fn names(proofs: impl IntoIterator<Item = Proof>) -> String {
        amr(proofs).into_iter().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_table_of_levels() {
        use Level::{Basic, Medium};
        use SignInMethod::{
            MailedLink, MobileAppPinCode, MobileAppQrCode, OnMobile, Passkey, Password, RecoveryCode, SecurityKey, Sms,
            Totp,
        };
        use Strength::{MobileApp, PasswordMobileApp, PasswordSms, PasswordSoftwareToken, PasswordWebauthn};
        let cases: [(&[SignInMethod], Level, &[Strength], &str); 20] = [
            (&[], Basic, &[], ""),
            (&[Password], Basic, &[Strength::Password], "pwd"),
            (&[MailedLink], Basic, &[Strength::Password], "pwd"),
            (&[RecoveryCode], Basic, &[Strength::Password], ""),
            (&[Password, RecoveryCode], Basic, &[Strength::Password], "pwd"),
            (&[Totp], Medium, &[PasswordSoftwareToken], "otp"),
            (&[Password, Totp], Medium, &[PasswordSoftwareToken], "mfa otp pwd"),
            (&[Password, MobileAppQrCode], Medium, &[PasswordSoftwareToken], "mfa otp pin pwd"),
            (&[Password, MobileAppPinCode], Medium, &[PasswordMobileApp], "mfa pin pwd swk"),
            (&[Password, OnMobile], Medium, &[PasswordMobileApp], "mfa pin pwd swk"),
            (&[MobileAppPinCode], Medium, &[MobileApp], "mfa pin swk"),
            (&[OnMobile], Medium, &[MobileApp], "mfa pin swk"),
            (&[Totp, MobileAppPinCode], Medium, &[PasswordSoftwareToken, PasswordMobileApp], "mfa otp pin swk"),
            (&[Passkey, OnMobile], Medium, &[PasswordWebauthn, MobileApp], "hwk mfa pin swk user"),
            (&[Password, Sms], Medium, &[PasswordSms], "mfa pwd sms"),
            (&[SecurityKey], Medium, &[PasswordWebauthn], "hwk user"),
            (&[Password, SecurityKey], Medium, &[PasswordWebauthn], "hwk mfa pwd user"),
            (&[Password, Passkey], Medium, &[PasswordWebauthn], "hwk mfa pwd user"),
            (&[Passkey], Medium, &[PasswordWebauthn], "hwk mfa user"),
            (&[Password, Totp, Passkey], Medium, &[PasswordSoftwareToken, PasswordWebauthn], "hwk mfa otp pwd user"),
        ];
        for (methods, level, strengths, named) in cases {
            let proofs = || methods.iter().copied().map(proof);
            assert_eq!(reached(proofs()), (level, strengths.to_vec()), "{methods:?}");
            assert_eq!(names(proofs()), named, "{methods:?}");
        }
    }

    #[test]
    fn only_a_key_that_says_that_it_stays_is_called_hardware() {
        let passkey = |backed_up| Proof { backed_up, ..proof(SignInMethod::Passkey) };
        for (backed_up, named) in [(Some(false), "hwk mfa user"), (Some(true), "mfa swk user"), (None, "mfa swk user")]
        {
            assert_eq!(names([passkey(backed_up)]), named);
        }
        // One that did not verify its user is one factor.
        assert_eq!(names([Proof { user_verified: Some(false), ..passkey(Some(false)) }]), "hwk user");
    }

    #[test]
    fn levels_have_eu_logins_names() {
        let named = [Level::Basic, Level::Medium, Level::High].map(acr);
        assert_eq!(named, ["basic", "medium", "high"].map(|level| format!("https://ecas.ec.europa.eu/loa/{level}")));
    }
}
