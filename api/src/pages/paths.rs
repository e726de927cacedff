//! The paths that pages link and post to, as the route table serves them.

/// The form that creates an account.
pub const REGISTER: &str = "/register";
/// "Check your mail", with the field for the typed code.
pub const CHECK_MAIL: &str = "/check-mail";
/// Where "send again" posts.
pub const CHECK_MAIL_AGAIN: &str = "/check-mail/again";
/// Where mailed links lead; the token follows.
pub const LINK_PREFIX: &str = "/l/";
/// Where the links lead that disown a change; the token follows.
pub const DISOWN_PREFIX: &str = "/n/";
/// Where a new link is asked for by the button on a spent link's page.
pub const LINK_AGAIN: &str = "/link/again";
/// The first page of the sign-in: the name.
pub const LOGIN: &str = "/login";
/// The second page of the sign-in: the password.
pub const LOGIN_PASSWORD: &str = "/login/password";
/// The second step of a sign-in: what the account asks for after the password.
pub const LOGIN_VERIFY: &str = "/login/verify";
/// Where the script asks how the request stands that phones are shown.
pub const LOGIN_VERIFY_STATE: &str = "/login/verify/state";
/// Where a code for a telephone is asked for after the password.
pub const LOGIN_SMS: &str = "/login/verify/sms";
/// All devices lost: what can be done with the password and a mailed link.
pub const LOGIN_LOST: &str = "/login/lost";
/// Recovering an account with a waiting time.
pub const LOGIN_RECOVERY: &str = "/login/recovery";
/// Where a suspended device's answer is posted, which cancels that.
pub const LOGIN_RECOVERY_CANCEL: &str = "/login/recovery/cancel";
/// Where a suspended telephone is sent a code by which it cancels one.
pub const LOGIN_RECOVERY_SMS: &str = "/login/recovery/sms";
/// Where a passkey's answer is posted, before any name was typed.
pub const LOGIN_PASSKEY: &str = "/login/passkey";
/// Where the script asks what to ask a passkey.
pub const LOGIN_PASSKEY_QUESTION: &str = "/login/passkey/question";
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
/// Where more is proved in an open session.
pub const ACCOUNT_VERIFY: &str = "/account/verify";
/// Where the script asks how the request stands that phones are shown.
pub const ACCOUNT_VERIFY_STATE: &str = "/account/verify/state";
/// Where a code for a telephone is asked for in an open session.
pub const ACCOUNT_SMS: &str = "/account/verify/sms";
/// The account's second factors.
pub const SECURITY: &str = "/account/security";
/// Adds an app that shows one-time codes.
pub const SECURITY_TOTP: &str = "/account/security/totp";
/// Adds a security key or trusted platform.
pub const SECURITY_KEY: &str = "/account/security/key";
/// "Manage my mobile devices".
pub const SECURITY_MOBILE: &str = "/account/security/mobile";
/// "Add a mobile device": its name and PIN.
pub const SECURITY_MOBILE_ADD: &str = "/account/security/mobile/add";
/// What the phone's camera reads, and the button that adds the phone.
pub const SECURITY_MOBILE_PAIR: &str = "/account/security/mobile/pair";
/// Where the script asks whether a phone is there.
pub const SECURITY_MOBILE_STATE: &str = "/account/security/mobile/state";
/// Where the enrolment is ended.
pub const SECURITY_MOBILE_CANCEL: &str = "/account/security/mobile/cancel";
/// "Add a mobile phone": its number.
pub const SECURITY_PHONE: &str = "/account/security/phone";
/// The code that was sent there.
pub const SECURITY_PHONE_CODE: &str = "/account/security/phone/code";
/// One device.
pub const SECURITY_DEVICE: &str = "/account/security/device";
/// Where a device's new name is posted.
pub const SECURITY_DEVICE_RENAME: &str = "/account/security/device/rename";
/// Where the device to remove is posted.
pub const SECURITY_DEVICE_REMOVE: &str = "/account/security/device/remove";
/// Where the suspended device is posted that is to count again.
pub const SECURITY_DEVICE_RESUME: &str = "/account/security/device/resume";
/// A lost security key: what can be done with a weaker device.
pub const SECURITY_LOST: &str = "/account/security/lost";
/// Makes new recovery codes.
pub const SECURITY_CODES: &str = "/account/security/codes";
/// Where one of them is typed back.
pub const SECURITY_CODES_CONFIRM: &str = "/account/security/codes/confirm";
/// The same codes as a file.
pub const SECURITY_CODES_FILE: &str = "/account/security/codes/file";
/// Where it is chosen whether a second factor is always asked for.
pub const SECURITY_ALWAYS: &str = "/account/security/always";
/// Removes everything but the password.
pub const SECURITY_PANIC: &str = "/account/security/panic";
/// Where "sign out" posts.
pub const SIGN_OUT: &str = "/sign-out";
/// Where "sign out everywhere" posts.
pub const SIGN_OUT_EVERYWHERE: &str = "/sign-out/everywhere";
/// The privacy statement.
pub const PRIVACY: &str = "/privacy";
/// Help for people.
pub const HELP: &str = "/help";
/// "How can I add a security key or trusted platform?".
pub const HELP_KEY: &str = "/help/security-key";
/// "How can I add an authenticator app?".
pub const HELP_TOTP: &str = "/help/one-time-codes";
/// "How can I add a mobile device?".
pub const HELP_MOBILE: &str = "/help/mobile-device";
/// "How can I add recovery codes?".
pub const HELP_CODES: &str = "/help/recovery-codes";
/// "How can I add a mobile phone?": why it is on its way out, and what instead.
pub const HELP_SMS: &str = "/help/mobile-phone";
/// The authenticator: a web app that works without a network.
pub const APP: &str = "/app";
/// Its service worker.
pub const APP_WORKER: &str = "/app/worker.js";
/// What makes it installable.
pub const APP_MANIFEST: &str = "/app/manifest.webmanifest";
/// The mails of a development server.
pub const DEV_MAIL: &str = "/dev/mail";
/// Its messages to telephones.
pub const DEV_SMS: &str = "/dev/sms";

/// A path with one more pair in its query.
#[must_use]
pub fn with_query(path: &str, name: &str, value: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    let value = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
    format!("{path}{separator}{name}={value}")
}
