//! The committed list of disposable domains. `service/data/refresh-disposable-domains` writes it.

use std::cmp::Ordering;

/// Sorted lines of lower-case ASCII, searched where they lie. The line of comment at the top sorts before all domains.
pub(super) const LIST: &str = include_str!("../../data/disposable-domains.txt");

/// Whether this very domain, in lower-case ASCII, is on the list.
pub(super) fn is_listed(domain: &str) -> bool {
    let mut rest = LIST;
    while !rest.is_empty() {
        let start = rest[..rest.len() / 2].rfind('\n').map_or(0, |end| end + 1);
        let end = rest[start..].find('\n').map_or(rest.len(), |length| start + length);
        match rest[start..end].cmp(domain) {
            Ordering::Equal => return true,
            Ordering::Less => rest = rest.get(end + 1..).unwrap_or_default(),
            Ordering::Greater => rest = &rest[..start],
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn domains() -> impl Iterator<Item = &'static str> {
        LIST.lines().filter(|line| !line.starts_with('#'))
    }

    #[test]
    fn the_list_can_be_searched() {
        assert!(LIST.is_ascii() && LIST.lines().is_sorted());
        assert!(domains().count() > 10_000);
        assert!(domains().all(|domain| !domain.contains(|c: char| c.is_whitespace() || c.is_ascii_uppercase())));
    }

    #[test]
    fn every_domain_is_found_and_no_neighbour() {
        let all = domains().collect::<BTreeSet<_>>();
        for domain in domains() {
            assert!(is_listed(domain), "{domain}");
            for other in [format!("{domain}0").as_str(), &format!("-{domain}"), &domain[..domain.len() - 1]] {
                assert_eq!(is_listed(other), all.contains(other), "{other}");
            }
        }
    }

    #[test]
    fn ordinary_ones_are_not() {
        for domain in ["", "#", "example.org", "gmail.com", "com", "zzzzzzzzzz.zzz", "0", "simplelogin.com"] {
            assert!(!is_listed(domain), "{domain}");
        }
    }
}
