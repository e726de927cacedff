//! Which source wins, which sentence refuses what, and what is made of the settings.

mod parts;
mod rules;
mod sources;

use std::fs::{Permissions, set_permissions, write};
use std::os::unix::fs::PermissionsExt;

use super::{DEFAULT_FILE, Settings, Sources};

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
