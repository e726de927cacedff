//! Mails on their way: what a mail server gets, and what each of its answers means.

use std::sync::Arc;
use std::time::Duration;

use chancery_domain::Timestamp;
use chancery_domain::values::Language;
use chancery_service::mail::{
    Letter, Mail, MailError, MailSettings, MailTransport, Mailer, PasswordChange, SecurityChange, SecurityLink, Sender,
    SmtpSecurity, SmtpServer, SmtpSettings, SmtpSetupError, SmtpTransport,
};
use chancery_tests::smtp::{Fault, How, Offer, SmtpSink, Stage};
use metrics_exporter_prometheus::PrometheusBuilder;

const LINK: &str = "http://localhost:8080/l/0123456789abcdefghjkmnpqrstvwxyz01";
const MOMENT: Timestamp = Timestamp::from_seconds(1_795_529_109);

fn reset() -> Mail {
    Mail::ResetPassword { link_url: LINK.into(), code: "K7QM-2XPD".into(), valid_for: Duration::from_mins(90) }
}

fn settings(sink: &SmtpSink) -> SmtpSettings {
    SmtpSettings::new(sink.server(), "accounts.example.test")
}

fn mailer(transport: impl MailTransport + 'static) -> Mailer {
    let sender = Sender { name: None, address: "no-reply@example.test" };
    let settings = MailSettings::new("Chancery", sender, None, "accounts.example.test");
    Mailer::new(settings.expect("settings"), Arc::new(transport))
}

/// A mailer to `sink` by the usual settings, changed by `change`.
fn mailer_with(sink: &SmtpSink, change: impl FnOnce(&mut SmtpSettings)) -> Mailer {
    let mut settings = settings(sink);
    change(&mut settings);
    mailer(SmtpTransport::new(settings).expect("a transport"))
}

fn mailer_to(sink: &SmtpSink) -> Mailer {
    mailer_with(sink, |_| {})
}

async fn send(mailer: &Mailer, id: u8, to: &str) -> Result<(), MailError> {
    let letter = Letter { id: &[id; 8], to, language: Language::Greek, mail: &reset(), date: MOMENT };
    mailer.deliver(letter).await
}

fn reason(sent: Result<(), MailError>) -> String {
    match sent {
        Err(MailError::Unavailable { reason }) => reason,
        other => panic!("not Unavailable: {other:?}"),
    }
}

#[tokio::test]
async fn a_server_gets_the_mail_as_it_was_written() {
    let sink = SmtpSink::start().await;
    send(&mailer_to(&sink), 1, "Anna@example.org").await.expect("taken");
    let mails = sink.wait_for(1).await;
    let [mail] = mails.as_slice() else { panic!("one mail: {mails:?}") };
    assert_eq!(mail.from, "no-reply@example.test");
    assert_eq!(mail.to, ["Anna@example.org"]);
    assert_eq!(mail.message_id(), "0101010101010101@accounts.example.test");
    assert_eq!(mail.link(), LINK);
    assert_eq!(mail.code(), "K7QM-2XPD");
    assert!(mail.html().contains(LINK));
    assert_eq!(mail.parameters, Vec::<String>::new(), "no extension is needed");
    assert!(sink.commands().contains(&"EHLO accounts.example.test".to_owned()), "{:?}", sink.commands());
}

