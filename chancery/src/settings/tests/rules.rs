//! Which sentence refuses what.

use super::load;

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
        refused(&[], &[("NATS", "nats://u:hunter2@nats/x")], None),
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
            &[("nats", "nats://chancery:hunter2@nats")],
            &[],
            "--nats holds a password, which other users of this machine can read in a flag: use --nats-credentials-file, --nats-nkey-file, or CHANCERY_NATS",
        ),
        (
            &[PUBLIC, SMTP, ("outgoing_allow", "10.0.0.0/8,127.0.0.1")],
            &[],
            "--outgoing-allow opens 127.0.0.1/32, this machine itself, but public-url is https://login.example.org, which others can use: leave it out",
        ),
        (&[("nats_nkey_file", "f")], &[], "--nats-nkey-file is of use only with NATS: set nats, or leave it out"),
        (
            &[("nats_nkey_file", "f")],
            &[("NATS", "nats://chancery:hunter2@nats")],
            "nats, nats-credentials-file and nats-nkey-file say more than once who we are: leave all but one out",
        ),
        (
            &[("master_key", "k"), ("credentials_key", "k")],
            &[],
            "master-key and credentials-key are both k: they must be two files",
        ),
        (&[PG, ("database_connections", "4")], &[], "--database-connections must be at least 5"),
        (
            &[("mail_from", "άννα@example.org")],
            &[],
            "\"άννα@example.org\" cannot be used in mails as the service's own address: it needs a part before the @ in ASCII",
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
        (
            &[("limit_mail_network_hour", "7")],
            &[],
            "--limit-mail-network-hour is more than limit-mail-network-day, so that it would never be reached",
        ),
        (
            &[("limit_mail_overall", "29")],
            &[],
            "limit-mail-address-day is more than limit-mail-overall, so that it would never be reached",
        ),
        (&[("otlp_ca", "f")], &[], "--otlp-ca is of use only with a collector: set otlp-endpoint, or leave it out"),
        (
            &[("otlp_ca", "f"), ("otlp_endpoint", "http://otel.example.org:4318")],
            &[],
            "--otlp-ca is of no use without TLS: leave it out, or use https:// in otlp-endpoint",
        ),
        (&[("link_validity", "4m")], &[], "--link-validity must be from 5m to 7d"),
        (&[("mail_queue_limit", "8d")], &[], "--mail-queue-limit must be from 5m to 7d"),
        (&[("registration_lapse", "59m")], &[], "--registration-lapse must be from 1h to 365d"),
        (&[("recovery_wait", "23h")], &[], "--recovery-wait must be from 1d to 30d, or off"),
        (&[("recovery_wait", "31d")], &[], "--recovery-wait must be from 1d to 30d, or off"),
        (&[("adaptive_sign_in", "59m")], &[], "--adaptive-sign-in must be from 1h to 365d, or off"),
        (&[("adaptive_sign_in", "366d")], &[], "--adaptive-sign-in must be from 1h to 365d, or off"),
        (
            &[("link_validity", "3d"), ("registration_lapse", "2d")],
            &[],
            "--registration-lapse is shorter than link-validity, but no registration lapses while its link can be used",
        ),
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
        &[("otlp_ca", "f"), ("otlp_endpoint", "https://otel.example.org")],
        &[("link_validity", "5m")],
        &[("link_validity", "2d"), ("registration_lapse", "2d")],
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
