//! The binary as an operator meets it: exit codes, one line of error, and no secret anywhere.

use std::ffi::OsStr;
use std::fs::{Permissions, set_permissions, write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

fn program(folder: &tempfile::TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
    command.env_clear().current_dir(folder.path()).stdin(Stdio::null());
    command
}

fn ran(output: Output) -> Ran {
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// Runs the program in a new folder with these arguments, variables and configuration file.
fn run(arguments: &[&str], variables: &[(&str, &str)], file: Option<&str>) -> Ran {
    let folder = tempfile::tempdir().expect("a folder");
    if let Some(text) = file {
        let path = folder.path().join("chancery.toml");
        write(&path, text).expect("written");
        set_permissions(&path, Permissions::from_mode(0o600)).expect("mode");
    }
    ran(program(&folder).args(arguments).envs(variables.iter().copied()).output().expect("started"))
}

#[test]
fn what_cannot_be_used_is_one_line_and_exit_code_2() {
    for (arguments, variables, file, line) in [
        (
            &["settings", "--lisen", "x"][..],
            &[][..],
            None,
            "unexpected argument '--lisen' found; tip: a similar argument exists: '--listen'; see 'chancery --help'",
        ),
        (
            &["setings"],
            &[],
            None,
            "unrecognized subcommand 'setings'; tip: a similar subcommand exists: 'settings'; see 'chancery --help'",
        ),
        (
            &["settings", "--listen"],
            &[],
            None,
            "a value is required for '--listen <ADDRESS:PORT>' but none was supplied; see 'chancery --help'",
        ),
        (
            &["settings", "--listen", "x"],
            &[],
            None,
            "--listen: 'x' is not an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080",
        ),
        (
            &["settings"],
            &[("CHANCERY_LISEN", "x")],
            None,
            "the environment variable CHANCERY_LISEN is no setting; did you mean CHANCERY_LISTEN?",
        ),
        (
            &["settings"],
            &[],
            Some("\nlisen = 1\n"),
            "chancery.toml, line 2: 'lisen' is no setting; did you mean 'listen'?",
        ),
        (&["settings", "--config", "/"], &[], None, "configuration file / is not a file"),
        (
            &["settings", "--smtp-password", "hunter2"],
            &[],
            None,
            "--smtp-password would show a secret to every user of this machine: use CHANCERY_SMTP_PASSWORD or --smtp-password-file",
        ),
        (
            &["--smtp-password=hunter2", "settings"],
            &[],
            None,
            "--smtp-password would show a secret to every user of this machine: use CHANCERY_SMTP_PASSWORD or --smtp-password-file",
        ),
        (
            &["--database=postgres://u:hunter2@db/x", "settings"],
            &[],
            None,
            "--database holds a password, which other users of this machine can read in a flag: use --database-password-file, or CHANCERY_DATABASE",
        ),
    ] {
        let ran = run(arguments, variables, file);
        assert_eq!((ran.code, ran.err.as_str(), ran.out.as_str()), (Some(2), &*format!("chancery: {line}\n"), ""));
        assert!(!ran.err.contains("hunter2"));
    }
}

#[test]
fn odd_bytes_are_refused_and_never_panic() {
    let folder = tempfile::tempdir().expect("a folder");
    let odd = OsStr::from_bytes(b"\xff\xfe");
    for command in [
        program(&folder).arg(odd),
        program(&folder).arg("settings").arg("--listen").arg(odd),
        program(&folder).arg("settings").env("CHANCERY_LISTEN", odd),
        program(&folder).arg("settings").env("CHANCERY_CONFIG", odd),
    ] {
        let ran = ran(command.output().expect("started"));
        assert_eq!((ran.code, ran.err.lines().count()), (Some(2), 1), "{}", ran.err);
        assert!(ran.err.starts_with("chancery: ") && ran.out.is_empty(), "{}", ran.err);
    }
    // A path need not be text.
    write(folder.path().join(odd), "policy-revision = 7").expect("written");
    let ran = ran(program(&folder).arg("settings").arg("--config").arg(odd).output().expect("started"));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.contains("policy-revision = 7"), "{}", ran.out);
}

#[test]
fn settings_print_values_origins_and_no_secret() {
    let arguments = ["settings", "--public-url", "https://login.example.org"];
    let variables = [
        ("CHANCERY_SMTP_PASSWORD", "hunter2"),
        ("CHANCERY_DATABASE", "postgres://u:hunter2@db/x?password=hunter2"),
        ("CHANCERY_LISTEN", "0.0.0.0:80"),
    ];
    let file = "smtp = \"smtps://mail.example.org\"\nsmtp-user = \"u\"\nlisten = \"127.0.0.1:1\"\n";
    let ran = run(&arguments, &variables, Some(file));
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert!(!ran.out.contains("hunter2"), "{}", ran.out);
    let line = |start: &str| ran.out.lines().find(|line| line.starts_with(start)).map(squeezed).unwrap_or_default();
    assert_eq!(line("public-url"), "public-url = \"https://login.example.org\" # flag");
    assert_eq!(line("listen"), "listen = \"0.0.0.0:80\" # environment");
    assert_eq!(line("smtp ="), "smtp = \"smtps://mail.example.org\" # chancery.toml, line 1");
    assert_eq!(line("# smtp-password:"), "# smtp-password: a secret, not shown # environment");
    assert_eq!(line("# database ="), "# database = \"postgres://u:redacted@db/x?password=redacted\" # environment");
    assert_eq!(line("hash-iterations"), "hash-iterations = 2 # default");

    let arguments = [&arguments[..], &["--json"]].concat();
    let ran = run(&arguments, &variables, Some(file));
    assert!(!ran.out.contains("hunter2"), "{}", ran.out);
    let list: Vec<serde_json::Value> = serde_json::from_str(&ran.out).expect("JSON");
    let entry = |name: &str| list.iter().find(|entry| entry["name"] == name).expect(name);
    let smtp = serde_json::json!({"name": "smtp", "value": "smtps://mail.example.org", "redacted": false, "origin": "file", "file": "chancery.toml", "line": 1});
    assert_eq!(*entry("smtp"), smtp);
    assert_eq!(entry("smtp-password")["value"], serde_json::Value::Null);
    assert_eq!(entry("smtp-password")["redacted"], true);
    assert_eq!(entry("smtp-ca")["redacted"], false);
    assert_eq!(entry("database")["redacted"], true);
}

fn squeezed(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn printed_settings_are_a_file_that_gives_the_same_settings() {
    let file = "service-name = \"Φ \\\"x\\\" \\\\ # y\"\n";
    let refused = run(&["settings"], &[], Some(file));
    assert_eq!(refused.code, Some(2), "a quote has no place in a name");
    let file = "service-name = \"Φ \\\\ # y\"\ninternal-domains = [\"a.eu\", \"b.eu\"]\nlink-validity = \"2h\"\n";
    let first = run(&["settings"], &[], Some(file));
    assert_eq!(first.code, Some(0), "{}", first.err);
    let second = run(&["settings"], &[], Some(&first.out));
    let values = |text: &str| {
        text.lines().map(|line| squeezed(line.rsplit_once("  # ").map_or(line, |l| l.0))).collect::<Vec<_>>()
    };
    assert_eq!(second.err, "");
    assert_eq!(values(&first.out), values(&second.out));
}

#[test]
fn a_flag_stands_before_or_after_the_command() {
    for arguments in [["--log-level", "debug", "settings"], ["settings", "--log-level", "debug"]] {
        assert!(run(&arguments, &[], None).out.contains("log-level = \"debug\""));
    }
}

#[test]
fn help_version_and_completions_need_no_right_settings() {
    let broken = [("CHANCERY_LISTEN", "x")];
    let version = run(&["--version"], &broken, None);
    assert_eq!((version.code, version.out.as_str()), (Some(0), concat!("chancery ", env!("CARGO_PKG_VERSION"), "\n")));
    let help = run(&["--help"], &broken, None);
    assert!(help.code == Some(0) && help.out.contains("--public-url <URL>") && !help.out.contains("--smtp-password "));
    let short = run(&["-h"], &broken, None);
    assert!(short.code == Some(0) && !short.out.contains("--public-url"));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell], &broken, None);
        assert!(script.code == Some(0) && script.out.contains("public-url"), "{shell}: {}", script.err);
        assert_eq!(
            script.out.matches("smtp-password").count(),
            script.out.matches("smtp-password-file").count(),
            "{shell}"
        );
    }
    assert_eq!(run(&["completions", "tcsh"], &broken, None).code, Some(2));
}

