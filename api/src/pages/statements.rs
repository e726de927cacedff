//! Pages to read: the privacy statement and help.

use askama::Template;

use super::{Addable, Chrome};

/// One block of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// A list.
    List(Vec<String>),
}

/// The operator's privacy statement: plain text, in which an empty line ends a block, a block that begins with `# ` is
/// a heading, and one whose lines all begin with `- ` is a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivacyStatement(Vec<Block>);

impl PrivacyStatement {
    /// Reads a statement.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.replace("\r\n", "\n");
        let blocks = text.split("\n\n").map(str::trim).filter(|block| !block.is_empty());
        Self(
            blocks
                .map(|block| {
                    if let Some(heading) = block.strip_prefix("# ") {
                        return Block::Heading(heading.trim().to_owned());
                    }
                    let items: Option<Vec<_>> =
                        block.lines().map(|line| line.trim().strip_prefix("- ").map(str::to_owned)).collect();
                    items.map_or_else(|| Block::Paragraph(block.to_owned()), Block::List)
                })
                .collect(),
        )
    }
}

/// The privacy statement.
#[derive(Debug, Template)]
#[template(path = "privacy.html")]
pub struct PrivacyPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The statement's version, as it is recorded when a person accepts it.
    pub version: String,
    /// The operator's own statement, or `None` for the one that comes with Chancery.
    pub statement: Option<PrivacyStatement>,
}

impl PrivacyPage {
    /// The statement that is shown.
    fn blocks(&self) -> Vec<Block> {
        match &self.statement {
            Some(statement) => statement.0.clone(),
            None => PrivacyStatement::parse(&self.chrome.t("privacy-statement")).0,
        }
    }
}

/// Help for people: the questions that come up between the form and the first sign-in.
#[derive(Debug, Template)]
#[template(path = "help.html")]
pub struct HelpPage {
    /// The page's frame.
    pub chrome: Chrome,
}

impl HelpPage {
    /// Questions and answers.
    fn questions(&self) -> [(String, String); 6] {
        let t = |id| self.chrome.t(id);
        [
            (t("help-no-mail-question"), t("help-no-mail-answer")),
            (t("help-link-question"), t("help-link-answer")),
            (t("help-password-question"), t("help-password-answer")),
            (t("help-external-question"), t("help-external-answer")),
            (t("help-public-computer-question"), t("help-public-computer-answer")),
            (t("help-stolen-question"), t("help-stolen-answer")),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{Block, PrivacyStatement};

    #[test]
    fn a_statement_has_headings_paragraphs_and_lists() {
        let read = PrivacyStatement::parse("# Who we are\r\n\r\nWe are\nhere.\n\n\n- one\n- two\n\n- no\nlist");
        assert_eq!(
            read.0,
            [
                Block::Heading("Who we are".into()),
                Block::Paragraph("We are\nhere.".into()),
                Block::List(vec!["one".into(), "two".into()]),
                Block::Paragraph("- no\nlist".into()),
            ]
        );
    }
}
