//! Every limit and its default, in one place.

use std::time::Duration;

pub use chancery_domain::throttle::Limit;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The limits of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Mails to an address that one network may ask for in an hour.
    pub mail_network_hour: Limit,
    /// The same, in a day.
    pub mail_network_day: Limit,
    /// Mails to an address, whoever asks.
    pub mail_address_day: Limit,
    /// Resets that go to an address whatever strangers did.
    pub mail_reset_reserve: Limit,
    /// Of those, all that one network may ask for.
    pub mail_reset_reserve_network: Limit,
    /// Mails that a browser known to the account may ask for, which no stranger can use up.
    pub mail_known_browser: Limit,
    /// Addresses that one network may have mails sent to.
    pub mail_network_addresses: Limit,
    /// Mails in all that strangers may ask for.
    pub mail_overall: Limit,
    /// Sign-ins to an account from one network.
    pub sign_in_network: Limit,
    /// Sign-ins to an account from browsers that are not known to it, from all networks.
    pub sign_in_unknown_browsers: Limit,
    /// Sign-ins to an account from one known browser.
    pub sign_in_known_browser: Limit,
    /// Answers to second factors of an account from browsers in which none was used before, all together.
    pub second_factor_unknown: Limit,
    /// The same of all accounts from browsers of one network.
    pub second_factor_network: Limit,
    /// Answers to second factors of an account from one browser in which one was used before.
    pub second_factor_known: Limit,
    /// Wrong codes of one mobile app from browsers that are not known to its account.
    pub app_code_unknown: Limit,
    /// Accounts whose second factors administrators take away, all together.
    pub factor_resets: Limit,
    /// Accounts whose owners have waited for their recovery and remove everything, all together.
    pub recoveries: Limit,
    /// What browsers of one network ask so that a passkey signs in.
    pub passkey_questions: Limit,
    /// Requests that an account's phones are shown from browsers that are not known to it, all together.
    pub app_requests_unknown: Limit,
    /// The same from one known browser.
    pub app_requests_known: Limit,
    /// What no device has signed, from one network.
    pub app_messages: Limit,
    /// Codes that lead to no phone's enrolment, from one network.
    pub pairing_network: Limit,
    /// The same for one account.
    pub pairing_account: Limit,
    /// Messages to one telephone number.
    pub sms_number: Limit,
    /// Messages for one account.
    pub sms_account: Limit,
    /// Messages at the wish of one network.
    pub sms_network: Limit,
    /// Messages to numbers that differ in their last four digits only.
    pub sms_range: Limit,
    /// Messages in all: the budget of a day.
    pub sms_day: Limit,
    /// Sign-ins from one network over all names, beyond which a proof of work is asked for. Held against the counter of
    /// `spraying`.
    pub spraying_checked: Limit,
    /// Sign-ins from one network over all names.
    pub spraying: Limit,
    /// Codes typed for one address.
    pub code_tries: Limit,
    /// Links opened by one network that are no links.
    pub link_guesses: Limit,
    /// Forms given to one network that are counted, by which the person check's cost rises; none is refused.
    pub forms: Limit,
    /// Forms sent without scripts from one network.
    pub forms_without_scripts: Limit,
    /// Invitations, repeated ones included, that one application may ask for.
    pub invitations: Limit,
    /// Requests of one application to one node.
    pub api_requests: Limit,
}

impl Default for Limits {
    fn default() -> Self {
        let limit = |name, max, window| Limit { name, max, window };
        Self {
            mail_network_hour: limit("mail-network-hour", 3, HOUR),
            mail_network_day: limit("mail-network-day", 6, DAY),
            mail_address_day: limit("mail-address-day", 30, DAY),
            mail_reset_reserve: limit("mail-reset-reserve", 1, HOUR),
            mail_reset_reserve_network: limit("mail-reset-reserve-network", 20, HOUR),
            mail_known_browser: limit("mail-known-browser", 6, DAY),
            mail_network_addresses: limit("mail-network-addresses", 20, HOUR),
            mail_overall: limit("mail-overall", 20_000, HOUR),
            sign_in_network: limit("sign-in-network", 10, 15 * MINUTE),
            sign_in_unknown_browsers: limit("sign-in-unknown-browsers", 100, HOUR),
            sign_in_known_browser: limit("sign-in-known-browser", 10, 15 * MINUTE),
            second_factor_unknown: limit("second-factor-unknown", 10, HOUR),
            second_factor_network: limit("second-factor-network", 100, HOUR),
            second_factor_known: limit("second-factor-known", 10, HOUR),
            app_code_unknown: limit("app-code-unknown", 20, DAY),
            factor_resets: limit("factor-resets", 20, HOUR),
            recoveries: limit("recoveries", 100, HOUR),
            passkey_questions: limit("passkey-questions", 3_000, HOUR),
            app_requests_unknown: limit("app-requests-unknown", 10, HOUR),
            app_requests_known: limit("app-requests-known", 20, HOUR),
            app_messages: limit("app-messages", 60, HOUR),
            pairing_network: limit("pairing-network", 30, HOUR),
            pairing_account: limit("pairing-account", 100, HOUR),
            sms_number: limit("sms-number", 10, DAY),
            sms_account: limit("sms-account", 20, DAY),
            sms_network: limit("sms-network", 60, HOUR),
            sms_range: limit("sms-range", 60, HOUR),
            sms_day: limit("sms-day", 5_000, DAY),
            spraying_checked: limit("spraying-checked", 30, HOUR),
            spraying: limit("spraying", 300, HOUR),
            code_tries: limit("code-tries", 10, HOUR),
            link_guesses: limit("link-guesses", 60, HOUR),
            forms: limit("forms", 600, 10 * MINUTE),
            forms_without_scripts: limit("forms-without-scripts", 10, HOUR),
            invitations: limit("invitations", 1000, HOUR),
            api_requests: limit("api-requests", 6000, MINUTE),
        }
    }
}