#[tokio::test]
async fn a_server_without_extensions_gets_every_mail_in_every_language() {
    let sink = SmtpSink::start_with(Offer { eight_bit: false, smtputf8: false, ..Offer::default() }).await;
    let mailer = mailer_to(&sink);
    let lost_password_url = "http://localhost:8080/lost-password".to_owned();
    let changed = |how| Mail::PasswordChanged { at: MOMENT, how, disown_url: LINK.into() };
    let mails = [
        reset(),
        Mail::ConfirmAddress { link_url: LINK.into(), code: "K7QM-2XPD".into(), valid_for: Duration::from_mins(90) },
        Mail::RegistrationRepeated { lost_password_url: lost_password_url.clone() },
        changed(PasswordChange::Change),
        changed(PasswordChange::Reset),
        Mail::SignInLocked { at: MOMENT, lost_password_url: lost_password_url.clone() },
        Mail::SignedIn { at: MOMENT, disown_url: LINK.into() },
        Mail::Security {
            at: MOMENT,
            what: SecurityChange::RecoveryCodeUsed { left: 9 },
            devices: Vec::new(),
            link: SecurityLink::Disown(LINK.into()),
            help_url: "http://localhost:8080/help/recovery-codes".to_owned(),
        },
    ];
    for language in Language::ALL {
        for mail in &mails {
            let letter = Letter { id: b"x", to: "anna@example.org", language, mail, date: MOMENT };
            mailer.deliver(letter).await.expect("taken");
        }
    }
    for mail in sink.wait_for(mails.len() * Language::ALL.len()).await {
        let raw = String::from_utf8(mail.raw.clone()).expect("ASCII");
        assert!(!mail.links().is_empty());
        for url in mail.links() {
            assert!(raw.contains(&format!("\r\n{url}\r\n")), "in one piece on its line: {raw}");
        }
    }
}

#[tokio::test]
async fn each_answer_about_the_mail_says_whether_to_try_again() {
    let sink = SmtpSink::start().await;
    let mailer = mailer_to(&sink);
    for stage in [Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Content] {
        for (answer, outcome, shown) in [
            ("451 4.7.1 greylisted, anna@example.org", "retry", "451 4.7.1"),
            ("452-4.2.2 full\r\n452 4.2.2 really", "retry", "452 4.2.2"),
            ("450 busy", "retry", "450"),
            ("421 4.3.2 closing", "retry", "421 4.3.2"),
            ("550 5.1.1 no anna@example.org here", "refused", "550 5.1.1"),
            ("554 no", "refused", "554"),
            ("599 no", "unavailable", ""),
            ("530 5.7.0 sign in first", "unavailable", "530 5.7.0"),
            ("nonsense", "unavailable", ""),
        ] {
            sink.fail(Fault::once(stage, How::Answer(answer.to_owned())));
            let error = send(&mailer, 1, "anna@example.org").await.expect_err(answer);
            let written = format!("{error} {error:?}");
            assert_eq!(error.outcome(), outcome, "{stage:?} {answer}: {written}");
            assert!(error.to_string().contains(shown), "{stage:?} {answer}: {written}");
            assert!(!written.contains("anna"), "the server's words may repeat the address: {written}");
        }
    }
    assert_eq!(sink.mails(), []);
    send(&mailer, 2, "anna@example.org").await.expect("taken after all that");
    assert_eq!(sink.wait_for(1).await.len(), 1);
}

