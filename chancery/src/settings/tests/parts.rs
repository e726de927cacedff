//! What is made of the settings.

use std::fs::{Permissions, set_permissions, write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use chancery_domain::policy::{AdaptiveSignIn, Policy, RecoveryWait};
use chancery_domain::values::{EmailAddress, PasswordRule};
use chancery_service::domains::DomainKind;
use chancery_service::password_hash::{HashParameters, PoolSettings};
use chancery_service::throttle::Limits;
use secrecy::ExposeSecret;

use super::{given, load};
use crate::settings::{PublicUrl, Settings, TABLE};

/// A root certificate, and how its SHA-256 begins.
const ROOT: &str = "-----BEGIN CERTIFICATE-----\n\
    MIIBhTCCASqgAwIBAgITfBynt5HMDLD3NKmRuy52D8vTxDAKBggqhkjOPQQDAjAX\n\
    MRUwEwYDVQQDDAxSb290IG9mIGtleXMwIBcNMjYxMTI5MjE1MjUzWhgPMjEyNjEx\n\
    MDUyMTUyNTNaMBcxFTATBgNVBAMMDFJvb3Qgb2Yga2V5czBZMBMGByqGSM49AgEG\n\
    CCqGSM49AwEHA0IABAxiVt8pnrKwXbDDvyrxibs7LCG28D5N4X1u9y+orIIdDHki\n\
    rU8NAXjMnkYJlHDaDgmFI5c7KKD4+ONCFES2QmmjUzBRMB0GA1UdDgQWBBSKwgzA\n\
    mRZmtD3C6YBekZPWG7SXfjAfBgNVHSMEGDAWgBSKwgzAmRZmtD3C6YBekZPWG7SX\n\
    fjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQCfJuYHyP59ttI8\n\
    X3OmlGWLlMc5pnWyNGSt+iyKb1F9rgIhAIyx+SWv1lWHesGTZMO8YZ7PbGJlZdb2\n\
    3OaK/a7D2lSg\n\
    -----END CERTIFICATE-----\n";
const ROOT_BEGINS: [u8; 4] = [0x2d, 0xaa, 0x7f, 0xd1];

#[test]
fn what_is_derived_follows_what_is_set() {
    let settings = load(&[("data", "/d"), ("credentials_key", "/k/c.key")], &[], None).expect("right");
    assert_eq!(settings.master_key_path(), PathBuf::from("/d/master.key"));
    assert_eq!(settings.credentials_key_path(), PathBuf::from("/k/c.key"));
    let url = settings.public_url_on(8081);
    assert_eq!(url.as_str(), "http://localhost:8081");
}

#[test]
fn the_policy_proposed_is_the_one_that_was_set_and_by_default_the_domains_own() {
    assert_eq!(load(&[], &[], None).expect("right").policy(), Ok(Policy::default()));
    let flags = [
        ("password_rule", "nist"),
        ("link_validity", "1h"),
        ("mail_queue_limit", "2h"),
        ("session_idle", "3h"),
        ("session_absolute", "5h"),
        ("session_public", "4h"),
        ("registration_lapse", "6h"),
        ("network_data_retention", "7d"),
        ("second_factor_required", "true"),
        ("passkey_needs_password", "true"),
        ("recovery_code_only_signs_in", "true"),
        ("recovery_wait", "48h"),
        ("adaptive_sign_in", "10d"),
    ];
    let set = Policy {
        password_rule: PasswordRule::Nist,
        link_validity: 3600,
        mail_queue_limit: 2 * 3600,
        session_idle: 3 * 3600,
        session_absolute: 5 * 3600,
        session_public: 4 * 3600,
        registration_lapse: 6 * 3600,
        network_data_retention: 7 * 24 * 3600,
        second_factor_required: true,
        passkey_needs_password: true,
        recovery_code_only_signs_in: true,
        attestation: None,
        recovery_wait: RecoveryWait::seconds(48 * 3600),
        adaptive_sign_in: AdaptiveSignIn::seconds(10 * 24 * 3600),
    };
    assert_eq!(load(&flags, &[], None).expect("right").policy(), Ok(set));
    let off = load(&[("recovery_wait", "off")], &[], None).expect("right").policy();
    assert_eq!(off.expect("right").recovery_wait, RecoveryWait::OFF);
    let off = load(&[("adaptive_sign_in", "off")], &[], None).expect("right").policy();
    assert_eq!(off.expect("right").adaptive_sign_in, AdaptiveSignIn::OFF);
}

#[test]
fn files_of_text_are_read_and_what_is_wrong_in_them_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("text");
    let shown = path.display().to_string();
    let with = |content: &[u8]| {
        write(&path, content).expect("written");
        let flags = [
            ("disposable_domains", shown.as_str()),
            ("privacy_statement", shown.as_str()),
            ("internal_domains", "in.eu"),
        ];
        load(&flags, &[], None).expect("right")
    };
    let kind = |settings: &Settings, address: &str| {
        let address = EmailAddress::parse(address).expect("an address");
        settings.mail_domains().expect("right").classify(&address)
    };
    let settings = with(b"throwaway.example\n");
    assert_eq!(kind(&settings, "a@x.throwaway.example"), DomainKind::Disposable);
    assert_eq!(kind(&settings, "a@in.eu"), DomainKind::Internal);
    assert_eq!(settings.privacy_statement_text(), Ok(Some("throwaway.example\n".to_owned())));

    let refused =
        |settings: &Settings| settings.mail_domains().expect_err("refused").to_string().replace(&shown, "FILE");
    let sentence = refused(&with(b"a.example\nb b\n"));
    assert!(
        sentence.starts_with("FILE: the list of disposable domains cannot be used: line 2: not a domain"),
        "{sentence}"
    );
    assert_eq!(refused(&with(b"\xff")), "disposable-domains: FILE is not UTF-8");
    let sentence = with(b" \n").privacy_statement_text().expect_err("refused").to_string();
    assert_eq!(sentence.replace(&shown, "FILE"), "privacy-statement: FILE is empty");
}

