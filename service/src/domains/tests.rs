use super::*;

fn kind(domains: &MailDomains, address: &str) -> DomainKind {
    domains.classify(&EmailAddress::parse(address).unwrap_or_else(|error| panic!("{address}: {error}")))
}

fn with_changes(text: &str) -> MailDomains {
    MailDomains::new(Some(text), &[]).expect("a good list")
}

fn refusal(text: &str) -> ChangesError {
    match MailDomains::new(Some(text), &[]) {
        Err(MailDomainsError::Disposable(error)) => error,
        other => panic!("{text:?}: {other:?}"),
    }
}

#[test]
fn disposable_addresses_in_every_spelling() {
    let domains = MailDomains::default();
    let disposable = [
        "a@mailinator.com",
        "a@MAILINATOR.COM",
        "a@sub.mailinator.com",
        "a@a.b.c.Mailinator.com",
        "a@ｍａｉｌｉｎａｔｏｒ.com",
        "a@mailinator。com",
        // Listed as xn--yaho-sqa.com.
        "a@yahóo.com",
        "a@YAHO\u{301}O.com",
        "a@mail.xn--yaho-sqa.com",
    ];
    for address in disposable {
        assert_eq!(kind(&domains, address), DomainKind::Disposable, "{address}");
    }
    let ordinary = [
        "a@example.org",
        "a@gmail.com",
        "mailinator.com@example.org",
        "a@unlisted-mailinator.com",
        "a@mailinator.com.example.org",
        "a@yahoo.com",
        "a@dynv6.net",
    ];
    for address in ordinary {
        assert_eq!(kind(&domains, address), DomainKind::Ordinary, "{address}");
    }
}

#[test]
fn an_operator_adds_and_takes_away() {
    let domains = with_changes(
        "\u{FEFF}# ours\r\nexample.org\r\n\r\n  + Bücher.example  # seen last week\n-mailinator.com\nmailinator.com.example.net\n\
         -good.example.org\n+bad.good.example.org\n+example.org\n",
    );
    let cases = [
        ("a@example.org", DomainKind::Disposable),
        ("a@sub.example.org", DomainKind::Disposable),
        ("a@bücher.example", DomainKind::Disposable),
        ("a@x.xn--bcher-kva.example", DomainKind::Disposable),
        ("a@mailinator.com", DomainKind::Ordinary),
        ("a@sub.mailinator.com", DomainKind::Ordinary),
        ("a@good.example.org", DomainKind::Ordinary),
        ("a@x.good.example.org", DomainKind::Ordinary),
        ("a@bad.good.example.org", DomainKind::Disposable),
        ("a@guerrillamail.com", DomainKind::Disposable),
        ("a@example.net", DomainKind::Ordinary),
    ];
    for (address, expected) in cases {
        assert_eq!(kind(&domains, address), expected, "{address}");
    }
    let narrower = with_changes("-good.mailinator.com");
    assert_eq!(kind(&narrower, "a@good.mailinator.com"), DomainKind::Ordinary);
    assert_eq!(kind(&narrower, "a@mailinator.com"), DomainKind::Disposable);
}

#[test]
fn a_wrong_line_is_named() {
    let wrong = |line, problem| ChangesError::Line { line, problem };
    let cases = [
        ("example.org\n\n*.example.org", wrong(3, LineProblem::Domain(EmailError::Domain))),
        ("a@example.org", wrong(1, LineProblem::Domain(EmailError::Character('@')))),
        ("+", wrong(1, LineProblem::Domain(EmailError::NoDomain))),
        ("--example.org", wrong(1, LineProblem::Domain(EmailError::Domain))),
        ("# all of it\norg", wrong(2, LineProblem::Domain(EmailError::IncompleteDomain))),
        ("127.0.0.1", wrong(1, LineProblem::Domain(EmailError::IpAddress))),
        ("two domains.org", wrong(1, LineProblem::Domain(EmailError::Character(' ')))),
        ("a.org\u{202E}", wrong(1, LineProblem::Domain(EmailError::Character('\u{202E}')))),
        ("a.org\0", wrong(1, LineProblem::Domain(EmailError::Character('\0')))),
        ("a.org\r+b.org", wrong(1, LineProblem::Domain(EmailError::Character('\r')))),
        ("a.org\nb.org\n-A.ORG", wrong(3, LineProblem::Contradiction(1))),
    ];
    for (text, expected) in cases {
        assert_eq!(refusal(text), expected, "{text:?}");
    }
    assert_eq!(refusal("a.org\n-a.org").to_string(), "line 2: line 1 says the opposite of the same domain");
    assert_eq!(
        refusal("org").to_string(),
        "line 1: not a domain that an e-mail address can have: the domain of the e-mail address is incomplete"
    );
    let line = "# 14 octets..\n";
    let longest = line.repeat(ChangesError::MAX_OCTETS / line.len());
    with_changes(&longest);
    assert_eq!(refusal(&format!("{longest}{line}")), ChangesError::TooLong);
}

#[test]
fn the_institution_s_own() {
    let own = ["Europa.example".to_owned(), " bücher.example ".to_owned(), "mailinator.com".to_owned()];
    let domains = MailDomains::new(Some("-europa.example"), &own).expect("good domains");
    let cases = [
        ("a@europa.example", DomainKind::Internal),
        ("a@ec.EUROPA.example", DomainKind::Internal),
        ("a@xn--bcher-kva.example", DomainKind::Internal),
        ("a@mailinator.com", DomainKind::Internal),
        ("a@europa.example.org", DomainKind::Ordinary),
        ("a@noteuropa.example", DomainKind::Ordinary),
        ("a@example.org", DomainKind::Ordinary),
    ];
    for (address, expected) in cases {
        assert_eq!(kind(&domains, address), expected, "{address}");
    }
    for wrong in ["", "@europa.example", "europa", "[::1]", "*.europa.example"] {
        let error = MailDomains::new(None, &[wrong.to_owned()]).expect_err(wrong);
        assert!(matches!(&error, MailDomainsError::Internal { domain, .. } if domain == wrong), "{error:?}");
        assert!(error.to_string().contains(&format!("{wrong:?}")));
    }
}
