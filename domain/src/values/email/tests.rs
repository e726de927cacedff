use proptest::prelude::*;

use super::EmailError::{
    Character, Comment, Domain, Empty, FullStop, IncompleteDomain, IpAddress, LocalPartTooLong, NoAt, NoDomain,
    NoLocalPart, Quoted, TooLong,
};
use super::*;

fn address(typed: &str) -> EmailAddress {
    EmailAddress::parse(typed).unwrap_or_else(|error| panic!("{typed:?}: {error}"))
}

fn normalised(typed: &str) -> String {
    address(typed).normalised().value
}

#[test]
fn accepted_and_kept_as_typed() {
    let addresses = [
        "maria@example.org",
        "Maria.Papadaki+eu@Example.ORG",
        "o'brien@example.org",
        "x@y.zz",
        "!#$%&'*+-/=?^_`{|}~@example.org",
        "μαρία@παράδειγμα.ελ",
        "用户@例子.广告",
        "straße@straße.example",
        "maria@xn--bcher-kva.example",
        "अनीता@उदाहरण.भारत",
        "ivan@пример.рф",
        "jose\u{301}@example.org",
        "a@example。org",
        "a@نامه\u{200C}ای.com",
    ];
    for typed in addresses {
        assert_eq!(address(&format!(" \t{typed}\u{A0}\r\n")).as_str(), typed);
    }
}

#[test]
fn refused_with_a_reason() {
    let cases = [
        ("", Empty),
        (" \u{3000}\n", Empty),
        ("maria", NoAt),
        ("@", NoLocalPart),
        ("@example.org", NoLocalPart),
        ("maria@", NoDomain),
        ("maria@example", IncompleteDomain),
        ("maria@localhost", IncompleteDomain),
        ("maria@[127.0.0.1]", IpAddress),
        ("maria@[IPv6:::1]", IpAddress),
        ("maria@127.0.0.1", IpAddress),
        ("maria@１２７.0.0.1", IpAddress),
        ("\"maria\"@example.org", Quoted),
        ("\"a b\"@example.org", Quoted),
        ("a\\@b@example.org", Quoted),
        ("maria(home)@example.org", Comment),
        ("maria@(home)example.org", Comment),
        ("maria@example.org(home)", Comment),
        (".maria@example.org", FullStop),
        ("maria.@example.org", FullStop),
        ("ma..ria@example.org", FullStop),
        ("Maria <maria@example.org>", Character(' ')),
        ("<maria@example.org>", Character('<')),
        ("maria@example.org>", Domain),
        ("ma ria@example.org", Character(' ')),
        ("maria@exam ple.org", Character(' ')),
        ("a@b@example.org", Character('@')),
        ("a,b@example.org", Character(',')),
        ("a@example.org,b@example.org", Character('@')),
        ("mailto:a@example.org", Character(':')),
        ("ma\0ria@example.org", Character('\0')),
        ("maria@example.org\r\nBcc:x", Character('\r')),
        ("maria\u{202E}@example.org", Character('\u{202E}')),
        ("maria@\u{202E}example.org", Character('\u{202E}')),
        ("ma\u{2066}ria@example.org", Character('\u{2066}')),
        ("ma\u{200B}ria@example.org", Character('\u{200B}')),
        ("ma\u{200D}ria@example.org", Character('\u{200D}')),
        ("ma\u{AD}ria@example.org", Character('\u{AD}')),
        ("maria@exa\u{AD}mple.org", Character('\u{AD}')),
        ("ma\u{3164}ria@example.org", Character('\u{3164}')),
        ("ma\u{A0}ria@example.org", Character('\u{A0}')),
        ("ma\u{E000}ria@example.org", Character('\u{E000}')),
        ("ma\u{FFFF}ria@example.org", Character('\u{FFFF}')),
        ("ma\u{378}ria@example.org", Character('\u{378}')),
        ("maria@example..org", Domain),
        ("maria@.example.org", Domain),
        ("maria@example.org.", Domain),
        ("maria@-example.org", Domain),
        ("maria@example-.org", Domain),
        ("maria@exa_mple.org", Domain),
        ("maria@exa%00mple.org", Domain),
        ("maria@example.org/path", Domain),
        ("maria@xn--a.example", Domain),
        ("maria@xn--bcher-kv.example", Domain),
        ("maria@ex\u{200D}ample.org", Domain),
    ];
    for (typed, expected) in cases {
        assert_eq!(EmailAddress::parse(typed), Err(expected), "{typed:?}");
    }
}

