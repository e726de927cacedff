//! The paths that pages link and post to, as the route table serves them.

/// The form that creates an account.
pub const REGISTER: &str = "/register";
/// "Check your mail", with the field for the typed code.
pub const CHECK_MAIL: &str = "/check-mail";
/// Where "send again" posts.
pub const CHECK_MAIL_AGAIN: &str = "/check-mail/again";
/// Where mailed links lead; the token follows.
pub const LINK_PREFIX: &str = "/l/";
/// Where a new link is asked for by the button on a spent link's page.
pub const LINK_AGAIN: &str = "/link/again";
/// The first page of the sign-in: the name.
pub const LOGIN: &str = "/login";
/// The second page of the sign-in: the password.
pub const LOGIN_PASSWORD: &str = "/login/password";
/// "Lost your password?".
pub const LOST_PASSWORD: &str = "/lost-password";
/// The account's own page.
pub const ACCOUNT: &str = "/account";
/// Where a new password is posted.
pub const ACCOUNT_PASSWORD: &str = "/account/password";
/// Where the language of mails is posted.
pub const ACCOUNT_LANGUAGE: &str = "/account/language";
/// Where the session to end is posted.
pub const ACCOUNT_SESSION_END: &str = "/account/sessions/end";
/// Where "sign out" posts.
pub const SIGN_OUT: &str = "/sign-out";
/// Where "sign out everywhere" posts.
pub const SIGN_OUT_EVERYWHERE: &str = "/sign-out/everywhere";
/// The privacy statement.
pub const PRIVACY: &str = "/privacy";
/// Help for people.
pub const HELP: &str = "/help";
/// The mails of a development server.
pub const DEV_MAIL: &str = "/dev/mail";

/// A path with one more pair in its query.
#[must_use]
pub fn with_query(path: &str, name: &str, value: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    let value = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
    format!("{path}{separator}{name}={value}")
}
