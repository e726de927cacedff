//! What an account's commands decide at each point of a fixed story.

use super::testing::*;
use super::*;
use crate::account::{
    Account, AccountEvent, AppRequestDenied, FactorBlocked, FactorKind, FactorPinFailed, FactorRemoved,
    FactorsSuspended, LinkPurpose, LockScope, MAX_OPEN_LINKS, MAX_SESSIONS, Proof, RecoveryCodesIssued,
    RecoveryCompleted, RecoveryRequested, RemovalReason, SignInMethod, SignInOptionsChanged, SmsDeprecated,
};
use crate::campaign::CampaignStage;
use crate::ids::{ChallengeId, FactorId};
use crate::policy::Policy;
use crate::rules::tests::{Pinned, Stage};
use crate::time::Timestamp;
use crate::values::{DeviceName, Language, PasswordRule, PhoneNumber, Uid};

const DAY: u64 = 24 * 3600;

/// Sessions 1 and 2 and reset link 2 stand open.
fn signed_in_twice() -> Story {
    active().then([
        signed_in(1, SignInMethod::Password, BEGINNING),
        signed_in(2, SignInMethod::MailedLink, BEGINNING),
        requested(2, LinkPurpose::Reset, BEGINNING),
        sent(2, BEGINNING),
    ])
}

fn stages() -> Vec<Stage<Account>> {
    let at = |name, Story { account, now, epoch_began, policy }: Story| Stage {
        name,
        state: account,
        now,
        epoch_began,
        policy,
    };
    let nist = Policy { password_rule: PasswordRule::Nist, ..Policy::default() };
    let links = (2..).take(MAX_OPEN_LINKS);
    let sessions = (1..).take(MAX_SESSIONS);
    vec![
        at("nothing", nothing()),
        at("unconfirmed", unconfirmed().after(60)),
        at("unconfirmed, its mail sent", unconfirmed().then([sent(1, BEGINNING)]).after(60)),
        at("unconfirmed for eight days", unconfirmed().then([sent(1, BEGINNING)]).after(8 * DAY)),
        at("active", active().after(60)),
        at("signed in twice", signed_in_twice().after(60)),
        at("signed in twice, under nist", signed_in_twice().after(60).under(nist)),
        at("signed in twice, a day later", signed_in_twice().after(DAY)),
        at("signed in twice, in a new epoch", signed_in_twice().after(60).in_a_new_epoch().after(60)),
        at("full of links", active().then(links.map(|n| requested(n, LinkPurpose::Reset, BEGINNING))).after(60)),
        at(
            "full of sessions",
            active().then(sessions.map(|n| signed_in(n, SignInMethod::Password, BEGINNING))).after(60),
        ),
        at("suspended", suspended().after(60)),
        at("lapsed", lapsed().after(60)),
    ]
}

/// Device 1 shows codes, device 2 is a passkey, and recovery codes are there; session 1 was begun with both devices, session
/// 2 with the password.
fn keyed() -> Story {
    active().then([
        factor_added(1, 0, FactorKind::Totp),
        factor_added(2, 1, FactorKind::Passkey),
        AccountEvent::RecoveryCodesIssued(RecoveryCodesIssued { credential: credential(50), count: 10 }),
        signed_in_with(
            1,
            &[Proof { challenge: None, step: Some(1), ..totp(1) }, Proof { challenge: None, ..passkey(2) }],
            BEGINNING,
        ),
        signed_in(2, SignInMethod::Password, BEGINNING),
        requested(2, LinkPurpose::Reset, BEGINNING),
    ])
}

/// The same devices are eight days old; session 1 was begun a moment ago with the first one.
fn long_keyed() -> Story {
    let story = active().then([factor_added(1, 0, FactorKind::Totp), factor_added(2, 1, FactorKind::Passkey)]);
    let story = story.after(8 * DAY);
    let now = story.now;
    story.then([signed_in_with(1, &[Proof { challenge: None, step: Some(1), ..totp(1) }], now)])
}