#[test]
fn lengths_are_octets() {
    let domain = |octets: usize| {
        let label = format!("{}.", "d".repeat(49));
        format!("{}{}", label.repeat(4), "d".repeat(octets - 200))
    };
    let longest = format!("{}@{}", "m".repeat(14), domain(239));
    assert_eq!(longest.len(), 254);
    address(&longest);
    assert_eq!(EmailAddress::parse(&format!("m{longest}")), Err(TooLong));
    assert_eq!(EmailAddress::parse(&format!("{}@example.org", "m".repeat(1_000_000))), Err(TooLong));
    address(&format!("{}@example.org", "m".repeat(64)));
    assert_eq!(EmailAddress::parse(&format!("{}@example.org", "m".repeat(65))), Err(LocalPartTooLong));
    // 33 characters, 66 octets.
    assert_eq!(EmailAddress::parse(&format!("{}@example.org", "μ".repeat(33))), Err(LocalPartTooLong));
    assert_eq!(EmailAddress::parse(&format!("m@{}.org", "d".repeat(64))), Err(Domain));
    // As typed, in full-width letters, the domain is longer than in ASCII.
    assert_eq!(EmailAddress::parse(&format!("{}@{}.org", "m".repeat(64), "ｄ".repeat(62))), Err(TooLong));
    address(&format!("{}@{}.org", "m".repeat(63), "ｄ".repeat(62)));
    // In ASCII the domain is longer than as typed, here too long with the local part before it.
    let growing = format!("{}@{}org", "m".repeat(60), "üxxxxxxxxxxxx.".repeat(11));
    assert!(growing.len() <= 254 && growing.replace("üxxxxxxxxxxxx", "xn--xxxxxxxxxxxx-7ob").len() > 254);
    assert_eq!(EmailAddress::parse(&growing), Err(TooLong));
}