#[test]
fn tuning_proposes_settings_that_are_accepted() {
    let tuned = run(&["tune-password-hash", "--target-time", "5ms", "--target-memory", "8MiB"], &[], None);
    assert_eq!((tuned.code, tuned.err.as_str()), (Some(0), ""));
    let (_, file) = tuned.out.split_once("As settings, in the configuration file:\n").expect("settings");
    let settings = run(&["settings"], &[], Some(file));
    assert_eq!((settings.code, settings.err.as_str()), (Some(0), ""));
    let memory = settings.out.lines().find(|line| line.starts_with("hash-memory")).map(squeezed).unwrap_or_default();
    assert!(memory.ends_with("# chancery.toml, line 1"), "{memory}");

    let refused = run(&["tune-password-hash", "--target-time", "5"], &[], None);
    let sentence = "chancery: invalid value '5' for '--target-time <TIME>': it must be a length of time from 1ms to 1m, such as 250ms; see 'chancery --help'\n";
    assert_eq!((refused.code, refused.err.as_str()), (Some(2), sentence));
}

#[test]
fn a_reader_that_leaves_is_no_failure_and_a_full_disk_is_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let ran_away = program(&folder).arg("settings").stdout(writer).stderr(Stdio::piped()).output().expect("started");
    assert_eq!((ran_away.status.code(), ran_away.stderr.len()), (Some(0), 0));

    let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    let failed = program(&folder).arg("settings").stdout(full).stderr(Stdio::piped()).output().expect("started");
    let failed = ran(failed);
    assert_eq!(failed.code, Some(1));
    assert!(failed.err.starts_with("chancery: cannot write to standard output: "), "{}", failed.err);
}