fn asked(factor: Option<FactorId>, at: Timestamp) -> AccountEvent {
    let ends = at.plus(std::time::Duration::from_secs(3 * DAY));
    AccountEvent::RecoveryRequested(RecoveryRequested { link: None, factor, ends })
}

/// What a recovery of everything left, in session 1.
fn recovered() -> Story {
    let story = long_keyed();
    let now = story.now;
    let reason = RemovalReason::Recovery;
    let removed = |n| AccountEvent::FactorRemoved(FactorRemoved { factor: factor_id(n), reason });
    let completed = AccountEvent::RecoveryCompleted(RecoveryCompleted { link: None });
    story.then([asked(None, now), completed, removed(1), removed(2)])
}

/// The challenge that an app answers.
const CHALLENGE: ChallengeId = ChallengeId::from_bytes([33; 16]);

/// Those of an account whose device 3 is the service's own app, and device 1 another one.
fn stages_with_app() -> Vec<Stage<Account>> {
    let at = |name, Story { account, now, epoch_began, policy }: Story| Stage {
        name,
        state: account,
        now,
        epoch_began,
        policy,
    };
    let phone = || active().then([factor_added(1, 0, FactorKind::Totp), factor_added(3, 1, FactorKind::MobileApp)]);
    let failed = |in_a_row| AccountEvent::FactorPinFailed(FactorPinFailed { factor: factor_id(3), in_a_row });
    let blocked = AccountEvent::FactorBlocked(FactorBlocked { factor: factor_id(3) });
    let denied = AppRequestDenied { factor: factor_id(3), challenge: CHALLENGE, known_browser: false };
    vec![
        at("no device", active()),
        at("an app", phone()),
        at("an app, four PINs wrong", phone().then([failed(4)])),
        at("an app, blocked", phone().then([failed(5), blocked])),
        at("an app, a request denied", phone().then([AccountEvent::AppRequestDenied(denied)])),
        at("an app, the account suspended", phone().then([AccountEvent::Suspended(reason_given())])),
    ]
}

/// Those of all commands, and those that second factors make.
fn stages_with_factors() -> Vec<Stage<Account>> {
    let at = |name, Story { account, now, epoch_began, policy }: Story| Stage {
        name,
        state: account,
        now,
        epoch_began,
        policy,
    };
    let always = || AccountEvent::SignInOptionsChanged(SignInOptionsChanged { always_second_factor: true });
    let strict = Policy {
        second_factor_required: true,
        passkey_needs_password: true,
        recovery_code_only_signs_in: true,
        ..Policy::default()
    };
    let waits = |factor| asked(factor, BEGINNING);
    let of_old = |factor| {
        let story = long_keyed();
        let now = story.now;
        story.then([asked(factor, now)])
    };
    let key = Some(factor_id(2));
    let again = |story: Story| {
        let now = story.now;
        story.then([signed_in_with(1, &[Proof { challenge: None, step: Some(2), ..totp(1) }], now)]).after(60)
    };
    let lost = AccountEvent::FactorsSuspended(FactorsSuspended { link: link_id(9) });
    let linked = |story: Story| {
        let now = story.now;
        story.then([requested(3, LinkPurpose::Recovery, now)]).after(60)
    };
    let mut stages = stages();
    stages.extend([
        at("with second factors", keyed().after(60)),
        at("with second factors, an hour later", keyed().after(3600)),
        at("with second factors, always asked for", keyed().then([always()]).after(60)),
        at("with second factors, under a strict policy", keyed().after(60).under(strict)),
        at("with second factors and a recovery link", linked(keyed())),
        at("while a recovery waits", linked(keyed().then([waits(None)]))),
        at("when a recovery is over", linked(keyed().then([waits(None)]).after(3 * DAY))),
        at("when that of a key is over", linked(keyed().then([waits(key)]).after(3 * DAY))),
        at("with old second factors", long_keyed().after(60)),
        at("while a recovery of old ones waits", of_old(None).after(60)),
        at("while it waits, and they are suspended", of_old(None).then([lost]).after(60)),
        at("while that of an old key waits", of_old(key).after(60)),
        at("when that of an old key is over", again(of_old(key).after(3 * DAY))),
        at("after a recovery", recovered().after(60)),
    ]);
    stages
}