#[test]
fn the_roots_of_keys_are_certificates_and_a_list_of_makes_needs_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("roots.pem");
    let shown = path.display().to_string();
    let aaguids = "ee882879-721c-4913-9775-3dfcce97072a, 0a357157-9b18-4c8a-920e-d156e972b2f8";
    let flags = [("webauthn_attestation_roots", shown.as_str()), ("webauthn_aaguids", aaguids)];
    let with = |content: &str| {
        write(&path, content).expect("written");
        load(&flags, &[], None).expect("right").policy()
    };
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for content in ["", "a certificate", broken, &format!("{ROOT}{broken}"), "-----BEGIN CERTIFICATE-----\n"] {
        let refused = with(content).expect_err("refused").to_string().replace(&shown, "FILE");
        assert_eq!(
            refused, "webauthn-attestation-roots: FILE holds no certificates as PEM, or a broken one",
            "{content}"
        );
    }
    let required = with(&format!("A root, twice:\n{ROOT}\n{ROOT}")).expect("right").attestation.expect("required");
    assert_eq!(required.roots.len(), 1);
    assert!(required.roots[0].starts_with(&ROOT_BEGINS), "{:02x?}", required.roots[0]);
    assert_eq!(required.aaguids.iter().map(|aaguid| aaguid[0]).collect::<Vec<_>>(), [0x0a, 0xee]);
    let refused = load(&flags[1..], &[], None).expect_err("refused").to_string();
    assert!(refused.contains("webauthn-aaguids") && refused.contains("set webauthn-attestation-roots"), "{refused}");
}

#[test]
fn the_gateway_of_messages_is_a_private_file_and_what_is_wrong_in_it_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sms.toml");
    let shown = path.display().to_string();
    let with = |content: &str, mode| {
        write(&path, content).expect("written");
        set_permissions(&path, Permissions::from_mode(mode)).expect("mode");
        let settings = load(&[("sms_gateway", shown.as_str())], &[], None).expect("right");
        settings.sms_gateway().map(|gateway| gateway.is_some()).map_err(|e| e.to_string().replace(&shown, "FILE"))
    };
    let right = "url = 'https://sms.example.org/?key=hunter2&to={to}&text={text}'\nmethod = 'GET'\n";
    assert_eq!(with(right, 0o600), Ok(true));
    assert_eq!(with(right, 0o640), Err("sms-gateway: others can read FILE: run 'chmod 600 FILE'".to_owned()));
    assert_eq!(
        with(&right.replace("{text}", "{message}"), 0o600),
        Err("sms-gateway: FILE: '{message}' is none of {to}, {to-digits}, {text} and {id}".to_owned())
    );
    let broken = with(&format!("{right}password = hunter2"), 0o600).expect_err("refused");
    assert!(broken.contains("line 3") && !broken.contains("hunter2"), "{broken}");

    let settings = load(&[("sms_countries", "be, DE")], &[], None).expect("right");
    let public =
        |text: &str| load(&[("public_url", text), ("smtp", "smtp://m")], &[], None).expect("right").public_url_on(1);
    let offer = settings.sms_offer(&PublicUrl::localhost(1));
    let countries: Vec<String> = offer.countries.iter().map(ToString::to_string).collect();
    assert_eq!((offer.offered, countries), (true, vec!["BE".to_owned(), "DE".to_owned()]));
    assert!(!settings.sms_offer(&public("https://login.example.org")).offered, "without a gateway");
    assert!(load(&[("sms_countries", "XX")], &[], None).is_err_and(|sentence| sentence.contains("two letters")));
}

