//! Texts with places for what differs from message to message.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use super::Message;

/// How what is filled in is written, so that it stays what it is where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    /// In a URL or an encoded form (RFC 3986, section 2.1).
    Percent,
    /// In a string of JSON (RFC 8259, section 7).
    Json,
    /// In XML (section 2.4).
    Xml,
    /// As it is.
    Plain,
}

/// A place to be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The number with its plus sign.
    To,
    /// The number without it.
    ToDigits,
    /// What the message says.
    Text,
    /// What makes a repeated message the same.
    Id,
}

impl Place {
    const ALL: [(&'static str, Self); 4] =
        [("to", Self::To), ("to-digits", Self::ToDigits), ("text", Self::Text), ("id", Self::Id)];

    fn of(self, message: &Message) -> &str {
        match self {
            Self::To => message.to.as_str(),
            Self::ToDigits => message.to.digits(),
            Self::Text => message.text.expose_secret(),
            Self::Id => &message.id,
        }
    }
}

#[derive(Clone)]
enum Piece {
    Literal(Zeroizing<String>),
    Place(Place),
}

/// A text with places. It may hold a secret of the operator's, and has no `Debug`.
#[derive(Clone)]
pub(super) struct Template {
    pieces: Vec<Piece>,
    escape: Escape,
}

impl Template {
    /// Reads `{to}`, `{to-digits}`, `{text}` and `{id}` in a text; a name in braces that is none of them is given back.
    pub(super) fn parse(text: &str, escape: Escape) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let (mut rest, mut literal) = (text, Zeroizing::new(String::new()));
        while let Some((before, after)) = rest.split_once('{') {
            literal.push_str(before);
            let name: String =
                after.chars().take_while(|letter| letter.is_ascii_lowercase() || *letter == '-').collect();
            let Some(end) = after[name.len()..].strip_prefix('}').filter(|_| !name.is_empty()) else {
                // A brace like any other: JSON is full of them.
                literal.push('{');
                rest = after;
                continue;
            };
            let place = Place::ALL.iter().find(|(known, _)| *known == name).map(|(_, place)| *place).ok_or(name)?;
            pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            pieces.push(Piece::Place(place));
            rest = end;
        }
        literal.push_str(rest);
        pieces.push(Piece::Literal(literal));
        Ok(Self { pieces, escape })
    }

    /// Whether it has a place.
    pub(super) fn has(&self, place: Place) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Place(there) if *there == place))
    }

    /// What stands before the first place.
    pub(super) fn beginning(&self) -> &str {
        match self.pieces.first() {
            Some(Piece::Literal(text)) => text,
            _ => "",
        }
    }

    /// The text for one message.
    pub(super) fn fill(&self, message: &Message) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::new());
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Place(place) => text.push_str(&self.escape.of(place.of(message))),
            }
        }
        text
    }
}

impl Escape {
    fn of(self, text: &str) -> Zeroizing<String> {
        Zeroizing::new(match self {
            Self::Percent => utf8_percent_encode(text, NON_ALPHANUMERIC).to_string(),
            Self::Json => {
                // A string is written with its quotation marks.
                let quoted = Zeroizing::new(serde_json::Value::from(text).to_string());
                quoted[1..quoted.len() - 1].to_owned()
            }
            Self::Xml => text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('"', "&quot;")
                .replace('\'', "&apos;"),
            Self::Plain => text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use chancery_domain::Timestamp;
    use chancery_domain::values::PhoneNumber;

    use super::*;

    fn message() -> Message {
        let to = PhoneNumber::parse("+32470123456").unwrap();
        Message { id: "a1".to_owned(), to, text: "\"<a>\" & 'ß'\n@h #C".into(), date: Timestamp::default() }
    }

    fn filled(text: &str, escape: Escape) -> String {
        Template::parse(text, escape).ok().unwrap().fill(&message()).to_string()
    }

    #[test]
    fn what_is_filled_in_stays_what_it_is() {
        for (text, escape, right) in [
            ("/{id}?to={to}&n={to-digits}", Escape::Percent, "/a1?to=%2B32470123456&n=32470123456"),
            ("t={text}", Escape::Percent, "t=%22%3Ca%3E%22%20%26%20%27%C3%9F%27%0A%40h%20%23C"),
            (r#"{"a":{"t":"{text}"}}"#, Escape::Json, r#"{"a":{"t":"\"<a>\" & 'ß'\n@h #C"}}"#),
            ("<t>{text}</t>", Escape::Xml, "<t>&quot;&lt;a&gt;&quot; &amp; &apos;ß&apos;\n@h #C</t>"),
            ("{to} {", Escape::Plain, "+32470123456 {"),
            ("{ to } {}", Escape::Plain, "{ to } {}"),
        ] {
            assert_eq!(filled(text, escape), right, "{text}");
        }
    }

    #[test]
    fn a_place_that_there_is_not_is_named() {
        assert_eq!(Template::parse("{to} {txt}", Escape::Plain).err().as_deref(), Some("txt"));
        let template = Template::parse("https://h/{to}", Escape::Percent).ok().unwrap();
        assert!(template.has(Place::To) && !template.has(Place::Text));
        assert_eq!(template.beginning(), "https://h/");
    }
}