/// What device n answers, checked with the secret that it has.
fn answer(proof: Proof) -> FactorVerdict {
    let n = proof.factor.map_or(0, |factor| factor.as_bytes()[0]);
    let later = Proof { counter: proof.counter.map(|_| 9), ..proof };
    FactorVerdict { proof: later, credential: credential(100 + n).key, right: true, code: None }
}

fn recovery_code() -> FactorVerdict {
    let proof = Proof::by(SignInMethod::RecoveryCode);
    FactorVerdict { proof, credential: credential(50).key, right: true, code: Some(3) }
}

/// Pins the commands that are about second factors.
fn factors(pinned: &mut Pinned, stages: &[Stage<Account>]) {
    let add = |n, kind| AddFactor { session: session_id(1), factor: new_factor(n, kind), next: new_session(60) };
    pinned.pin(2, stages, &[add(3, FactorKind::SecurityKey), add(2, FactorKind::Passkey)]);
    let name = DeviceName::parse("Other").unwrap();
    let rename = |n| RenameFactor { session: session_id(1), factor: factor_id(n), name: name.clone() };
    pinned.pin(2, stages, &[rename(1), rename(9)]);
    let remove = |session, n| RemoveFactor { session: session_id(session), factor: factor_id(n) };
    pinned.pin(4, stages, &[remove(1, 1), remove(2, 1), remove(1, 9), remove(1, 2)]);
    pinned.pin(2, stages, &[RemoveAllFactors { session: session_id(1) }]);
    pinned.pin(4, stages, &[IssueRecoveryCodes { session: session_id(1), credential: credential(60) }]);
    let options = |always_second_factor| ChangeSignInOptions { session: session_id(1), always_second_factor };
    pinned.pin(4, stages, &[options(true), options(false)]);
    pinned.pin(2, stages, &[ResetFactors { reason: "telephone lost".to_owned() }]);
    let destroy = |n| DestroyFactor { credential: credential(n).key };
    pinned.pin(2, stages, &[destroy(101), destroy(50), destroy(1)]);
    let password = PasswordVerdict { credential: credential(1).key, right: true };
    let more = |password, factor| ProveMore { session: session_id(1), password, factor, next: new_session(60) };
    pinned.pin(
        4,
        stages,
        &[
            more(Some(password), None),
            more(Some(password), Some(answer(passkey(2)))),
            more(None, Some(recovery_code())),
            more(None, None),
        ],
    );
    let suspend = |key, right| {
        let verdict = PasswordVerdict { credential: credential(key).key, right };
        (RequestSuspension { verdict, link: new_link(60) }, SuspendFactors { link: link_id(2), verdict })
    };
    let (request, suspended) =
        [suspend(1, true), suspend(1, false), suspend(9, true)].into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
    pinned.pin(2, stages, &request);
    pinned.pin(2, stages, &suspended);
    let verdict = |right| PasswordVerdict { credential: credential(1).key, right };
    let link = |right| RequestRecoveryLink { verdict: verdict(right), link: new_link(60) };
    pinned.pin(4, stages, &[link(true), link(false)]);
    let begin = |n| BeginRecovery { link: link_id(n), verdict: verdict(true) };
    pinned.pin(4, stages, &[begin(2), begin(3)]);
    let complete = |right| CompleteRecovery { link: link_id(3), verdict: verdict(right), session: new_session(60) };
    pinned.pin(4, stages, &[complete(true), complete(false)]);
    pinned.pin(4, stages, &[RecoverFactor { session: session_id(1), factor: factor_id(2) }]);
    pinned.pin(4, stages, &[CancelRecovery { requested: BEGINNING }]);
    pinned.pin(4, stages, &[CancelRecoveryByDevice { verdict: verdict(true), factor: answer(totp(1)) }]);
    let (factor, app) = (factor_id(3), credential(103).key);
    pinned.pin(
        4,
        &stages_with_app(),
        &[(3, 103), (3, 9), (1, 101)]
            .map(|(n, key)| RecordWrongPin { factor: factor_id(n), credential: credential(key).key }),
    );
    pinned.pin(4, &stages_with_app(), &[ChangePin { factor, replaces: app, credential: credential(60) }]);
    let open = |known_browser| OpenAppRequest { challenge: CHALLENGE, method: SignInMethod::OnMobile, known_browser };
    pinned.pin(4, &stages_with_app(), &[open(true), open(false)]);
    let deny = |known_browser, session| DenyAppRequest {
        factor,
        credential: app,
        challenge: CHALLENGE,
        known_browser,
        session,
        ends: session.map(|_| BEGINNING),
    };
    pinned.pin(5, &stages_with_app(), &[deny(true, None), deny(false, None), deny(false, Some(session_id(1)))]);
    let adaptively = |password, number, n, method| SignInAdaptively {
        browser: ProvedBrowser { generation: 0, password: credential(password).key, factor: number, at: BEGINNING },
        session: new_session(60),
        factor: FactorVerdict {
            proof: Proof { factor: Some(factor_id(n)), challenge: Some(CHALLENGE), ..Proof::by(method) },
            credential: credential(100 + n).key,
            right: true,
            code: None,
        },
    };
    pinned.pin(
        5,
        &stages_with_app(),
        &[
            adaptively(1, 1, 3, SignInMethod::MobileAppPinCode),
            adaptively(1, 0, 3, SignInMethod::OnMobile),
            adaptively(1, 1, 3, SignInMethod::MobileAppQrCode),
            adaptively(1, 7, 3, SignInMethod::OnMobile),
            adaptively(9, 1, 3, SignInMethod::OnMobile),
            adaptively(1, 1, 1, SignInMethod::Totp),
        ],
    );
    pinned.pin(2, stages, &[ResumeFactor { session: session_id(1), factor: factor_id(1) }]);
    pinned.pin(2, stages, &[ResumeFactors { reason: "found again".to_owned() }]);
    let at = BEGINNING;
    let disown = |n, changed| DisownChange { version: n, at, changed };
    let key = Changed::Factor(factor_id(2));
    pinned.pin(
        2,
        stages,
        &[
            disown(5, key),
            disown(6, Changed::RecoveryCodes),
            disown(7, Changed::Other),
            disown(8, Changed::SignIn),
            disown(9, Changed::Factors(vec![factor_id(1), factor_id(2)])),
        ],
    );
    let failures = |known_browser| RecordSecondFactorFailures {
        count: 1,
        since: BEGINNING,
        method: SignInMethod::Totp,
        known_browser,
    };
    pinned.pin(2, stages, &[failures(true), failures(false)]);
}

