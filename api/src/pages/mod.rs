//! The pages' face: one struct a page, which a handler fills with plain data and renders.
//!
//! A page's struct names what it shows; its template in `api/templates/` says where; the text comes from
//! `service/locales/`. No handler writes prose: what can go wrong is an enum ([`Problem`], [`MessageKind`],
//! [`LinkState`], …).
//!
//! Every page works with scripts off. What the script adds (solving the proof of work, ticking rules, showing a
//! password) is marked in the markup by `data-` attributes and described in `assets/app.js`.
//!
//! The pages need this Content-Security-Policy, with the nonce of [`Chrome::nonce`]: `default-src 'none'; script-src
//! 'nonce-…'; style-src 'nonce-…'; img-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none';
//! frame-ancestors 'none'`. The pages of `/dev/mail` show mails, whose styles stand in the mail itself: they need
//! `style-src 'self' 'unsafe-inline'` instead.

mod account;
mod browser;
mod chrome;
mod dev_mail;
mod form;
mod link;
mod login;
mod mailed;
mod message;
mod password;
pub mod paths;
mod register;
mod statements;

pub use account::{AccountForms, AccountNotice, AccountPage, SessionRow, SignInRow};
pub use browser::Browser;
pub use chrome::Chrome;
pub use dev_mail::{DevMailListPage, DevMailPage, DevMailRow};
pub use form::{Errors, Field, FieldError, FormKeys, PersonCheck, Problem, fields};
pub use link::{LinkPage, LinkProblemPage, LinkPurpose, LinkState, LinkValues};
pub use login::{LoginNamePage, LoginNotice, LoginPasswordPage, SignedOutPage};
pub use mailed::{CheckMailNotice, CheckMailPage, LostPasswordPage, MailPurpose};
pub use message::{MessageKind, MessagePage};
pub use password::PasswordRules;
pub use register::{RegisterPage, RegisterValues};
pub use statements::{HelpPage, PrivacyPage, PrivacyStatement};

/// Renders a page to HTML.
///
/// # Errors
/// Only if the template engine fails to write, which a string never does; the error is there for the handler to pass on.
pub fn render(page: &impl askama::Template) -> Result<String, askama::Error> {
    page.render()
}
