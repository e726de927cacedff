//! Events in plain words, as far as their rows tell in the clear.

use chancery_domain::Actor;

/// What happened, as a sentence without its full stop, for every type that this build knows in every version that may
/// stand in a log; `None` for any other.
#[must_use]
pub fn sentence(event_type: &str, schema_version: u16) -> Option<&'static str> {
    Some(match (event_type, schema_version) {
        ("account.created", 1) => "An account was asked for, under an address that had none",
        ("account.email_link_requested", 1) => "A link was promised to the account's address",
        ("account.email_link_repeated", 1 | 2) => "The newest open link was promised once more",
        ("account.email_link_sent", 1) => "The mail server took the mail with a link",
        ("account.email_link_expired", 1) => "A link's time was over, and it had not been used",
        ("account.email_confirmed", 1) => "The address was proved by a link",
        ("account.names_corrected", 1) => "The owner corrected the names",
        ("account.privacy_statement_accepted", 1) => "A privacy statement was accepted",
        ("account.registration_repeated", 1) => "The address was typed into the registration form once more",
        ("account.password_set", 1) => "A password was set",
        ("account.password_rehashed", 1) => "The same password was hashed anew with stronger parameters",
        ("account.password_reset_requested", 1) => "A new password was asked for",
        ("account.mail_language_changed", 1) => "Another language was chosen for mails",
        ("account.signed_in", 1 | 2) => "A session began",
        ("account.sign_in_failed", 1) => "Sign-ins failed: the first of a series, or a count of them",
        ("account.sign_in_locked", 1) => "Sign-ins were refused for a while, since too many had failed",
        ("account.signed_out", 1) => "A session was ended by signing out",
        ("account.sessions_ended", 1 | 2) => "Sessions were ended before their time",
        ("account.mail_refused", 1) => "A mail server refused a mail for good",
        ("account.registration_lapsed", 1) => {
            "The registration lapsed: the address is free, and the person's key is destroyed"
        }
        ("account.erased", 1) => "The account, which had been erased before a restore, was erased once more",
        ("account.password_destroyed", 1) => {
            "The password, which had been replaced before a restore, was made worthless once more"
        }
        ("account.suspended", 1) => "All use of the account was stopped",
        ("account.resumed", 1) => "The account was given back",
        ("account.factor_added", 1) => "A second factor was added",
        ("account.factor_renamed", 1) => "A second factor was given another name",
        ("account.factor_removed", 1) => "A second factor was removed",
        ("account.factors_reset", 1) => "An administrator took all second factors away",
        ("account.factor_counter_went_back", 1) => {
            "A security key's counter went back, so that there may be a copy of it: what it signed was refused"
        }
        ("account.second_factor_failed", 1) => {
            "Second factors failed behind the right password: the first of a series, or a count of them"
        }
        ("account.factor_pin_failed", 1) => "The app signed with its own key, and its PIN was wrong",
        ("account.factor_blocked", 1) => {
            "The app's PIN was wrong five times in a row: it counts for nothing until its owner unblocks it"
        }
        ("account.factor_unblocked", 1) => "The owner unblocked the app with another second factor or a recovery code",
        ("account.factor_pin_changed", 1) => "The owner chose another PIN in the app, and knew the old one",
        ("account.app_request_opened", 1) => "The owner's telephone was asked about a sign-in, or a change",
        ("account.app_request_denied", 1) => {
            "A request to sign in was denied on the owner's telephone: the password was made worthless"
        }
        ("account.sms_code_requested", 1) => "A code was promised to a telephone",
        ("account.sms_deprecated", 1) => "The campaign by which codes by SMS end reached the account",
        ("account.telephone_listed", 1) => {
            "The account was listed among those with a telephone, which an earlier build had added and not listed"
        }
        ("account.recovery_codes_issued", 1) => "New recovery codes came into force",
        ("account.recovery_code_used", 1) => "A recovery code was used",
        ("account.recovery_codes_removed", 1) => "The recovery codes were made worthless",
        ("account.sign_in_options_changed", 1) => "The owner chose whether the password alone ever suffices",
        ("account.change_disowned", 1) => {
            "Whoever has the mailbox said that the owner had not made a change: the password was made worthless"
        }
        ("account.factor_suspended", 1) => "A second factor was suspended: it counts for nothing, and is not gone",
        ("account.recovery_codes_suspended", 1) => "The recovery codes were suspended until others take their place",
        ("account.factors_suspended", 1) => "All second factors were suspended, with the password and a mailed link",
        ("account.factor_resumed", 1) => "A suspended second factor counts again",
        ("account.recovery_requested", 1) => {
            "Somebody said that second factors are lost, and begins to wait for their removal"
        }
        ("account.recovery_cancelled", 1) => "The recovery that waited was cancelled",
        ("account.recovery_completed", 1) => "The recovery's time was over, and the lost second factors are removed",
        ("application.registered", 1) => "A program was registered, which may ask this service",
        ("application.secret_added", 1) => "A secret of the application was made",
        ("application.secret_retired", 1) => "A secret of the application was made worthless",
        ("application.scopes_changed", 1) => "What the application may ask for was changed",
        ("application.disabled", 1) => "All use of the application was stopped",
        ("application.enabled", 1) => "The application may go on",
        ("application.person_invited", 1) => "The application invited a person, with an account or without",
        ("application.invitation_repeated", 1) => "The application asked for an invitation's mail once more",
        ("campaign.planned", 1) => "It was planned when codes by SMS end",
        ("campaign.stage_started", 1) => "A stage of the campaign by which codes by SMS end began",
        ("campaign.paused", 1) => "The campaign by which codes by SMS end was paused",
        ("campaign.resumed", 1) => "The campaign by which codes by SMS end went on",
        ("campaign.ended", 1) => "The campaign by which codes by SMS end was ended: what had begun stays",
        ("invitation.accepted", 1) => "Whoever was invited ended the registration",
        ("invitation.ended", 1) => "An invitation's time was over",
        ("network.key_destroyed", 1) => "The key of a month's addresses and browsers was destroyed",
        ("log.epoch_begun", 1) => "A new epoch began: the history before may have lost its end",
        ("log.restored", 1) => {
            "The database was put back from a backup, and what had been destroyed since was destroyed once more"
        }
        ("log.restored_without_ledger", 1) => {
            "The database was put back from a backup without knowing all that had been destroyed since"
        }
        ("policy.adopted", 1..=4) => "A policy was put in force",
        ("policy.relying_party_adopted", 1) => "It was settled for which name passkeys and security keys are made",
        _ => return None,
    })
}

