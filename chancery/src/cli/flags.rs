//! The flags that set settings: one for each line of the table, before or after the command's name.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::error::ErrorKind;
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
        .hide(setting.exposure == Exposure::Secret)
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
        TABLE.iter().fold(command.arg(config), |command, setting| command.arg(flag(setting)))
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
        for setting in TABLE {
            let Some(text) = matches.get_one::<String>(setting.field) else { continue };
            if setting.exposure == Exposure::Secret {
                return Err(clap::Error::raw(
                    ErrorKind::ArgumentConflict,
                    format!(
                        "{} would show a secret to every user of this machine; use {} or {}-file",
                        setting.flag(),
                        setting.variable(),
                        setting.flag(),
                    ),
                ));
            }
            self.settings.insert(setting.field, text.clone().into());
        }
        Ok(())
    }
}