/// Pins the commands that send codes to telephones.
fn phones(pinned: &mut Pinned) {
    let at = |name, Story { account, now, epoch_began, policy }: Story| Stage {
        name,
        state: account,
        now,
        epoch_began,
        policy,
    };
    let proof = Proof { factor: Some(factor_id(4)), ..Proof::by(SignInMethod::Sms) };
    let signed = || active().then([signed_in(1, SignInMethod::Password, BEGINNING)]);
    let phoned = || {
        let devices = [factor_added(1, 0, FactorKind::Totp), factor_added(4, 1, FactorKind::Phone)];
        active().then(devices).then([signed_in_with(1, &[proof], BEGINNING)])
    };
    let lost = AccountEvent::FactorsSuspended(FactorsSuspended { link: link_id(9) });
    let old = phoned().after(8 * DAY);
    let now = old.now;
    let stages = [
        at("active", active().after(60)),
        at("signed in", signed().after(60)),
        at("with a telephone", phoned().after(60)),
        at("with a telephone, an hour later", phoned().after(3600)),
        at("with a telephone, a day later", phoned().after(DAY)),
        at("with a telephone that is suspended", phoned().then([lost.clone()]).after(60)),
        at("with one that may object", old.then([lost, asked(None, now)]).after(60)),
        at("suspended", suspended().after(60)),
    ];
    let (phone, language) = (PhoneNumber::parse("+3225550100").unwrap(), Language::Greek);
    let challenge = ChallengeId::from_bytes([60; 16]);
    pinned.pin(4, &stages, &[BeginPhone { session: session_id(1), factor: factor_id(5), phone, challenge, language }]);
    let code = |key: Option<(u8, bool)>, session: bool, n| RequestSmsCode {
        verdict: key.map(|(key, right)| PasswordVerdict { credential: credential(key).key, right }),
        session: session.then(|| session_id(1)),
        factor: factor_id(n),
        challenge,
        language,
    };
    pinned.pin(
        5,
        &stages,
        &[
            code(Some((1, true)), false, 4),
            code(Some((1, false)), false, 4),
            code(Some((9, true)), false, 4),
            code(None, true, 4),
            code(None, true, 1),
        ],
    );
    let told = |stage| {
        let deprecated = SmsDeprecated { campaign: 1, stage, off: BEGINNING, last_until: None };
        AccountEvent::SmsDeprecated(deprecated)
    };
    let alone = || active().then([factor_added(4, 0, FactorKind::Phone)]);
    let stages = [
        at("active", active()),
        at("with a telephone", alone()),
        at("with a telephone, warned", alone().then([told(CampaignStage::LastWarning)])),
        at("with a telephone and more", phoned()),
        at("off", alone().then([told(CampaignStage::Off)])),
    ];
    let deprecate = |campaign, stage| DeprecateSms { campaign, stage, off: BEGINNING, grace: 86_400 };
    pinned.pin(
        4,
        &stages,
        &[
            deprecate(1, CampaignStage::Announce),
            deprecate(1, CampaignStage::LastWarning),
            deprecate(1, CampaignStage::Off),
            deprecate(2, CampaignStage::Announce),
        ],
    );
    let stages = [
        at("active", active()),
        at("with a telephone", alone()),
        at("with a telephone, off", alone().then([told(CampaignStage::Off)])),
        at("with a telephone, listed", alone().then([AccountEvent::TelephoneListed])),
        at("lapsed", lapsed()),
    ];
    pinned.pin(5, &stages, &[false, true].map(|is_listed| ListTelephone { is_listed }));
}

