//! `chancery campaign …`: the end of codes by SMS.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chancery_domain::Timestamp;
use chancery_domain::campaign::{CampaignStage, OperatorsWords, Plan, Planned};
use chancery_domain::values::Language;
use chancery_eventstore::feed::LOOK;
use chancery_eventstore::{BackendError, Db};
use chancery_service::App;
use chancery_service::audit::{Bound, Moment};
use chancery_service::campaign::administer::Change;
use chancery_service::campaign::status::{CampaignStatus, Tally, status_at};
use chancery_workers::jobs::are_listed;
use serde::Deserialize;

use crate::cli::{print, reason};
use crate::error::CommandError;
use crate::settings::Settings;
use crate::wiring::{self, Opening};

/// How often a plan looks whether all accounts are listed before it counts those that are.
const LOOKS: usize = 20;

/// What the command line says.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    wish: Wish,
}

#[derive(clap::Subcommand, Debug)]
enum Wish {
    /// Say what a plan would find, and change nothing.
    Plan {
        /// The plan, a TOML file: see docs/operate.md.
        file: PathBuf,
    },
    /// Put a plan in force, whose stages then begin at their dates; or let a paused campaign go on.
    Start {
        /// The plan, a TOML file; without one the paused campaign goes on.
        file: Option<PathBuf>,
        /// Why; the audit shows it.
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
    /// Let the campaign stand still, at once and on every node.
    Pause(Reasoned),
    /// Say how many accounts are at which stage, and what people moved to.
    Status {
        /// After the event at this position, or at this time, by replaying the log; as it is now without it.
        #[arg(long, value_name = "MOMENT", value_parser = super::audit::moment)]
        at: Option<Moment>,
    },
    /// End the campaign: no further stage begins, and what is off stays off.
    End(Reasoned),
}

#[derive(clap::Args, Debug)]
struct Reasoned {
    /// Why; the audit shows it.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
}

/// Carries the command out, in `operator`'s name.
///
/// # Errors
/// The plan is none, the campaign is not in a state for this, or the log cannot be used.
pub async fn run(settings: &Settings, arguments: &Arguments, operator: &str) -> Result<ExitCode, CommandError> {
    // What is wrong with a file is said before anything is opened.
    let plan = match &arguments.wish {
        Wish::Plan { file } | Wish::Start { file: Some(file), .. } => Some(read(file)?),
        _ => None,
    };
    let app = wiring::operator(settings, Opening::Beside).await?;
    let outcome = carry_out(settings, &app, &arguments.wish, plan, operator).await;
    app.store.close().await;
    print(&outcome?)?;
    Ok(ExitCode::SUCCESS)
}

fn failed(failure: chancery_service::Failure) -> CommandError {
    CommandError::failure("nothing was changed for sure").because(failure)
}

async fn what_it_would_find(app: &App, db: &Db, plan: &Plan) -> Result<String, CommandError> {
    plan.check(app.now()).map_err(|refusal| CommandError::usage(refusal.to_string()))?;
    let are_listed = are_all_listed(app, db).await;
    let are_listed = are_listed.map_err(|error| CommandError::failure("the jobs cannot be read").because(error))?;
    let status = now(app).await?;
    let missing =
        "\nThese are not all: the job list-telephones still looks for telephones that an earlier build added.\n";
    let missing = if are_listed { "" } else { missing };
    Ok(format!("{}\n{}{missing}\nNothing was changed.\n", dates(plan, None), found(&status.tally)))
}

/// Whether every account with a telephone is listed, so that it is counted. A job that is at it is waited for a moment.
async fn are_all_listed(app: &App, db: &Db) -> Result<bool, BackendError> {
    let head = app.store.backend().head().await?.position;
    for _ in 0..LOOKS {
        if are_listed(db, head).await? {
            return Ok(true);
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(false)
}

async fn carry_out(
    settings: &Settings,
    app: &App,
    wish: &Wish,
    plan: Option<Plan>,
    operator: &str,
) -> Result<String, CommandError> {
    match wish {
        Wish::Plan { .. } => {
            let Some(plan) = plan else { return Ok(String::new()) };
            let db = wiring::database(settings, Opening::Beside).await?.db;
            what_it_would_find(app, &db, &plan).await
        }
        Wish::Start { reason, .. } => match plan {
            Some(plan) => {
                let number = app.plan_campaign(operator, plan.clone(), reason).await.map_err(failed)?;
                let number = number.map_err(|refusal| CommandError::failure(refusal.to_string()))?;
                Ok(format!("Campaign {number} is in force.\n{}", dates(&plan, None)))
            }
            None => {
                change(app, operator, Change::Resume, reason, "goes on", "no campaign is paused: name a plan").await
            }
        },
        Wish::Pause(Reasoned { reason }) => {
            change(app, operator, Change::Pause, reason, "stands still", "no campaign is going on").await
        }
        Wish::End(Reasoned { reason }) => {
            let done = "is ended: what has begun stays as it is";
            change(app, operator, Change::End, reason, done, "there is no campaign that could be ended").await
        }
        Wish::Status { at: None } => Ok(told(&now(app).await?, app.now())),
        Wish::Status { at: Some(moment) } => {
            let unread = |error| CommandError::failure("the log cannot be read").because(error);
            let backend = app.store.backend();
            let head = backend.head().await.map_err(|error| unread(chancery_service::Failure::from(error)))?;
            let until = moment.last_position(&**backend, &head, Bound::Including).await;
            let until = until.map_err(|error| CommandError::usage(error.to_string()))?;
            let at = if let Moment::Time(time) = moment { Some(*time) } else { None };
            let status = status_at(&app.store, until, at).await;
            Ok(told(&status.map_err(|error| unread(error.into()))?, at.unwrap_or_else(|| app.now())))
        }
    }
}

async fn now(app: &App) -> Result<CampaignStatus, CommandError> {
    let status = app.campaign_status().await;
    status.map_err(|failure| CommandError::failure("the accounts cannot be counted").because(failure))
}

async fn change(
    app: &App,
    operator: &str,
    change: Change,
    reason: &str,
    done: &str,
    not_now: &str,
) -> Result<String, CommandError> {
    match app.change_campaign(operator, change, reason).await.map_err(failed)? {
        Ok(()) => Ok(format!("the campaign {done}, in force at once\n")),
        Err(_) => Err(CommandError::failure(not_now)),
    }
}

/// A plan as its file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PlanFile {
    announce: String,
    no_new_numbers: String,
    last_warning: String,
    off: String,
    grace_days: u32,
    accounts_a_second: u32,
    #[serde(default)]
    words: WordsFile,
}

/// The operator's words, by language.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WordsFile {
    en: Option<String>,
    fr: Option<String>,
    de: Option<String>,
    el: Option<String>,
}

fn read(file: &Path) -> Result<Plan, CommandError> {
    let refuse = |reason: String| CommandError::usage(format!("{}: {reason}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| refuse(format!("cannot be read: {error}")))?;
    let plan: PlanFile = toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        refuse(format!("line {line}: {}", error.message()))
    })?;
    parse(plan).map_err(refuse)
}

fn parse(file: PlanFile) -> Result<Plan, String> {
    let date = |name: &str, text: &str| match text.parse::<Moment>() {
        Ok(Moment::Time(time)) => Ok(time),
        _ => Err(format!("'{name}' is a date (2027-03-01) or a time (2027-03-01T08:00:00Z)")),
    };
    let dates = [
        date("announce", &file.announce)?,
        date("no-new-numbers", &file.no_new_numbers)?,
        date("last-warning", &file.last_warning)?,
        date("off", &file.off)?,
    ];
    let WordsFile { en, fr, de, el } = file.words;
    let words = [(Language::English, en), (Language::French, fr), (Language::German, de), (Language::Greek, el)];
    // Lines are where the file breaks them, and mean nothing.
    let paragraph = |words: String| words.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words
        .into_iter()
        .filter_map(|(language, words)| words.map(|words| OperatorsWords { language, words: paragraph(words) }));
    Ok(Plan {
        dates,
        grace: file.grace_days.saturating_mul(24 * 3600),
        rate: file.accounts_a_second,
        words: words.collect(),
    })
}

/// When each stage began, or begins.
fn dates(plan: &Plan, planned: Option<&Planned>) -> String {
    let mut text = String::new();
    let begun = planned.and_then(|planned| planned.stage);
    let next = planned.and_then(Planned::next);
    for stage in CampaignStage::ALL {
        let name = stage.name();
        let _ = match (begun, next) {
            (Some((current, began)), _) if current == stage => writeln!(text, "{name:16}  {began}  begun"),
            (Some((current, _)), _) if current > stage => writeln!(text, "{name:16}  {}  over", plan.date(stage)),
            (_, Some((coming, due))) if coming == stage => writeln!(text, "{name:16}  {due}"),
            _ => writeln!(text, "{name:16}  {}", plan.date(stage)),
        };
    }
    let languages = Language::ALL.into_iter().filter(|language| plan.words(*language).is_some());
    let languages: Vec<_> = languages.map(Language::tag).collect();
    let languages = if languages.is_empty() { "none".to_owned() } else { languages.join(", ") };
    let _ = writeln!(text, "{:16}  {} days after the end", "grace time", plan.grace().as_secs() / (24 * 3600));
    let _ = writeln!(text, "{:16}  {} accounts a second", "rate", plan.rate);
    let _ = writeln!(text, "{:16}  {languages}", "your words");
    text
}

fn line(text: &mut String, count: u64, what: &str) {
    let _ = writeln!(text, "{count:>9}  {what}");
}

/// What a campaign that begins now would find.
fn found(tally: &Tally) -> String {
    let mut text = String::new();
    line(
        &mut text,
        tally.waiting,
        "accounts have nothing but SMS: they are announced, warned, and helped over the end",
    );
    line(&mut text, tally.moved_before, "accounts have something else besides SMS: they are left alone until the end");
    text
}

fn told(status: &CampaignStatus, now: Timestamp) -> String {
    let CampaignStatus { campaign, tally } = status;
    let Some(planned) = &campaign.planned else {
        return format!("no campaign was planned\n\n{}", found(tally));
    };
    let standing = match planned {
        Planned { ended: true, .. } => "ended",
        Planned { paused: true, .. } => "paused",
        Planned { stage: Some((CampaignStage::Off, _)), .. } => "in its last stage",
        _ => "going on",
    };
    let mut text =
        format!("Campaign {} at {now}: {standing}\n{}\n", planned.number, dates(&planned.plan, Some(planned)));
    for stage in CampaignStage::ALL.into_iter().filter(|stage| stage.told() == *stage) {
        let count = tally.stages.get(&stage).copied().unwrap_or_default();
        line(&mut text, count, &format!("accounts were told: {}", stage.name()));
    }
    line(&mut text, tally.waiting, "accounts have nothing but SMS and were not told yet");
    line(&mut text, tally.moved_before, "accounts have something else besides SMS and are left alone until the end");
    line(&mut text, tally.moved, "of those that were told have something else by now:");
    for (what, count) in &tally.moved_to {
        line(&mut text, *count, &format!("  {what}"));
    }
    line(&mut text, tally.last_sign_in, "of those for whom SMS has ended can sign in by it one last time");
    line(
        &mut text,
        tally.recovery_only,
        "of those for whom SMS has ended have nothing else, and a recovery leads back",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
announce = "2027-01-10"
no-new-numbers = "2027-02-01T08:00:00Z"
last-warning = "2027-02-15"
off = "2027-03-01"
grace-days = 14
accounts-a-second = 200

[words]
en = """
Messages can be read
by others."""
"#;

    #[test]
    fn a_file_is_a_plan() {
        let plan = parse(toml::from_str(FILE).expect("TOML")).expect("a plan");
        assert_eq!(plan.date(CampaignStage::NoNewNumbers).to_string(), "2027-02-01T08:00:00.000000Z");
        assert_eq!((plan.grace, plan.rate), (14 * 24 * 3600, 200));
        assert_eq!(plan.words(Language::English), Some("Messages can be read by others."));
        assert_eq!(plan.words(Language::Greek), None);
        assert!(plan.check(Timestamp(0)).is_ok());
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        let wrong = |from: &str, to: &str| toml::from_str(&FILE.replace(from, to)).map(parse);
        assert!(wrong("grace-days", "grace-weeks").is_err(), "a key that is none");
        let refused = wrong("2027-03-01", "12345").expect("TOML").expect_err("a position is no date");
        assert!(refused.starts_with("'off' is a date"), "{refused}");
    }
}
