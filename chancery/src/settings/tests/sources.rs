//! Which source wins.

use std::ffi::{OsStr, OsString};
use std::fs::{Permissions, set_permissions, write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use super::{given, load};
use crate::settings::{DEFAULT_FILE, Origin, Settings, Sources};

#[test]
fn a_flag_wins_over_the_environment_that_over_the_file_and_that_over_the_default() {
    let (flag, variable) = ([("link_validity", "1h")], [("LINK_VALIDITY", "2h")]);
    let file = Some("link-validity = \"3h\"");
    for (flags, variables, file, hours, origin) in [
        (&flag[..], &variable[..], file, 1.0, Origin::Flag),
        (&[], &variable, file, 2.0, Origin::Environment),
        (&[], &[], file, 3.0, Origin::File(PathBuf::new(), 1)),
        (&[], &[], None, 1.5, Origin::Default),
        (&flag, &[], None, 1.0, Origin::Flag),
    ] {
        let settings = load(flags, variables, file).expect("right");
        assert_eq!(settings.link_validity, Duration::from_secs_f64(hours * 3600.0));
        let found = settings.report().origin("link_validity");
        assert_eq!(std::mem::discriminant(found), std::mem::discriminant(&origin), "{found:?}");
    }
}

#[test]
fn an_empty_text_undoes_what_a_weaker_source_says() {
    let settings =
        load(&[("smtp", "")], &[("INTERNAL_DOMAINS", "")], Some("smtp = \"smtp://a.eu\"\ninternal-domains = \"b.eu\""));
    let settings = settings.expect("right");
    assert_eq!((settings.smtp.is_none(), settings.internal_domains.len()), (true, 0));
    assert_eq!(*settings.report().origin("smtp"), Origin::Flag);
    assert!(load(&[("listen", "")], &[], None).expect_err("needed").starts_with("--listen: '' is not an IP address"));
}

#[test]
fn the_file_is_the_one_named_by_flag_else_by_variable_else_the_one_that_is_there() {
    let mut given = given(&[], &[], Some("policy-revision = 1"));
    let path = |name: &str, revision: u32| {
        let path = given.folder.path().join(name);
        write(&path, format!("policy-revision = {revision}")).expect("written");
        path
    };
    let (by_flag, by_variable) = (path("flag.toml", 3), path("variable.toml", 2));
    let revision = |sources: &Sources| Settings::load(sources).expect("right").policy_revision;
    assert_eq!(revision(&given.sources), 1);
    given.sources.environment.push(("CHANCERY_CONFIG".into(), by_variable.into()));
    assert_eq!(revision(&given.sources), 2);
    given.sources.config = Some(by_flag);
    assert_eq!(revision(&given.sources), 3);
    given.sources.config = Some("/nonexistent/chancery.toml".into());
    let sentence = Settings::load(&given.sources).expect_err("missing").to_string();
    assert!(sentence.starts_with("configuration file /nonexistent/chancery.toml cannot be read: "), "{sentence}");
}

#[test]
fn odd_sources_are_refused_with_a_sentence() {
    let mut given = given(&[], &[], None);
    let mut refusal = |name: &[u8], value: &[u8]| {
        let text = |bytes: &[u8]| OsString::from(OsStr::from_bytes(bytes));
        given.sources.environment = vec![(text(name), text(value))];
        Settings::load(&given.sources).err().map(|error| error.to_string())
    };
    assert_eq!(refusal(b"CHANCERY_LISTEN", b"\xff"), Some("CHANCERY_LISTEN is not UTF-8".to_owned()));
    assert_eq!(refusal(b"OTHER\xff", b"\xff"), None);
    let unknown = |name: &str, advice: &str| Some(format!("the environment variable {name} is no setting; {advice}"));
    assert_eq!(refusal(b"CHANCERY_LISEN", b"hunter2"), unknown("CHANCERY_LISEN", "did you mean CHANCERY_LISTEN?"));
    assert_eq!(refusal(b"CHANCERY_CONFG", b"x"), unknown("CHANCERY_CONFG", "did you mean CHANCERY_CONFIG?"));

    let file = given.folder.path().join(DEFAULT_FILE);
    let mut with_file = |content: &[u8]| {
        write(&file, content).expect("written");
        given.sources.environment.clear();
        let shown = file.display().to_string();
        Settings::load(&given.sources).expect_err("refused").to_string().replace(&shown, "FILE")
    };
    assert_eq!(with_file(b"listen = \"\xff\""), "configuration file FILE is not UTF-8");
    assert_eq!(with_file(&vec![b'#'; 1024 * 1024 + 1]), "configuration file FILE is larger than 1048576 bytes");
    std::fs::remove_file(&file).expect("removed");
    std::fs::create_dir(&file).expect("made");
    let shown = file.display().to_string();
    let sentence = Settings::load(&given.sources).expect_err("a folder").to_string();
    assert_eq!(sentence.replace(&shown, "FILE"), "configuration file FILE is not a file");
}

#[test]
fn what_kubernetes_sets_for_a_service_of_this_name_is_no_setting() {
    let links = [
        ("SERVICE_HOST", "10.0.0.1"),
        ("SERVICE_PORT", "80"),
        ("SERVICE_PORT_HTTP", "80"),
        ("PORT", "tcp://10.0.0.1:80"),
        ("PORT_80_TCP", "tcp://10.0.0.1:80"),
        ("PORT_80_TCP_PROTO", "tcp"),
        ("PORT_80_TCP_PORT", "80"),
        ("PORT_80_TCP_ADDR", "10.0.0.1"),
    ];
    load(&[], &links, None).expect("not refused");
    assert!(
        load(&[], &[("PORT", "8080")], None)
            .expect_err("a slip")
            .starts_with("the environment variable CHANCERY_PORT is no setting")
    );
}

#[test]
fn a_file_with_a_secret_must_be_private() {
    let refusal = |text: &str| {
        let given = given(&[], &[], Some(text));
        let path = given.folder.path().join(DEFAULT_FILE);
        Settings::load(&given.sources).expect("private");
        set_permissions(&path, Permissions::from_mode(0o644)).expect("mode");
        let shown = path.display().to_string();
        Settings::load(&given.sources).err().map(|error| error.to_string().replace(&shown, "FILE"))
    };
    let mail = "smtp = \"smtp://a.eu\"\nsmtp-user = \"u\"\nsmtp-password = \"hunter2\"";
    let sentence = |key| {
        Some(format!("configuration file FILE sets {key}, a secret, but others can read it: run 'chmod 600 FILE'"))
    };
    assert_eq!(refusal(mail), sentence("smtp-password"));
    assert_eq!(refusal("database = \"postgres://u:hunter2@db/x\""), sentence("database"));
    assert_eq!(refusal("database = \"postgres://u@db/x\""), None);
}