#[test]
fn one_person_however_typed() {
    let same = [
        ("maria@example.org", "MARIA@EXAMPLE.ORG"),
        ("jos\u{E9}@example.org", "JOSE\u{301}@example.org"),
        ("μαρίας@example.org", "ΜΑΡΊΑΣ@example.org"),
        ("μαρίας@example.org", "μαρίασ@example.org"),
        ("иван@example.org", "ИВАН@example.org"),
        ("kelvin@example.org", "\u{212A}elvin@example.org"),
        ("straße@example.org", "STRA\u{1E9E}E@example.org"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("a@bücher.example", "a@BU\u{308}CHER.example"),
        ("a@παράδειγμα.ελ", "a@ΠΑΡΆΔΕΙΓΜΑ.ΕΛ"),
        ("a@example.org", "a@ｅｘａｍｐｌｅ.org"),
        ("a@example.org", "a@example。org"),
    ];
    for (one, other) in same {
        assert_eq!(normalised(one), normalised(other), "{one} {other}");
    }
}

#[test]
fn two_people_however_alike() {
    let different = [
        ("straße@example.org", "strasse@example.org"),
        ("a@straße.example", "a@strasse.example"),
        ("ırmak@example.org", "irmak@example.org"),
        ("İrem@example.org", "irem@example.org"),
        ("m.aria@example.org", "maria@example.org"),
        ("maria+eu@example.org", "maria@example.org"),
        ("раура@example.org", "paypa@example.org"),
        ("ﬁona@example.org", "fiona@example.org"),
        ("ｍaria@example.org", "maria@example.org"),
        ("maria@example.org", "maria@www.example.org"),
        ("a@βόλος.example", "a@βόλοσ.example"),
    ];
    for (one, other) in different {
        assert_ne!(normalised(one), normalised(other), "{one} {other}");
    }
}

#[test]
fn the_normalised_form_is_frozen() {
    // Reservations are keyed by these octets. Another outcome needs another NORMALISATION_VERSION.
    assert_eq!(NORMALISATION_VERSION, 1);
    let frozen = [
        ("Maria.Papadaki+EU@Example.ORG", "maria.papadaki+eu@example.org"),
        ("STRASSE@straße.example", "strasse@xn--strae-oqa.example"),
        ("Stra\u{1E9E}e@example.org", "straße@example.org"),
        ("ΜΑΡΊΑΣ@παράδειγμα.ελ", "μαρίασ@xn--hxajbheg2az3al.xn--qxam"),
        ("İIı@example.org", "İiı@example.org"),
        ("JOSE\u{301}@example.org", "jos\u{E9}@example.org"),
        ("ǅ@example.org", "ǆ@example.org"),
        ("ᾈ@example.org", "ᾀ@example.org"),
        ("Ꭰꭰ@example.org", "ᎠᎠ@example.org"),
        ("用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"),
    ];
    for (typed, value) in frozen {
        let expected = NormalisedEmail { version: 1, value: value.to_owned() };
        assert_eq!(address(typed).normalised(), expected, "{typed}");
    }
}

#[test]
fn masked_shows_first_letters_only() {
    let cases = [
        ("maria@example.org", "m•••@e•••.org"),
        ("m@e.org", "m•••@e•••.org"),
        ("Maria@mail.example.co.uk", "M•••@m•••.uk"),
        ("jose\u{301}@Bücher.example", "j•••@b•••.example"),
        ("e\u{301}va@example.org", "\u{E9}•••@e•••.org"),
        ("μαρία@παράδειγμα.ελ", "μ•••@π•••.ελ"),
        ("a@pаypal.example", "a•••@x•••.example"),
    ];
    for (typed, expected) in cases {
        assert_eq!(address(typed).masked(), expected, "{typed}");
    }
}

#[test]
fn look_alikes_are_shown_in_punycode() {
    let cases = [
        ("Maria@Example.ORG", "Maria@example.org"),
        ("maria+eu@bücher.example", "maria+eu@bücher.example"),
        ("maria@xn--bcher-kva.example", "maria@bücher.example"),
        ("μαρία.π@παράδειγμα.ελ", "μαρία.π@παράδειγμα.ελ"),
        ("日本ご@日本ゴ.example", "日本ご@日本ゴ.example"),
        // Cyrillic а in a Latin word.
        ("a@pаypal.example", "a@xn--pypal-4ve.example"),
        ("pаypal@example.org", "xn--pypal-4ve@example.org"),
        // Wholly Cyrillic, looks wholly Latin; under a Cyrillic top-level domain nobody is misled.
        ("a@аррӏе.com", "a@xn--80ak6aa92e.com"),
        ("a@сор.рф", "a@сор.рф"),
        // Dotless i in an otherwise plain word.
        ("a@gıthub.com", "a@xn--gthub-n4a.com"),
        // Greek and Latin in one label.
        ("a@ελαs.example", "a@xn--s-ylbly.example"),
    ];
    for (typed, expected) in cases {
        assert_eq!(address(typed).display_safe(), expected, "{typed}");
    }
}

#[test]
fn debug_shows_nothing() {
    let maria = address("maria@example.org");
    let shown = format!("{maria:?} {:?}", maria.normalised());
    assert_eq!(shown, "EmailAddress(…) NormalisedEmail(v1, …)");
}

#[test]
fn what_is_stored_is_read_back_whatever_today_s_rules() {
    for stored in ["maria@localhost", "maria@exa_mple.org", "no at all", "", "a@[::1]", "@"] {
        let bytes = minicbor::to_vec(stored).expect("encodes");
        let address = minicbor::decode::<EmailAddress>(&bytes).expect("decodes");
        assert_eq!(address.as_str(), stored);
        let _ = (address.normalised(), address.masked(), address.display_safe(), address.domain_ascii());
    }
}

proptest! {
    #[test]
    fn parts_fit_together(typed in "\\PC{0,12}@\\PC{1,8}\\.[a-z]{2,4}|[\\p{L}\\p{M}.+]{1,9}@[\\p{L}]{1,6}\\.org") {
        if let Ok(address) = EmailAddress::parse(&typed) {
            prop_assert_eq!(address.as_str(), typed.trim());
            prop_assert_eq!(format!("{}@{}", address.local_part(), address.domain()), address.as_str());
            prop_assert!(address.domain_ascii().is_ascii());
            prop_assert!(address.display_safe().contains('@') && address.masked().contains("•••@"));
            let bytes = minicbor::to_vec(&address).expect("encodes");
            prop_assert_eq!(&minicbor::decode::<EmailAddress>(&bytes).expect("decodes"), &address);
        }
    }

    #[test]
    fn normalisation_ignores_case_and_composition(local in "[\\p{L}\\p{M}]{1,8}") {
        let Ok(address) = EmailAddress::parse(&format!("{local}@example.org")) else { return Ok(()) };
        let normal = address.normalised();
        let decomposed = EmailAddress(address.as_str().nfd().collect());
        prop_assert_eq!(decomposed.normalised(), normal.clone());
        let again = EmailAddress(normal.value.clone()).normalised();
        prop_assert_eq!(again, normal);
    }

    #[test]
    fn never_panics(typed in ".*") {
        let _ = EmailAddress::parse(&typed);
    }
}
