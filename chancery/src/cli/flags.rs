//! The flags that set settings: one for each line of the table, before or after the command's name.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Args, FromArgMatches};
use zeroize::Zeroizing;

use crate::settings::{Exposure, Fallback, Setting, TABLE};

/// The id of `--config` among clap's arguments.
const CONFIG: &str = "config";

/// What was set by flag.
#[derive(Default)]
pub struct SettingFlags {
    /// `--config`: the configuration file.
    pub config: Option<PathBuf>,
    /// Texts by their setting's field name.
    pub settings: BTreeMap<&'static str, Zeroizing<String>>,
}

/// Only the names: a flag's text may hold a password that does not belong there.
impl std::fmt::Debug for SettingFlags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.settings.keys()).finish()
    }
}

fn is_secret(setting: &Setting) -> bool {
    setting.exposure == Exposure::Secret
}

/// The sentence for an argument that no command knows, if it is a secret setting's name.
pub(super) fn refuse_secret(argument: &str) -> Option<String> {
    let setting = TABLE.iter().find(|setting| is_secret(setting) && setting.flag() == argument)?;
    Some(format!(
        "{argument} would show a secret to every user of this machine: use {} or {argument}-file",
        setting.variable(),
    ))
}

fn flag(setting: &'static Setting) -> Arg {
    let fallback = match setting.fallback {
        Fallback::Value(text) | Fallback::Absent(text) => text,
    };
    Arg::new(setting.field)
        .long(setting.key())
        .value_name(setting.value_name)
        .help_heading(setting.group)
        .help(format!("{} [default: {fallback}]", setting.doc()))
        .hide_short_help(true)
        .global(true)
}

impl Args for SettingFlags {
    fn augment_args(command: clap::Command) -> clap::Command {
        let config = Arg::new(CONFIG)
            .long("config")
            .value_name("FILE")
            .value_parser(clap::value_parser!(PathBuf))
            .help("TOML file with settings [default: chancery.toml in the working folder, if there is one]")
            .global(true);
        TABLE.iter().filter(|setting| !is_secret(setting)).map(flag).fold(command.arg(config), clap::Command::arg)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SettingFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        if let Some(path) = matches.get_one::<PathBuf>(CONFIG) {
            self.config = Some(path.clone());
        }
        for setting in TABLE.iter().filter(|setting| !is_secret(setting)) {
            let Some(text) = matches.get_one::<String>(setting.field) else { continue };
            self.settings.insert(setting.field, text.clone().into());
        }
        Ok(())
    }
}
