//! Which source wins, and which sentence refuses what.

use std::ffi::{OsStr, OsString};
use std::fs::{Permissions, set_permissions, write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use super::*;

/// Sources with these flags (by field), variables (without the prefix) and file.
struct Given {
    folder: tempfile::TempDir,
    sources: Sources,
}

fn given(flags: &[(&'static str, &str)], variables: &[(&str, &str)], file: Option<&str>) -> Given {
    let folder = tempfile::tempdir().expect("a folder");
    if let Some(text) = file {
        let path = folder.path().join(DEFAULT_FILE);
        write(&path, text).expect("written");
        set_permissions(&path, Permissions::from_mode(0o600)).expect("mode");
    }
    let sources = Sources {
        flags: flags.iter().map(|(field, text)| (*field, (*text).to_owned().into())).collect(),
        config: None,
        environment: variables.iter().map(|(name, text)| (format!("CHANCERY_{name}").into(), text.into())).collect(),
        folder: folder.path().to_owned(),
    };
    Given { folder, sources }
}

fn load(flags: &[(&'static str, &str)], variables: &[(&str, &str)], file: Option<&str>) -> Result<Settings, String> {
    let given = given(flags, variables, file);
    let shown = format!("{}/", given.folder.path().display());
    Settings::load(&given.sources).map_err(|error| error.to_string().replace(&shown, ""))
}

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

#[test]
fn a_wrong_value_is_named_with_its_place_and_a_secret_one_is_not_repeated() {
    let refused = |flags: &[(&'static str, &str)], variables: &[(&str, &str)], file| {
        load(flags, variables, file).expect_err("refused")
    };
    assert_eq!(refused(&[("log_format", "xml")], &[], None), "--log-format: 'xml' is not one of text, json");
    assert_eq!(refused(&[], &[("HASH_QUEUE", "0")], None), "CHANCERY_HASH_QUEUE: '0' is not a whole number from 1 on");
    assert_eq!(
        refused(&[], &[], Some("\nlink-validity = 90")),
        "link-validity (chancery.toml, line 2): '90' is not a length of time in whole seconds, such as 90m, 12h or 7d"
    );
    assert_eq!(
        refused(&[("trusted_proxies", "10.0.0.0/8,0.0.0.0/0")], &[], None),
        "--trusted-proxies: '10.0.0.0/8,0.0.0.0/0' is not a list, separated by commas, where each item is an address \
         or network such as 10.0.0.0/8 or fd00::/8, and not all addresses"
    );
    for sentence in [
        refused(&[("database", "mysql://u:hunter2@db/x")], &[], None),
        refused(&[], &[("DATABASE", "hunter2")], None),
        refused(&[], &[("SMTP_PASSWORD", "hunter2\n")], None),
        refused(&[], &[("DATABASE", "postgres://u:hunter2@")], None),
    ] {
        assert!(sentence.contains(" is not ") && !sentence.contains("hunter2"), "{sentence}");
    }
}

/// Each line: what is set by flag (secrets by environment), and the sentence that refuses it.
#[test]
fn combinations_that_cannot_work_are_refused() {
    const PUBLIC: (&str, &str) = ("public_url", "https://login.example.org");
    const SMTP: (&str, &str) = ("smtp", "smtp://mail.example.org");
    const PG: (&str, &str) = ("database", "postgres://u@db/x");
    type Case<'a> = (&'a [(&'static str, &'a str)], &'a [(&'a str, &'a str)], &'a str);
    let cases: &[Case<'_>] = &[
        (
            &[("listen", "0.0.0.0:80")],
            &[],
            "--listen lets others reach 0.0.0.0:80, so public-url must be set to the origin that people use, such as https://login.example.org",
        ),
        (
            &[("listen", "[::]:80"), ("public_url", "http://localhost")],
            &[],
            "--listen lets others reach [::]:80, but public-url is http://localhost, which only this machine can use: set public-url to what people use, or listen on 127.0.0.1",
        ),
        (
            &[PUBLIC],
            &[],
            "public-url is https://login.example.org, which others can use, so mails must be sent: set smtp, such as smtp://mail.example.org:587",
        ),
        (
            &[("metrics_listen", "0.0.0.0:8080")],
            &[],
            "--metrics-listen and listen are the same address and port: they need two",
        ),
        (
            &[("database", "postgres://u:hunter2@db/x")],
            &[],
            "--database holds a password, which other users of this machine can read in a flag: use --database-password-file, or CHANCERY_DATABASE",
        ),
        (
            &[("database_password_file", "p")],
            &[("DATABASE", "postgres://u:hunter2@db/x")],
            "--database-password-file and database both hold a password: leave one out",
        ),
        (
            &[("database_password_file", "p")],
            &[],
            "--database-password-file is of use only with PostgreSQL: set database, or leave it out",
        ),
        (
            &[("owner_url_file", "p")],
            &[],
            "--owner-url-file is of use only with PostgreSQL: set database, or leave it out",
        ),
        (
            &[("master_key", "k"), ("credentials_key", "k")],
            &[],
            "master-key and credentials-key are both k: they must be two files",
        ),
        (&[("smtp_user", "u")], &[], "--smtp-user is of use only with a mail server: set smtp, or leave it out"),
        (&[("smtp_ca", "f")], &[], "--smtp-ca is of use only with a mail server: set smtp, or leave it out"),
        (
            &[],
            &[("SMTP_PASSWORD", "hunter2")],
            "CHANCERY_SMTP_PASSWORD is of use only with a mail server: set smtp, or leave it out",
        ),
        (
            &[SMTP, ("smtp_user", "u"), ("smtp_password_file", "f")],
            &[("SMTP_PASSWORD", "hunter2")],
            "CHANCERY_SMTP_PASSWORD and --smtp-password-file are both set: leave one out",
        ),
        (&[SMTP, ("smtp_user", "u")], &[], "--smtp-user needs a password: set smtp-password-file"),
        (
            &[SMTP],
            &[("SMTP_PASSWORD", "hunter2")],
            "CHANCERY_SMTP_PASSWORD needs a name to sign in with: set smtp-user",
        ),
        (&[SMTP, ("smtp_password_file", "f")], &[], "--smtp-password-file needs a name to sign in with: set smtp-user"),
        (
            &[("smtp", "smtp-cleartext://mail.example.org"), ("smtp_user", "u"), ("smtp_password_file", "f")],
            &[],
            "--smtp would send a password in clear text: use smtp:// or smtps://",
        ),
        (
            &[("smtp", "smtp-cleartext://127.0.0.1"), ("smtp_ca", "f")],
            &[],
            "--smtp-ca is of no use without TLS: leave it out, or use smtp:// or smtps://",
        ),
        (
            &[("session_idle", "13h")],
            &[],
            "--session-idle is longer than session-absolute, after which every session ends",
        ),
        (
            &[("session_absolute", "10m"), ("session_idle", "5m")],
            &[],
            "session-public is longer than session-absolute, after which every session ends",
        ),
        (&[("mail_limit_pair_hour", "7")], &[], "--mail-limit-pair-hour is more than mail-limit-pair-day"),
        (&[("link_validity", "4m")], &[], "--link-validity must be from 5m to 7d"),
        (&[("mail_queue_limit", "8d")], &[], "--mail-queue-limit must be from 5m to 7d"),
        (&[("registration_lapse", "59m")], &[], "--registration-lapse must be from 1h to 365d"),
        (&[("network_data_retention", "1h")], &[], "--network-data-retention must be from 1d to 3660d"),
        (
            &[("hash_memory", "15KiB"), ("hash_parallelism", "2")],
            &[],
            "hash-memory, hash-iterations and hash-parallelism do not go together: argon2id memory in KiB must be between 16 and 1048576, not 15",
        ),
        (
            &[PUBLIC, SMTP, ("hash_memory", "6MiB")],
            &[],
            "--hash-memory is too little for people's passwords: at least 7MiB, better 19MiB",
        ),
    ];
    for (flags, variables, sentence) in cases {
        assert_eq!(load(flags, variables, None).map(|_| ()), Err((*sentence).to_owned()), "{flags:?}");
    }
    // Each of these is one step away from a refusal.
    for flags in [
        &[("listen", "0.0.0.0:80"), PUBLIC, SMTP][..],
        &[("metrics_listen", "127.0.0.2:8080")],
        &[("metrics_listen", "127.0.0.1:0"), ("listen", "127.0.0.1:0")],
        &[PG, ("owner_url_file", "f"), ("database_password_file", "f")],
        &[("smtp", "smtp-cleartext://127.0.0.1"), ("smtp_user", "u"), ("smtp_password_file", "f")],
        &[("link_validity", "5m")],
        &[("hash_memory", "8KiB")],
    ] {
        assert_eq!(load(flags, &[], None).map(|_| ()), Ok(()), "{flags:?}");
    }
}

#[test]
fn a_long_host_and_an_address_are_warned_of() {
    let warnings = |url: &str| {
        let flags = [("public_url", url), ("smtp", "smtp://mail.example.org")];
        load(&flags, &[], None).expect("right").warnings()
    };
    assert_eq!(
        warnings("https://a23456789.b23456789.c2345.example"),
        [
            "the host of public-url, a23456789.b23456789.c2345.example, is longer than 30 characters: some mail programs will break the links in mails"
        ]
    );
    assert_eq!(warnings("https://a23456789.b2345678.example"), Vec::<String>::new());
    assert_eq!(
        warnings("http://127.0.0.1"),
        ["public-url is http://127.0.0.1, an IP address: passkeys and security keys need a name"]
    );
}

#[test]
fn what_is_derived_follows_what_is_set() {
    let settings = load(&[("data", "/d"), ("credentials_key", "/k/c.key")], &[], None).expect("right");
    assert_eq!(settings.master_key_path(), PathBuf::from("/d/master.key"));
    assert_eq!(settings.credentials_key_path(), PathBuf::from("/k/c.key"));
    let url = settings.public_url_on(8081);
    assert_eq!(url.as_str(), "http://localhost:8081");
    assert_eq!(settings.sender(&url).address, "no-reply@localhost");
}

#[test]
fn the_policy_proposed_is_the_one_that_was_set_and_by_default_the_domains_own() {
    assert_eq!(load(&[], &[], None).expect("right").policy(), Policy::default());
    let flags = [
        ("password_rule", "nist"),
        ("link_validity", "1h"),
        ("mail_queue_limit", "2h"),
        ("session_idle", "3h"),
        ("session_absolute", "5h"),
        ("session_public", "4h"),
        ("registration_lapse", "6h"),
        ("network_data_retention", "7d"),
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
    };
    assert_eq!(load(&flags, &[], None).expect("right").policy(), set);
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
    let exposed = settings.database_url().expect("read").map(|url| url.expose().to_owned());
    assert_eq!(exposed.as_deref(), Some("postgres://u@db/x?password=hunter3"));
    let exposed = settings.owner_url().expect("read").map(|url| url.expose().to_owned());
    assert_eq!(exposed.as_deref(), Some("postgres://owner:hunter4@db/x"));

    let flags = [("smtp", "smtp://mail.example.org"), ("smtp_user", "u")];
    let variables = [("SMTP_PASSWORD", "hunter2"), ("DATABASE", "postgres://u:hunter2@db/x")];
    let debug = format!("{:?}", load(&flags, &variables, None).expect("right"));
    assert!(!debug.contains("hunter2"), "{debug}");
}