#[tokio::test]
async fn an_answer_to_the_connection_is_no_verdict_on_the_mail() {
    for (stage, answer) in [
        (Stage::Greeting, "554 5.7.1 go away"),
        (Stage::Greeting, "421 4.3.2 busy"),
        (Stage::Hello, "550 5.7.1 not you"),
        (Stage::Auth, "535 5.7.8 locked"),
        (Stage::Auth, "454 4.7.0 later"),
    ] {
        let credentials = Some(("chancery".to_owned(), "secret".to_owned()));
        let sink = SmtpSink::start_with(Offer { credentials, ..Offer::default() }).await;
        let mailer = mailer_with(&sink, |settings| {
            settings.credentials = Some(("chancery".to_owned(), "secret".into()));
        });
        sink.fail(Fault::once(stage, How::Answer(answer.to_owned())));
        let reason = reason(send(&mailer, 1, "anna@example.org").await);
        assert!(reason.contains(&answer[..3]), "the operator sees the code: {reason}");
        send(&mailer, 1, "anna@example.org").await.expect("taken the next time");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let sink = SmtpSink::start().await;
    let mailer = mailer_to(&sink);
    drop(sink);
    let reason = reason(send(&mailer, 1, "anna@example.org").await);
    assert!(reason.starts_with("connecting"), "{reason}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up_and_its_connection_never_used_again() {
    for stage in [Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Content] {
        let sink = SmtpSink::start().await;
        let mailer = mailer_with(&sink, |settings| settings.send_within = Duration::from_millis(100));
        sink.fail(Fault::once(stage, How::Hang));
        let reason = reason(send(&mailer, 1, "anna@example.org").await);
        assert_eq!(reason, "taking the mail took longer than 0.1 s");
        assert_eq!(sink.mails(), []);
        mailer.check().await.expect("a connection");
        assert_eq!(sink.connections(), 2, "{stage:?}: the first one is not used again");
    }
    for stage in [Stage::Greeting, Stage::Hello] {
        let sink = SmtpSink::start().await;
        let mailer = mailer_with(&sink, |settings| settings.connect_within = Duration::from_millis(100));
        sink.fail(Fault::once(stage, How::Hang));
        assert_eq!(reason(mailer.check().await), "connecting took longer than 0.1 s");
    }
}

#[tokio::test]
async fn when_the_caller_gives_up_no_later_mail_gets_the_answer() {
    let sink = SmtpSink::start().await;
    let mailer = mailer_to(&sink);
    sink.fail(Fault::once(Stage::Content, How::Hang));
    tokio::select! {
        sent = send(&mailer, 1, "anna@example.org") => panic!("nobody answered: {sent:?}"),
        () = sink.wait_for_faults(1) => {}
    }
    sink.fail(Fault::once(Stage::Rcpt, How::Answer("550 5.1.1 unknown".to_owned())));
    let error = send(&mailer, 2, "nobody@example.org").await.expect_err("refused");
    assert_eq!(error.to_string(), "the mail server refuses the mail (550 5.1.1)");
    assert_eq!(sink.connections(), 2, "the first connection was dropped, not kept");
}

#[tokio::test]
async fn a_connection_cut_at_any_step_leaves_a_mail_that_can_be_sent_again() {
    for stage in [Stage::Greeting, Stage::Hello, Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Content] {
        let sink = SmtpSink::start().await;
        let mailer = mailer_to(&sink);
        sink.fail(Fault::once(stage, How::Cut));
        reason(send(&mailer, 1, "anna@example.org").await);
        assert_eq!(sink.mails(), [], "{stage:?}");
        send(&mailer, 1, "anna@example.org").await.expect("taken");
        assert_eq!(sink.wait_for(1).await.len(), 1);
    }
}

#[tokio::test]
async fn a_mail_whose_answer_was_lost_is_the_same_mail_again() {
    let sink = SmtpSink::start().await;
    let mailer = mailer_to(&sink);
    sink.fail(Fault::once(Stage::Content, How::DoAndCut));
    let reason = reason(send(&mailer, 1, "anna@example.org").await);
    assert_eq!(reason, "the connection was lost while it took the mail");
    send(&mailer, 1, "anna@example.org").await.expect("taken");
    let mails = sink.wait_for(2).await;
    assert_eq!(mails[0], mails[1], "the same bytes, so the same Message-ID and the same link");
}

#[tokio::test]
async fn connections_are_kept_for_the_next_mail() {
    let sink = SmtpSink::start().await;
    let mailer = mailer_to(&sink);
    for id in 0..3 {
        send(&mailer, id, "anna@example.org").await.expect("taken");
    }
    assert_eq!(sink.connections(), 1);
    // After a refusal too: the server forgets the mail, not the connection.
    sink.fail(Fault::once(Stage::Data, How::Answer("554 5.7.1 no".to_owned())));
    send(&mailer, 3, "anna@example.org").await.expect_err("refused");
    send(&mailer, 4, "anna@example.org").await.expect("taken");
    assert_eq!(sink.connections(), 1);
    // One that the server closed meanwhile is replaced without a word.
    sink.fail(Fault::once(Stage::Content, How::AnswerAndCut));
    send(&mailer, 5, "anna@example.org").await.expect("taken");
    send(&mailer, 6, "anna@example.org").await.expect("taken");
    assert_eq!(sink.connections(), 2);
    assert_eq!(sink.wait_for(6).await.len(), 6);
}

#[tokio::test]
async fn no_more_connections_are_made_than_allowed() {
    let sink = SmtpSink::start().await;
    let mailer = mailer_with(&sink, |settings| settings.connections = 2);
    let sent = futures::future::join_all((0..20).map(|id| {
        let mailer = mailer.clone();
        async move { send(&mailer, id, "anna@example.org").await }
    }))
    .await;
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    assert_eq!(sink.wait_for(20).await.len(), 20);
    assert!(sink.connections() <= 2, "{} connections", sink.connections());
}

#[tokio::test]
async fn one_persons_trouble_is_not_anothers() {
    let sink = SmtpSink::start().await;
    let mailer = mailer_to(&sink);
    sink.fail(Fault::always(Stage::Rcpt, How::Answer("550 5.1.1 unknown".to_owned())).to("gone@example.org"));
    for id in 0..3 {
        assert_eq!(send(&mailer, id, "gone@example.org").await.expect_err("refused").outcome(), "refused");
        send(&mailer, id, "anna@example.org").await.expect("taken");
    }
    assert_eq!(sink.wait_for(3).await.len(), 3);
}

#[tokio::test]
async fn an_address_that_is_not_ascii_needs_a_server_that_says_it_can() {
    let greek = "άννα@παράδειγμα.ελ";
    let able = SmtpSink::start().await;
    send(&mailer_to(&able), 1, greek).await.expect("taken");
    let mail = able.mail_to(greek).await;
    assert_eq!(mail.parameters, ["SMTPUTF8", "BODY=8BITMIME"]);
    assert_eq!(mail.header("To").as_deref(), Some(greek));

    for offer in [Offer { smtputf8: false, ..Offer::default() }, Offer { eight_bit: false, ..Offer::default() }] {
        let unable = SmtpSink::start_with(offer).await;
        let mailer = mailer_to(&unable);
        let error = send(&mailer, 1, greek).await.expect_err("refused");
        assert_eq!(error.to_string(), "the mail server refuses the mail (553 5.6.7)");
        // A domain alone needs nothing but its ASCII form.
        send(&mailer, 2, "anna@παράδειγμα.ελ").await.expect("taken");
        assert_eq!(unable.mail_to("anna@xn--hxajbheg2az3al.xn--qxam").await.parameters, Vec::<String>::new());
        assert_eq!(unable.connections(), 1);
    }
}

#[tokio::test]
async fn an_address_that_no_mail_can_be_written_to_is_refused_before_any_server_sees_it() {
    let sink = SmtpSink::start().await;
    let error = send(&mailer_to(&sink), 1, "anna@example.org>\r\nRSET").await.expect_err("refused");
    assert_eq!(error.to_string(), "the mail server refuses the mail (553 5.1.3)");
    assert_eq!(sink.connections(), 0);
}

#[tokio::test]
async fn mails_are_encrypted_by_either_way_and_the_certificate_is_checked() {
    for offer in [Offer { starttls: true, ..Offer::default() }, Offer { implicit_tls: true, ..Offer::default() }] {
        let sink = SmtpSink::start_with(offer).await;
        let trusting = mailer_with(&sink, |settings| {
            settings.extra_authorities = Some(sink.certificate().as_bytes().to_vec());
        });
        trusting.check().await.expect("a connection");
        send(&trusting, 1, "anna@example.org").await.expect("taken");
        assert!(sink.wait_for(1).await[0].encrypted);

        let reason = reason(send(&mailer_to(&sink), 2, "anna@example.org").await);
        assert!(reason.contains("certificate"), "{reason}");
        assert_eq!(sink.mails().len(), 1);
    }
}

#[tokio::test]
async fn a_mail_server_that_lost_its_starttls_gets_no_mail() {
    let sink = SmtpSink::start().await;
    let mailer = mailer_with(&sink, |settings| settings.server.security = SmtpSecurity::StartTls);
    assert_eq!(reason(send(&mailer, 1, "anna@example.org").await), "it does not offer STARTTLS");
    assert_eq!(sink.mails(), []);
    assert!(!sink.commands().iter().any(|command| command.starts_with("MAIL")), "{:?}", sink.commands());
}

#[tokio::test]
async fn the_name_and_the_password_are_used_where_they_are_asked_for() {
    let credentials = Some(("chancery".to_owned(), "pässwörd".to_owned()));
    let sink = SmtpSink::start_with(Offer { starttls: true, credentials, ..Offer::default() }).await;
    let authorities = Some(sink.certificate().as_bytes().to_vec());
    let with = |password: Option<&str>| {
        mailer_with(&sink, |settings| {
            settings.extra_authorities.clone_from(&authorities);
            settings.credentials = password.map(|password| ("chancery".to_owned(), password.into()));
        })
    };
    send(&with(Some("pässwörd")), 1, "anna@example.org").await.expect("taken");
    assert_eq!(sink.wait_for(1).await[0].user.as_deref(), Some("chancery"));

    let wrong = reason(with(Some("other")).check().await);
    assert!(wrong.starts_with("signing in") && wrong.contains("535"), "{wrong}");
    assert!(!wrong.contains("other"), "{wrong}");
    let missing = reason(send(&with(None), 2, "anna@example.org").await);
    assert_eq!(missing, "it wants encryption or credentials first (530 5.7.0); see the settings");
}

#[test]
fn settings_that_would_show_a_password_or_trust_nothing_are_refused() {
    let with = |host: &str, security, change: fn(&mut SmtpSettings)| {
        let server = SmtpServer { host: host.to_owned(), port: 25, security };
        let mut settings = SmtpSettings::new(server, "accounts.example.test");
        change(&mut settings);
        SmtpTransport::new(settings).map(drop)
    };
    let credentials: fn(&mut SmtpSettings) = |settings| settings.credentials = Some(("a".to_owned(), "b".into()));
    let in_clear = with("mail.example.org", SmtpSecurity::Cleartext, credentials);
    assert!(matches!(in_clear, Err(SmtpSetupError::CredentialsInTheClear)));
    with("mail.example.org", SmtpSecurity::StartTls, credentials).expect("encrypted");
    with("mail.example.org", SmtpSecurity::Tls, credentials).expect("encrypted");
    with("127.0.0.1", SmtpSecurity::Cleartext, credentials).expect("on this machine");
    let no_authority = with("mail.example.org", SmtpSecurity::Tls, |s| s.extra_authorities = Some(b"x".to_vec()));
    assert!(matches!(no_authority, Err(SmtpSetupError::Authorities)));
    let none = with("localhost", SmtpSecurity::Cleartext, |settings| settings.connections = 0);
    assert!(matches!(none, Err(SmtpSetupError::NoConnections)));
}

#[test]
fn each_outcome_is_counted() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let sink = SmtpSink::start().await;
            let mailer = mailer_to(&sink);
            for id in 0..3 {
                send(&mailer, id, "anna@example.org").await.expect("taken");
            }
            sink.fail(Fault::once(Stage::Rcpt, How::Answer("450 busy".to_owned())).times(2));
            sink.fail(Fault::once(Stage::Rcpt, How::Answer("550 no".to_owned())));
            sink.fail(Fault::once(Stage::Content, How::Cut));
            for id in 3..7 {
                send(&mailer, id, "anna@example.org").await.expect_err("not taken");
            }
        });
    });
    let page = handle.render();
    for line in [
        "chancery_mails_total{outcome=\"sent\"} 3",
        "chancery_mails_total{outcome=\"retry\"} 2",
        "chancery_mails_total{outcome=\"refused\"} 1",
        "chancery_mails_total{outcome=\"unavailable\"} 1",
    ] {
        assert!(page.lines().any(|other| other == line), "{line} in {page}");
    }
}
