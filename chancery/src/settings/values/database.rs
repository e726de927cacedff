//! The URL of PostgreSQL.

use std::fmt;
use std::path::Path;

use ::url::Url;
use secrecy::{ExposeSecret, SecretString};

use super::{Secret, Value};
use crate::settings::{Exposure, SettingsError};

/// What stands in place of a password.
const REDACTED: &str = "redacted";

/// The URL of a PostgreSQL database. It may hold a password: wiped when dropped, redacted wherever it is shown. It may name
/// several servers with commas between them, of which one is the primary.
#[derive(Clone)]
pub struct DatabaseUrl {
    /// With the first of the servers.
    url: SecretString,
    /// The others, each a host with or without a port.
    others: Vec<String>,
}

impl DatabaseUrl {
    /// The URL of each server with its password, for the one place that connects.
    pub fn expose_each(&self) -> impl Iterator<Item = SecretString> + '_ {
        let first = self.url.expose_secret();
        let others = self.others.iter().filter_map(move |other| {
            let (before, _, after) = around_hosts(first)?;
            Some(SecretString::from(format!("{before}{other}{after}")))
        });
        std::iter::once(self.url.clone()).chain(others)
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
        Self { url: String::from(url).into(), others: self.others.clone() }
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
        Url::parse(self.url.expose_secret()).ok()
    }
}

/// What stands before, as, and behind the hosts of a URL.
fn around_hosts(text: &str) -> Option<(&str, &str, &str)> {
    let begin = text.find("://")? + 3;
    let end = text[begin..].find(['/', '?', '#']).map_or(text.len(), |end| begin + end);
    let hosts = text[begin..end].rfind('@').map_or(begin, |at| begin + at + 1);
    Some((&text[..hosts], &text[hosts..end], &text[end..]))
}

fn is_secret(parameter: &str) -> bool {
    matches!(parameter, "password" | "sslpassword")
}

impl Value for DatabaseUrl {
    const EXPOSURE: Exposure = Exposure::MayHoldPassword;

    fn from_text(text: &str) -> Result<Self, String> {
        let one = |text: &str| {
            let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "postgres" | "postgresql"))?;
            let database = url.path().strip_prefix('/').is_some_and(|name| !name.is_empty() && !name.contains('/'));
            // A socket's folder travels as a parameter, in place of the host.
            let host =
                url.host_str().is_some_and(|host| !host.is_empty()) || url.query_pairs().any(|(key, _)| key == "host");
            (database && host && url.fragment().is_none()).then_some(())
        };
        let read = || {
            let (before, hosts, after) = around_hosts(text)?;
            let mut urls = hosts.split(',').map(|host| format!("{before}{host}{after}"));
            let url = urls.next()?;
            one(&url)?;
            urls.try_for_each(|other| one(&other))?;
            Some(Self { url: url.into(), others: hosts.split(',').skip(1).map(str::to_owned).collect() })
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
        match around_hosts(url.as_str()) {
            Some((before, host, after)) if !self.others.is_empty() => {
                write!(f, "{before}{host},{}{after}", self.others.join(","))
            }
            _ => f.write_str(url.as_str()),
        }
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

    fn exposed(url: &DatabaseUrl) -> Vec<String> {
        url.expose_each().map(|url| url.expose_secret().to_owned()).collect()
    }

    #[test]
    fn several_servers_share_all_else() {
        let url = url("postgres://chancery:hun,ter@db1:5433,db2,[::1]:5434/chancery?sslmode=require");
        assert_eq!(
            exposed(&url),
            [
                "postgres://chancery:hun,ter@db1:5433/chancery?sslmode=require",
                "postgres://chancery:hun,ter@db2/chancery?sslmode=require",
                "postgres://chancery:hun,ter@[::1]:5434/chancery?sslmode=require",
            ]
        );
        assert_eq!(url.to_string(), "postgres://chancery:redacted@db1:5433,db2,[::1]:5434/chancery?sslmode=require");
        let with = url.with_password(&Secret::from_text("s").expect("right"));
        assert!(exposed(&with).iter().all(|url| url.ends_with("&password=s")), "{:?}", exposed(&with));
        for wrong in ["postgres://db1,/x", "postgres://,db/x", "postgres://db1,db2:p/x", "postgres://db1,,db2/x"] {
            assert!(DatabaseUrl::from_text(wrong).is_err(), "{wrong}");
        }
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
            assert_eq!(exposed(&url), [text]);
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
        assert_eq!(exposed(&with), ["postgres://chancery@db/chancery?password=p%40ss%2Fw%3Ard%2541"]);
        let with = url("postgres:///chancery?host=/run/postgresql").with_password(&password);
        assert_eq!(exposed(&with), ["postgres:///chancery?host=/run/postgresql&password=p%40ss%2Fw%3Ard%2541"]);
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
