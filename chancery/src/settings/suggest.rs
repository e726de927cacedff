//! The nearest known name to one that is unknown.

/// How alike two names must be (Jaro-Winkler, 0 to 1) for one to be proposed in place of the other.
const LIKENESS: f64 = 0.85;

/// The name among `known` that `unknown` was probably meant to be, if one is alike enough.
pub fn nearest(unknown: &str, known: impl IntoIterator<Item = String>) -> Option<String> {
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&unknown.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::TABLE;

    #[test]
    fn a_slip_finds_the_setting_and_nonsense_finds_none() {
        let keys = || TABLE.iter().map(super::super::Setting::key);
        assert_eq!(nearest("lisen", keys()).as_deref(), Some("listen"));
        assert_eq!(nearest("publicurl", keys()).as_deref(), Some("public-url"));
        assert_eq!(nearest("SMTP-USR", keys()).as_deref(), Some("smtp-user"));
        assert_eq!(nearest("colour", keys()), None);
        assert_eq!(nearest("", keys()), None);
    }
}
