//! Where settings come from, and which source wins.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::table::{Exposure, Fallback, Setting};
use super::values::Value;
use super::{DEFAULT_FILE, ENVIRONMENT_PREFIX, SettingsError, TABLE, file, suggest};

/// The variable that names the configuration file.
const CONFIG_VARIABLE: &str = "CHANCERY_CONFIG";

/// Where a setting's value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The configuration file, and the line, counted from 1.
    File(PathBuf, usize),
    /// Its environment variable.
    Environment,
    /// Its flag.
    Flag,
}

impl Origin {
    /// How a sentence names `setting` as it was set here.
    #[must_use]
    pub fn place(&self, setting: &Setting) -> String {
        match self {
            Self::Default => setting.key(),
            Self::File(path, line) => format!("{} ({}, line {line})", setting.key(), path.display()),
            Self::Environment => setting.variable(),
            Self::Flag => setting.flag(),
        }
    }
}

/// What the operator said, before it is read: the flags, the environment, and the file's path.
#[derive(Default)]
pub struct Sources {
    /// Flags by their setting's field name.
    pub flags: BTreeMap<&'static str, Zeroizing<String>>,
    /// `--config`.
    pub config: Option<PathBuf>,
    /// The process's environment; only what begins with [`ENVIRONMENT_PREFIX`] is looked at.
    pub environment: Vec<(OsString, OsString)>,
    /// The folder where [`DEFAULT_FILE`] is looked for; empty for the working folder.
    pub folder: PathBuf,
}

/// One setting's text and where it was found.
pub struct Text {
    /// As given.
    pub text: Zeroizing<String>,
    /// By whom.
    pub origin: Origin,
}

/// Every setting's text: one for each line of the table.
pub struct Texts(BTreeMap<&'static str, Text>);

impl Sources {
    /// Gathers the texts: the default, over it the file's, the environment's, the flags'.
    pub(super) fn texts(&self) -> Result<Texts, SettingsError> {
        let mut texts = BTreeMap::new();
        for setting in TABLE {
            let text = match setting.fallback {
                Fallback::Value(text) => text,
                Fallback::Absent(_) => "",
            };
            texts.insert(setting.field, Text { text: text.to_owned().into(), origin: Origin::Default });
        }
        let environment = self.environment_texts()?;
        if let Some(path) = self.config_path(&environment) {
            for entry in file::read(&path)? {
                let origin = Origin::File(path.clone(), entry.line);
                texts.insert(entry.setting.field, Text { text: entry.text, origin });
            }
        }
        for (setting, text) in environment.settings {
            texts.insert(setting.field, Text { text, origin: Origin::Environment });
        }
        for (field, text) in &self.flags {
            texts.insert(field, Text { text: text.clone(), origin: Origin::Flag });
        }
        Ok(Texts(texts))
    }

    fn config_path(&self, environment: &Environment) -> Option<PathBuf> {
        let named = self.config.clone().or_else(|| environment.config.clone());
        // What cannot even be looked for is read all the same, for the sentence that says why.
        named.or_else(|| Some(self.folder.join(DEFAULT_FILE)).filter(|path| path.try_exists().unwrap_or(true)))
    }

    fn environment_texts(&self) -> Result<Environment, SettingsError> {
        let mut found = Environment::default();
        for (name, value) in &self.environment {
            let name = name.to_string_lossy();
            if !name.starts_with(ENVIRONMENT_PREFIX) {
                continue;
            }
            let Some(text) = value.to_str() else {
                return Err(SettingsError::new(format!("{name} is not UTF-8")));
            };
            if name == CONFIG_VARIABLE {
                found.config = (!text.is_empty()).then(|| PathBuf::from(text));
            } else if let Some(setting) = TABLE.iter().find(|setting| setting.variable() == name) {
                found.settings.push((setting, text.to_owned().into()));
            } else if !is_service_link(&name, text) {
                let known = TABLE.iter().map(Setting::variable).chain([CONFIG_VARIABLE.to_owned()]);
                let advice = match suggest::nearest(&name, known) {
                    Some(known) => format!("did you mean {known}?"),
                    None => "unset it, or see 'chancery settings' for those that are".to_owned(),
                };
                return Err(SettingsError::new(format!("the environment variable {name} is no setting; {advice}")));
            }
        }
        Ok(found)
    }
}

/// Whether Kubernetes set the variable, as it does in every pod beside a service named `chancery`.
fn is_service_link(name: &str, text: &str) -> bool {
    let rest = name.strip_prefix(ENVIRONMENT_PREFIX).unwrap_or_default();
    let address = text.contains("://") && (rest == "PORT" || rest.starts_with("PORT_"));
    let part = rest.starts_with("PORT_") && ["_PROTO", "_PORT", "_ADDR"].iter().any(|end| rest.ends_with(end));
    address || part || rest == "SERVICE_HOST" || rest == "SERVICE_PORT" || rest.starts_with("SERVICE_PORT_")
}

#[derive(Default)]
struct Environment {
    config: Option<PathBuf>,
    settings: Vec<(&'static Setting, Zeroizing<String>)>,
}

impl Texts {
    /// Reads one setting.
    pub(super) fn read<T: Value>(&self, field: &'static str) -> Result<T, SettingsError> {
        let (setting, given) = self.get(field);
        T::from_text(&given.text).map_err(|expected| {
            let place = given.origin.place(setting);
            SettingsError::new(match setting.exposure {
                Exposure::Open => format!("{place}: '{}' is not {expected}", &*given.text),
                Exposure::MayHoldPassword | Exposure::Secret => format!("{place} is not {expected}"),
            })
        })
    }

    /// Each setting with its text, in the table's order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static Setting, &Text)> {
        TABLE.iter().filter_map(|setting| Some((setting, self.0.get(setting.field)?)))
    }

    /// Cannot fail: the fields and the table come from one macro, and `texts` fills every line of it.
    fn get(&self, field: &'static str) -> (&'static Setting, &Text) {
        self.iter().find(|(setting, _)| setting.field == field).expect("a line of the table")
    }
}
