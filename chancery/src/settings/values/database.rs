//! The URL of PostgreSQL.

use std::fmt;
use std::path::Path;

use ::url::Url;
use secrecy::{ExposeSecret, SecretString};

use super::{Secret, Value};
use crate::settings::{Exposure, SettingsError};

/// What stands in place of a password.
const REDACTED: &str = "redacted";

/// The URL of a PostgreSQL database. It may hold a password: wiped when dropped, redacted wherever it is shown.
#[derive(Clone)]
pub struct DatabaseUrl(SecretString);

impl DatabaseUrl {
    /// The URL with its password, for the one place that connects.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether the URL holds a password, in front of the host or as a parameter.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.parts().is_some_and(|url| url.password().is_some() || url.query_pairs().any(|(key, _)| is_secret(&key)))
    }

    /// The same URL with this password.
    #[must_use]
    pub fn with_password(&self, password: &Secret) -> Self {
        let Some(mut url) = self.parts() else { return self.clone() };
        // As a parameter: in front of the host a percent sign would be taken for an escape, and a socket has no host.
        url.query_pairs_mut().append_pair("password", password.expose());
        Self(String::from(url).into())
    }

    /// Reads a private file of one line.
    ///
    /// # Errors
    /// See [`Secret::from_file`]; or the line is no PostgreSQL URL.
    pub fn from_file(setting: &str, path: &Path) -> Result<Self, SettingsError> {
        let line = Secret::from_file(setting, path)?;
        Self::from_text(line.expose()).map_err(|expected| {
            SettingsError::new(format!("{setting}: what {} holds is not {expected}", path.display()))
        })
    }

    fn parts(&self) -> Option<Url> {
        Url::parse(self.expose()).ok()
    }
}

fn is_secret(parameter: &str) -> bool {
    matches!(parameter, "password" | "sslpassword")
}

impl Value for DatabaseUrl {
    const EXPOSURE: Exposure = Exposure::MayHoldPassword;

    fn from_text(text: &str) -> Result<Self, String> {
        let read = || {
            let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "postgres" | "postgresql"))?;
            let database = url.path().strip_prefix('/').is_some_and(|name| !name.is_empty() && !name.contains('/'));
            // A socket's folder travels as a parameter, in place of the host.
            let host =
                url.host_str().is_some_and(|host| !host.is_empty()) || url.query_pairs().any(|(key, _)| key == "host");
            (database && host && url.fragment().is_none()).then(|| Self(text.into()))
        };
        read().ok_or_else(|| "a PostgreSQL URL such as postgres://chancery@db.example.org/chancery".to_owned())
    }
}

/// The URL with `redacted` in place of each password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(mut url) = self.parts() else { return f.write_str(REDACTED) };
        if url.password().is_some() && url.set_password(Some(REDACTED)).is_err() {
            return f.write_str(REDACTED);
        }
        if url.query().is_some() {
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            let shown = pairs
                .into_iter()
                .map(|(key, value)| if is_secret(&key) { (key, REDACTED.into()) } else { (key, value) });
            url.query_pairs_mut().clear().extend_pairs(shown);
        }
        f.write_str(url.as_str())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> DatabaseUrl {
        DatabaseUrl::from_text(text).expect("a right URL")
    }

    #[test]
    fn passwords_are_found_and_never_shown() {
        for text in [
            "postgres://chancery:hunter2@db/chancery",
            "postgresql://chancery@db/chancery?password=hunter2",
            "postgres://chancery:other@db/chancery?sslmode=require&password=hunter2",
            "postgres:///chancery?host=/run/postgresql&password=hunter2",
        ] {
            let url = url(text);
            assert!(url.has_password(), "{text}");
            assert!(!format!("{url} {url:?}").contains("hunter2"), "{url}");
            assert_eq!(url.expose(), text);
        }
    }

    #[test]
    fn a_url_without_a_password_is_shown_as_it_is() {
        for text in ["postgres://chancery@db:5432/chancery", "postgres://chancery@db/chancery?sslmode=verify-full"] {
            assert!(!url(text).has_password());
            assert_eq!(url(text).to_string(), text);
        }
    }

    #[test]
    fn a_password_of_a_file_is_escaped_into_the_url() {
        let password = Secret::from_text("p@ss/w:rd%41").expect("right");
        let with = url("postgres://chancery@db/chancery").with_password(&password);
        assert_eq!(with.expose(), "postgres://chancery@db/chancery?password=p%40ss%2Fw%3Ard%2541");
        let with = url("postgres:///chancery?host=/run/postgresql").with_password(&password);
        assert_eq!(with.expose(), "postgres:///chancery?host=/run/postgresql&password=p%40ss%2Fw%3Ard%2541");
    }

    #[test]
    fn what_is_no_postgresql_url_is_refused() {
        for text in
            ["db", "mysql://db/x", "postgres://db", "postgres://db/", "postgres:///x", "postgres://db/x#f", "sqlite:x"]
        {
            assert!(DatabaseUrl::from_text(text).is_err(), "{text}");
        }
    }
}