/// Pins every command.
pub(crate) fn pin(pinned: &mut Pinned) {
    let stages = stages();
    let with_factors = stages_with_factors();
    let language = Language::Greek;
    let (first_name, last_name) = (name("Ada"), name("Byron"));
    let known_session = NewSession { known_browser: true, least_recent: Some(session_id(7)), ..new_session(60) };
    let public_session = NewSession { public_computer: true, ..new_session(60) };
    let verdict = |key, right| PasswordVerdict { credential: credential(key).key, right };

    let registration = RequestRegistration {
        uid: Uid::from_random(2),
        first_name: first_name.clone(),
        last_name: last_name.clone(),
        email: email(),
        normalised: email().normalised(),
        language,
        link: new_link(60),
        privacy_version: "2026-01".to_owned(),
        privacy_language: Some(Language::French),
    };
    let invitation = Invite {
        uid: Uid::from_random(2),
        first_name: first_name.clone(),
        last_name: last_name.clone(),
        email: email(),
        normalised: email().normalised(),
        language,
        link: new_link(60),
    };
    pinned.pin(1, &stages, &[registration]);
    pinned.pin(1, &stages, &[invitation]);
    let reset = |by_uid| RequestPasswordReset { link: new_link(60), by_uid };
    pinned.pin(1, &stages, &[reset(false), reset(true)]);

    let complete = |n| CompleteRegistration {
        link: link_id(n),
        first_name: first_name.clone(),
        last_name: last_name.clone(),
        privacy_version: "2026-01".to_owned(),
        language,
        password: new_password(60),
        session: public_session.clone(),
    };
    pinned.pin(2, &stages, &[complete(1), complete(2), complete(9)]);
    let complete = |n| CompleteReset { link: link_id(n), password: new_password(60), session: known_session.clone() };
    pinned.pin(2, &with_factors, &[complete(1), complete(2), complete(9)]);

    let sign_in = |verdict, rehashed, factor| SignIn { verdict, session: known_session.clone(), rehashed, factor };
    pinned.pin(
        4,
        &with_factors,
        &[
            sign_in(Some(verdict(1, true)), None, None),
            sign_in(Some(verdict(1, true)), Some(credential(60)), None),
            sign_in(Some(verdict(1, false)), None, None),
            sign_in(Some(verdict(9, true)), None, None),
            sign_in(Some(verdict(1, true)), None, Some(answer(totp(1)))),
            sign_in(Some(verdict(1, true)), None, Some(FactorVerdict { right: false, ..answer(totp(1)) })),
            sign_in(Some(verdict(1, true)), None, Some(recovery_code())),
            sign_in(None, None, Some(answer(passkey(2)))),
            sign_in(None, None, Some(answer(totp(1)))),
        ],
    );
    let change = |verdict, n| ChangePassword {
        verdict,
        password: new_password(60),
        session: session_id(n),
        next: new_session(60),
    };
    pinned.pin(
        4,
        &with_factors,
        &[
            change(verdict(1, true), 1),
            change(verdict(1, false), 1),
            change(verdict(9, true), 1),
            change(verdict(1, true), 90),
        ],
    );
    factors(pinned, &with_factors);
    phones(pinned);
    pinned.pin(1, &stages, &[ChangeMailLanguage { language, session: session_id(1) }]);
    pinned.pin(1, &stages, &[SignOut { session: session_id(1) }]);
    pinned.pin(
        1,
        &stages,
        &[
            EndSessions { which: Which::One(session_id(1)), asked_in: Some(session_id(2)), note: None },
            EndSessions { which: Which::All, asked_in: None, note: None },
        ],
    );
    pinned.pin(1, &stages, &[Suspend { reason: "stolen".to_owned() }]);
    pinned.pin(1, &stages, &[Resume { reason: "given back".to_owned() }]);
    pinned.pin(1, &stages, &[ExpireLinks {}]);
    pinned.pin(1, &stages, &[LapseRegistration {}]);
    pinned.pin(1, &stages, &[EraseAgain {}]);
    pinned.pin(1, &stages, &[DestroyPassword { credential: credential(1).key }]);
    pinned.pin(1, &stages, &[RecordLinkSent { link: link_id(1) }, RecordLinkSent { link: link_id(2) }]);
    pinned.pin(
        1,
        &stages,
        &[
            RecordMailRefused { mail: "registration".to_owned(), link: Some(link_id(1)), code: 550 },
            RecordMailRefused { mail: "locked".to_owned(), link: None, code: 0 },
        ],
    );
    let failures = RecordSignInFailures { count: 3, since: BEGINNING, known_browser: true, locked: None };
    let locked = Locked { scope: LockScope::Network, until: BEGINNING.plus(std::time::Duration::from_secs(900)) };
    pinned.pin(1, &stages, &[failures, RecordSignInFailures { locked: Some(locked), ..failures }]);
}
