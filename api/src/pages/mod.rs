//! The pages' face: one struct a page, which a handler fills with plain data and renders.
//!
//! A page's struct names what it shows; its template in `api/templates/` says where; the text comes from
//! `service/locales/`. No handler writes prose: what can go wrong is an enum ([`Problem`], [`MessageKind`],
//! [`LinkState`], …).
//!
//! Every page works with scripts off, but for the authenticator and those that need a security key or trusted platform,
//! which say so. What the script adds (solving the proof of work, ticking rules, showing a password) is marked in the
//! markup by `data-` attributes and described in `assets/app.js`.
//!
//! The pages need this Content-Security-Policy, with the nonce of [`Chrome::nonce`]: `default-src 'none'; script-src
//! 'nonce-…'; style-src 'nonce-…'; img-src 'self'; worker-src 'self'; connect-src 'self'; manifest-src 'self';
//! form-action 'self'; base-uri 'none'; frame-ancestors 'none'`. The pages of `/dev/mail` show mails, whose styles
//! stand in the mail itself: their `style-src` needs its block's hash besides.

mod account;
mod authenticator;
mod browser;
mod chrome;
mod dev_mail;
mod dev_sms;
mod disown;
mod form;
mod how_to_add;
mod link;
mod login;
mod lost;
mod lost_key;
mod mailed;
mod message;
mod mobile_app;
mod password;
pub mod paths;
mod phone;
mod problem;
mod recovery;
mod register;
mod security;
mod statements;
mod verify;

pub use account::{AccountForms, AccountNotice, AccountPage, SessionRow, SignInRow};
pub use authenticator::AuthenticatorPage;
pub use browser::Browser;
pub use chrome::Chrome;
pub use dev_mail::{DevMailListPage, DevMailPage, DevMailRow};
pub use dev_sms::DevSmsPage;
pub use disown::{DisownPage, DisownState};
pub use form::{Errors, Field, FieldError, FormKeys, PersonCheck, fields};
pub use how_to_add::{Addable, HowToAddPage, SmsEndShown};
pub use link::{LinkPage, LinkProblemPage, LinkPurpose, LinkState, LinkValues};
pub use login::{LoginNamePage, LoginNotice, LoginPasswordPage, PasskeyForms, SignedOutPage};
pub use lost::{LostPage, LostState};
pub use lost_key::{LostKeyPage, LostKeyRow, LostKeyState};
pub use mailed::{CheckMailNotice, CheckMailPage, LostPasswordPage, MailPurpose};
pub use message::{MessageKind, MessagePage};
pub use mobile_app::{MobileAddPage, MobileDevicesPage, MobilePairPage, QrShown, RequestShown};
pub use password::PasswordRules;
pub use phone::{PhoneCodePage, PhonePage, SmsShown};
pub use problem::Problem;
pub use recovery::{Objection, RecoveryNotice, RecoveryPage, RecoveryState};
pub use register::{RegisterPage, RegisterValues};
pub use security::{
    DevicePage, DeviceRow, KeyKind, KeyPage, KeysPage, PanicPage, QrCode, RecoveryCodesPage, RecoveryCodesRow,
    SecurityNotice, SecurityPage, TotpPage,
};
pub use statements::{HelpPage, PrivacyPage, PrivacyStatement};
pub use verify::{SmsEnds, VerifyNotice, VerifyPage, Way};

/// Renders a page to HTML.
///
/// # Errors
/// Only if the template engine fails to write, which a string never does; the error is there for the handler to pass on.
pub fn render(page: &impl askama::Template) -> Result<String, askama::Error> {
    page.render()
}