/// Who acted, as it goes on behind "by".
#[must_use]
pub fn who(actor: &Actor) -> String {
    match actor {
        Actor::Visitor => "somebody who had not proved to be anyone".to_owned(),
        Actor::Person(_) => "the account's owner".to_owned(),
        Actor::Administrator(pseudonym) => format!("the administrator {pseudonym}, at the command line"),
        Actor::Worker(job) => format!("the job {job}"),
        Actor::Application(stream) => format!("the application {stream}"),
        Actor::Service => "the service itself, at its start".to_owned(),
    }
}

/// The actor's kind as a word for programs.
#[must_use]
pub const fn kind(actor: &Actor) -> &'static str {
    match actor {
        Actor::Visitor => "visitor",
        Actor::Person(_) => "person",
        Actor::Administrator(_) => "administrator",
        Actor::Worker(_) => "worker",
        Actor::Application(_) => "application",
        Actor::Service => "service",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use chancery_domain::events::known_types;

    #[test]
    fn every_type_in_every_version_has_a_sentence_of_its_own() {
        let mut said = BTreeSet::new();
        let mut types = BTreeSet::new();
        for (event_type, version) in known_types() {
            let Some(words) = sentence(event_type, version) else { panic!("{event_type} v{version} has no sentence") };
            assert!(!words.ends_with('.') && words.starts_with(char::is_uppercase), "{words}");
            if types.insert(event_type) {
                assert!(said.insert(words), "two types share the sentence: {words}");
            }
        }
        assert_eq!(sentence("account.levitated", 1), None);
        assert_eq!(sentence("account.created", 2), None, "a newer version may mean something else");
    }
}
