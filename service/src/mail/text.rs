//! The layout of the text part.

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};
use zeroize::Zeroizing;

use super::content::{Block, Content};

/// Where paragraphs are wrapped, in columns.
pub(super) const PARAGRAPH_COLUMNS: usize = 72;

/// The mail as plain text: paragraphs wrapped at spaces only, addresses and codes alone on their line and never wrapped.
pub(super) fn lay_out(content: &Content) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(2_048));
    paragraph(&mut text, &content.heading);
    for block in &content.blocks {
        match block {
            Block::Paragraph(words) => paragraph(&mut text, words),
            Block::Link { url: line, .. } | Block::Code(line) => alone(&mut text, line),
            Block::Address(line) => alone(&mut text, line),
        }
    }
    // The signature separator, which mail programs recognise (RFC 3676, section 4.3).
    text.push_str("-- \n");
    for line in &content.footer {
        wrapped(&mut text, line);
    }
    text
}

fn paragraph(text: &mut String, words: &str) {
    wrapped(text, words);
    text.push('\n');
}

fn wrapped(text: &mut String, words: &str) {
    let options = Options::new(PARAGRAPH_COLUMNS)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .break_words(false);
    for line in textwrap::wrap(words, options) {
        text.push_str(&line);
        text.push('\n');
    }
}

fn alone(text: &mut String, line: &str) {
    text.push_str(line);
    text.push_str("\n\n");
}
