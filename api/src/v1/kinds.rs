//! The kinds of problems. Their names are part of the interface: none is ever changed or given another meaning.

/// A kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 400.
    InvalidRequest,
    /// 400.
    IdempotencyKeyMissing,
    /// 401.
    Unauthenticated,
    /// 403.
    ApplicationDisabled,
    /// 403.
    ScopeMissing,
    /// 403.
    OtherOrigin,
    /// 403.
    WrongPin,
    /// 403.
    WrongSignature,
    /// 403.
    WrongNumber,
    /// 403.
    WrongClock,
    /// 403.
    DeviceBlocked,
    /// 403.
    DeviceSuspended,
    /// 404.
    NotFound,
    /// 404.
    EnrolmentGone,
    /// 404.
    DeviceGone,
    /// 404.
    RequestGone,
    /// 405.
    MethodNotAllowed,
    /// 408.
    TooSlow,
    /// 409.
    EpochChanged,
    /// 409.
    PositionUnknown,
    /// 409.
    NotYet,
    /// 409.
    InvitationClosed,
    /// 410.
    AppOutdated,
    /// 412.
    PreconditionFailed,
    /// 413.
    TooLarge,
    /// 415.
    UnsupportedMediaType,
    /// 422.
    InvalidFields,
    /// 422.
    IdempotencyKeyReused,
    /// 429.
    RateLimited,
    /// 429.
    TooManyOpen,
    /// 500.
    Internal,
    /// 503.
    Busy,
    /// 503.
    Unavailable,
}

impl Kind {
    /// All kinds, in the order of their statuses.
    pub const ALL: [Self; 33] = [
        Self::InvalidRequest,
        Self::IdempotencyKeyMissing,
        Self::Unauthenticated,
        Self::ApplicationDisabled,
        Self::ScopeMissing,
        Self::OtherOrigin,
        Self::WrongPin,
        Self::WrongSignature,
        Self::WrongNumber,
        Self::WrongClock,
        Self::DeviceBlocked,
        Self::DeviceSuspended,
        Self::NotFound,
        Self::EnrolmentGone,
        Self::DeviceGone,
        Self::RequestGone,
        Self::MethodNotAllowed,
        Self::TooSlow,
        Self::EpochChanged,
        Self::PositionUnknown,
        Self::NotYet,
        Self::InvitationClosed,
        Self::AppOutdated,
        Self::PreconditionFailed,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::InvalidFields,
        Self::IdempotencyKeyReused,
        Self::RateLimited,
        Self::TooManyOpen,
        Self::Internal,
        Self::Busy,
        Self::Unavailable,
    ];