#[test]
fn the_mail_server_is_reached_with_what_was_set() {
    let folder = tempfile::tempdir().expect("a folder");
    let authorities = folder.path().join("ca.pem");
    write(&authorities, "a certificate").expect("written");
    let authorities = authorities.display().to_string();
    let flags = [("smtp", "smtps://mail.example.org"), ("smtp_user", "u"), ("smtp_ca", authorities.as_str())];
    let settings = load(&flags, &[("SMTP_PASSWORD", "hunter2")], None).expect("right");
    let smtp = settings.smtp_settings(&settings.public_url_on(1)).expect("read").expect("a server");
    assert_eq!(
        (smtp.server.host.as_str(), smtp.server.port, smtp.hello.as_str()),
        ("mail.example.org", 465, "localhost")
    );
    assert_eq!(
        smtp.credentials.map(|(user, password)| (user, password.expose_secret().to_owned())),
        Some(("u".to_owned(), "hunter2".to_owned()))
    );
    assert_eq!(smtp.extra_authorities.as_deref(), Some(&b"a certificate"[..]));
    assert!(load(&[], &[], None).expect("right").smtp_settings(&PublicUrl::localhost(1)).expect("read").is_none());
}

#[test]
fn a_url_that_the_driver_refuses_is_refused_without_its_password() {
    let with = |url: &str| load(&[], &[("DATABASE", url)], None).expect("a URL").postgres();
    let options = with("postgres://u@db:5433/x").expect("right").expect("PostgreSQL");
    assert_eq!((options.connection.get_host(), options.connection.get_port(), options.connections), ("db", 5433, 20));
    let sentence = with("postgres://u:hunter2@db/x?sslmode=hunter3").expect_err("refused").to_string();
    assert!(sentence.contains("sslmode") && !sentence.contains("hunter2"), "{sentence}");
    assert!(load(&[], &[], None).expect("right").postgres().expect("right").is_none());
}

#[test]
fn every_limit_is_the_setting_of_its_name_and_by_default_the_services_own() {
    assert_eq!(load(&[], &[], None).expect("right").limits(), Limits::default());
    let settings: Vec<_> = TABLE.iter().filter(|setting| setting.field.starts_with("limit_")).collect();
    // The timers' limit is the workers'.
    assert_eq!(settings.len(), 36);
    for setting in settings.iter().filter(|setting| setting.field != "limit_timer_hour") {
        let others = settings.iter().map(|other| (other.field, if other.field == setting.field { "77" } else { "78" }));
        let others: Vec<_> = others.collect();
        // Not loaded whole: a rule between the limits may refuse 77 above or below 78.
        let shown = format!(
            "{:?}",
            Settings::read(&given(&others, &[], None).sources.texts().expect("right")).expect("right").limits()
        );
        let limit = format!("name: \"{}\", max: 77,", setting.key().trim_start_matches("limit-"));
        assert!(shown.contains(&limit) && shown.matches("max: 77,").count() == 1, "{shown}");
    }
}

#[test]
fn the_hash_pool_is_laid_out_as_set() {
    let by_default = load(&[], &[], None).expect("right").hash_pool();
    assert_eq!(by_default, PoolSettings::default());
    let flags = [("hash_threads", "3"), ("hash_memory", "8MiB"), ("hash_iterations", "5"), ("hash_parallelism", "2")];
    let pool = load(&flags, &[], None).expect("right").hash_pool();
    let parameters = HashParameters { memory_kib: 8 * 1024, iterations: 5, parallelism: 2 };
    assert_eq!((pool.workers.get(), pool.queue, pool.parameters), (3, 3 * 128, parameters));
    assert_eq!(load(&[("hash_queue", "7")], &[], None).expect("right").hash_pool().queue, 7);
}

fn exposed_url(url: &crate::settings::DatabaseUrl) -> String {
    let first = url.expose_each().next().expect("a server");
    secrecy::ExposeSecret::expose_secret(&first).to_owned()
}

#[test]
fn passwords_are_read_from_their_files_and_never_debugged() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = |name: &str, content: &str| {
        let path = folder.path().join(name);
        write(&path, content).expect("written");
        set_permissions(&path, Permissions::from_mode(0o600)).expect("mode");
        path.display().to_string()
    };
    let (mail, database) = (secret("mail", "hunter2\n"), secret("database", "hunter3\n"));
    let owner = secret("owner", "postgres://owner:hunter4@db/x\n");
    let flags = [
        ("smtp", "smtp://mail.example.org"),
        ("smtp_user", "u"),
        ("smtp_password_file", mail.as_str()),
        ("database", "postgres://u@db/x"),
        ("database_password_file", database.as_str()),
        ("owner_url_file", owner.as_str()),
    ];
    let settings = load(&flags, &[], None).expect("right");
    let exposed = settings.smtp_password().expect("read").map(|secret| secret.expose().to_owned());
    assert_eq!(exposed.as_deref(), Some("hunter2"));
    let shown = settings.database_url().expect("read").map(|url| exposed_url(&url));
    assert_eq!(shown.as_deref(), Some("postgres://u@db/x?password=hunter3"));
    let shown = settings.owner_url().expect("read").map(|url| exposed_url(&url));
    assert_eq!(shown.as_deref(), Some("postgres://owner:hunter4@db/x"));

    let flags = [("smtp", "smtp://mail.example.org"), ("smtp_user", "u")];
    let variables = [("SMTP_PASSWORD", "hunter2"), ("DATABASE", "postgres://u:hunter2@db/x")];
    let debug = format!("{:?}", load(&flags, &variables, None).expect("right"));
    assert!(!debug.contains("hunter2"), "{debug}");
}
