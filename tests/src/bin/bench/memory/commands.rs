//! The commands that end by themselves, and what each may hold.

use chancery_tests::command_line;

/// What a command may hold, in megabytes: floor and aim.
pub type Limit = (f64, f64);

/// One that looks at one account or at one event after the other.
pub const STEADY: Limit = (80.0, 40.0);

/// One that works on every core: it folds the whole log, or hashes passwords.
pub const FOLDING: Limit = (400.0, 200.0);

/// A server or a worker, beside the memory of password hashes.
pub const STAYING: Limit = (80.0, 40.0);

/// A command line that is measured. Words in capitals stand for what each place has of its own.
pub struct Asked {
    /// What is typed.
    pub line: &'static str,
    /// What it may hold.
    pub limit: Limit,
    /// The exit codes that it may end with.
    pub codes: &'static [i32],
}

const WELL: &[i32] = &[0];

/// There is nothing on this log for it to do: it looks, and says so.
const REFUSED: &[i32] = &[1];

/// What it finds wrong with a bench's surroundings is not the question.
const EITHER: &[i32] = &[0, 1];

const fn asked(line: &'static str, limit: Limit, codes: &'static [i32]) -> Asked {
    Asked { line, limit, codes }
}

/// In this order: read models that the first ones rebuild are counted and verified by others.
pub const COMMANDS: &[Asked] = &[
    asked("projections rebuild account_changes_v1", FOLDING, WELL),
    asked("projections rebuild activity_v1", FOLDING, WELL),
    asked("projections rebuild event_counts_v1", FOLDING, WELL),
    asked("audit history UID", STEADY, WELL),
    asked("audit state UID", STEADY, WELL),
    asked("audit replay", STEADY, WELL),
    asked("audit query --count-by day,type", STEADY, WELL),
    asked("audit verify", FOLDING, WELL),
    asked("projections rebuild activity_v1 --verify", FOLDING, WELL),
    asked("projections status", STEADY, WELL),
    asked("migrate --dry-run", STEADY, WELL),
    asked("migrate", STEADY, WELL),
    asked("check", STEADY, EITHER),
    asked("jobs", STEADY, WELL),
    asked("jobs show none", STEADY, REFUSED),
    asked("jobs requeue --all-dead", STEADY, WELL),
    asked("timers status", STEADY, WELL),
    asked("timers resume none", STEADY, REFUSED),
    asked("backup BACKUP --keys-to KEYS", STEADY, WELL),
    asked("account suspend UID --reason bench", STEADY, WELL),
    asked("account resume UID --reason bench", STEADY, WELL),
    asked("account end-sessions UID --reason bench", STEADY, WELL),
    asked("account reset-factors UID --reason bench", STEADY, REFUSED),
    asked("account resume-factors UID --reason bench", STEADY, REFUSED),
    asked("application register --name Bench --scope accounts:read", STEADY, WELL),
    asked("application list", STEADY, WELL),
    asked("application rotate-secret Bench", STEADY, WELL),
    asked("application retire-secret Bench", STEADY, WELL),
    asked("application set-scopes Bench --scope accounts:invite", STEADY, WELL),
    asked("application disable Bench --reason bench", STEADY, WELL),
    asked("application enable Bench --reason bench", STEADY, WELL),
    asked("campaign plan PLAN", STEADY, WELL),
    asked("campaign start PLAN --reason bench", STEADY, WELL),
    asked("campaign pause --reason bench", STEADY, WELL),
    asked("campaign start --reason bench", STEADY, WELL),
    asked("campaign status", STEADY, WELL),
    asked("campaign status --at HEAD", STEADY, WELL),
    asked("campaign end --reason bench", STEADY, WELL),
    asked("settings", STEADY, WELL),
    asked("tune-password-hash --target-time 50ms --target-memory 19MiB", FOLDING, WELL),
    asked("completions bash", STEADY, WELL),
];

/// From the backup that [`COMMANDS`] made, into a folder without a database.
pub const RESTORE: Asked = asked("restore BACKUP --reason bench --keys-from KEYS --no-ledger", STEADY, WELL);

/// The last one on a log: whoever has it open is of the epoch before.
pub const NEW_EPOCH: Asked = asked("log new-epoch --reason bench", STEADY, WELL);

/// The commands that do not end by themselves.
const STAYING_ONES: [&str; 2] = ["serve", "work"];

/// Asks the binary which commands it has.
///
/// # Panics
/// With those of which nothing is measured.
pub fn assert_none_is_forgotten() {
    let lines: Vec<&str> = COMMANDS.iter().chain([&RESTORE, &NEW_EPOCH]).map(|asked| asked.line).collect();
    let is_measured = |command: &String| {
        let begins = |line: &&str| {
            line.strip_prefix(command.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        STAYING_ONES.contains(&command.as_str()) || lines.iter().any(begins)
    };
    let forgotten: Vec<String> = command_line::commands().into_iter().filter(|command| !is_measured(command)).collect();
    assert!(forgotten.is_empty(), "of the memory of these nothing is measured: {forgotten:?}");
}