    /// The status, the name, the title, and what to do.
    const fn facts(self) -> (u16, &'static str, &'static str, &'static str) {
        match self {
            Self::InvalidRequest => (
                400,
                "invalid-request",
                "The request cannot be read",
                "A parameter, a header or the body is not of the shape that this page describes, or is unknown. The \
                 detail says which. Sending it again does not help.",
            ),
            Self::IdempotencyKeyMissing => (
                400,
                "idempotency-key-missing",
                "There is no Idempotency-Key",
                "Make a random key for each request that changes something, send it as the header Idempotency-Key, and \
                 send the same key again when an answer was lost: it is carried out once.",
            ),
            Self::Unauthenticated => (
                401,
                "unauthenticated",
                "The secret is missing or worth nothing",
                "Send the application's secret as a Bearer token. A secret that was rotated is worth nothing once the \
                 operator has retired it: ask for the new one.",
            ),
            Self::ApplicationDisabled => (
                403,
                "application-disabled",
                "The application is disabled",
                "An operator stopped all use of the application. Only an operator can enable it again.",
            ),
            Self::ScopeMissing => (
                403,
                "scope-missing",
                "The application may not ask for this",
                "The application was not given the scope that this needs, or it was taken away. Ask the operator.",
            ),
            Self::OtherOrigin => (
                403,
                "other-origin",
                "The message comes from elsewhere",
                "The authenticator's messages are taken from pages of the service itself only.",
            ),
            Self::WrongPin => (
                403,
                "wrong-pin",
                "The PIN is wrong",
                "The PIN is the one that was chosen on the page where the device was named, or in the app since. The member \
                 tries says how many can still be tried. After the last one an enrolment has ended, and a device is blocked: \
                 its owner unblocks it in the account, with another second factor or a recovery code.",
            ),
            Self::WrongSignature => (
                403,
                "wrong-signature",
                "The signature is wrong",
                "A device signs its enrolment with its own key, as the description of the authenticator says.",
            ),
            Self::WrongNumber => (
                403,
                "wrong-number",
                "The number is not the one on the page",
                "The person types the number that the page shows which asked. The request has ended: it is asked anew on \
                 that page.",
            ),
            Self::WrongClock => (
                403,
                "wrong-clock",
                "The clock is wrong",
                "The member time is the service's, in milliseconds since 1970. The person sets the device's clock right, \
                 best by letting it set itself.",
            ),
            Self::DeviceBlocked => (
                403,
                "device-blocked",
                "The device is blocked",
                "The PIN was wrong five times in a row. The owner unblocks the device in the account, with another second \
                 factor or a recovery code.",
            ),
            Self::DeviceSuspended => (
                403,
                "device-suspended",
                "The device is suspended",
                "The owner puts it in force again in the account, with another second factor or a recovery code.",
            ),
            Self::NotFound => (
                404,
                "not-found",
                "There is nothing of this name",
                "No account, invitation or path of this name exists, or it is another application's, or gone.",
            ),
            Self::EnrolmentGone => (
                404,
                "enrolment-gone",
                "No enrolment waits behind this code",
                "The code is wrong, older than five minutes, or a device has taken it. The person begins anew on the page \
                 where the device was named.",
            ),
            Self::DeviceGone => (
                404,
                "device-gone",
                "There is no such device",
                "The device was removed from the account, or the message is not signed by its key.",
            ),
            Self::RequestGone => (
                404,
                "request-gone",
                "No such request waits",
                "It was answered, or is older than two minutes. The person asks anew on the page that asked.",
            ),
            Self::MethodNotAllowed => (
                405,
                "method-not-allowed",
                "The path has no such method",
                "The header Allow says which methods the path has.",
            ),
            Self::TooSlow => (
                408,
                "too-slow",
                "The body did not arrive in time",
                "Send the request again; a key that came with it may be the same.",
            ),
            Self::EpochChanged => (
                409,
                "epoch-changed",
                "The log has begun a new epoch",
                "The service was restored from a backup: what followed the position may be gone. The member epoch names \
                 the epoch from now on. Forget all positions and entity tags, and start over: read the changes from the \
                 beginning, and look at what you hold against them.",
            ),
            Self::PositionUnknown => (
                409,
                "position-unknown",
                "The log has not come so far",
                "No answer of this service named this position in this epoch. The member position says how far the log \
                 has come. Start over if you hold no older position.",
            ),
            Self::NotYet => (
                409,
                "not-yet",
                "What is asked is not as new as this yet",
                "What follows the log did not come to the position within five seconds. Nothing is lost: ask again \
                 after the time of Retry-After. The member position says how far it has come. If it does not move for \
                 minutes, tell the operator.",
            ),
            Self::InvitationClosed => (
                409,
                "invitation-closed",
                "The invitation is not open any more",
                "It was accepted, or its time is over. To invite the person once more, make a new invitation.",
            ),
            Self::AppOutdated => (
                410,
                "app-outdated",
                "The authenticator speaks another version",
                "The version stands in the path of each message. This service does not speak the one that was used, or not \
                 any more: the person loads the app anew, and keeps its devices.",
            ),
            Self::PreconditionFailed => (
                412,
                "precondition-failed",
                "The account is not as you know it",
                "None of the entity tags in If-Match is the account's. Read it anew.",
            ),
            Self::TooLarge => {
                (413, "too-large", "The body is too long", "No request needs more than 16 KiB. Send less.")
            }
            Self::UnsupportedMediaType => (
                415,
                "unsupported-media-type",
                "The body is not JSON",
                "Send JSON, and say so by the header Content-Type: application/json.",
            ),
            Self::InvalidFields => (
                422,
                "invalid-fields",
                "Fields of the body cannot be used",
                "The member errors names each field and what is wrong with it. Sending it again does not help.",
            ),
            Self::IdempotencyKeyReused => (
                422,
                "idempotency-key-reused",
                "The Idempotency-Key stands for another request",
                "The key was sent before with another body or path, and that was carried out. Make a new key.",
            ),
            Self::RateLimited => (
                429,
                "rate-limited",
                "Enough for now",
                "The headers RateLimit-Policy and RateLimit say how much is allowed and what is left, Retry-After when \
                 to come back.",
            ),
            Self::TooManyOpen => (
                429,
                "too-many-open",
                "Too many requests are held open",
                "The application has as many requests waiting for changes as it may have. Follow the changes once, and \
                 hand them on yourself.",
            ),
            Self::Internal => (
                500,
                "internal",
                "An error that is not yours",
                "Tell the operator the member instance: by it the log tells what happened. A request that changes \
                 something may be sent again with the same key.",
            ),
            Self::Busy => (
                503,
                "busy",
                "Too much is going on",
                "Send it again after the time of Retry-After, with the same key where it has one.",
            ),
            Self::Unavailable => (
                503,
                "unavailable",
                "The service cannot be used just now",
                "Send it again after the time of Retry-After, with the same key where it has one. If it lasts, tell the \
                 operator.",
            ),
        }
    }

    /// The status that goes with it.
    #[must_use]
    pub const fn status(self) -> u16 {
        self.facts().0
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.facts().1
    }

    /// Its anchor on the page `/v1/`.
    #[must_use]
    pub fn anchor(self) -> String {
        format!("problem-{}", self.name())
    }

    /// The kind in a few words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.facts().2
    }

    /// What it means, and what to do.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        self.facts().3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_given_once_and_stand_in_the_order_of_statuses() {
        let mut names: Vec<_> = Kind::ALL.map(Kind::name).to_vec();
        assert!(Kind::ALL.map(Kind::status).is_sorted());
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Kind::ALL.len());
    }
}
