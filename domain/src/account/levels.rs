//! Which level a sign-in reaches, computed in this one place from the proofs that led to it.

use super::events::{Level, Proof, SignInMethod, Strength};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_levels() {
        use Level::{Basic, Medium};
        use SignInMethod::{
            MailedLink, MobileAppPinCode, MobileAppQrCode, OnMobile, Passkey, Password, RecoveryCode, SecurityKey, Sms,
            Totp,
        };
        let cases: [(&[SignInMethod], Level, &[Strength]); 17] = [
            (&[], Basic, &[]),
            (&[Password], Basic, &[Strength::Password]),
            (&[MailedLink], Basic, &[Strength::Password]),
            (&[Password, RecoveryCode], Basic, &[Strength::Password]),
            (&[Password, Totp], Medium, &[Strength::PasswordSoftwareToken]),
            (&[Password, MobileAppQrCode], Medium, &[Strength::PasswordSoftwareToken]),
            (&[Password, MobileAppPinCode], Medium, &[Strength::PasswordMobileApp]),
            (&[Password, OnMobile], Medium, &[Strength::PasswordMobileApp]),
            (&[MobileAppPinCode], Medium, &[Strength::MobileApp]),
            (&[OnMobile], Medium, &[Strength::MobileApp]),
            (&[Totp, MobileAppPinCode], Medium, &[Strength::PasswordSoftwareToken, Strength::PasswordMobileApp]),
            (&[Passkey, OnMobile], Medium, &[Strength::PasswordWebauthn, Strength::MobileApp]),
            (&[Password, Sms], Medium, &[Strength::PasswordSms]),
            (&[Password, SecurityKey], Medium, &[Strength::PasswordWebauthn]),
            (&[Password, Passkey], Medium, &[Strength::PasswordWebauthn]),
            (&[Passkey], Medium, &[Strength::PasswordWebauthn]),
            (&[Password, Totp, Passkey], Medium, &[Strength::PasswordSoftwareToken, Strength::PasswordWebauthn]),
        ];
        for (methods, level, strengths) in cases {
            assert_eq!(reached(methods.iter().copied().map(Proof::by)), (level, strengths.to_vec()), "{methods:?}");
        }
    }
}
