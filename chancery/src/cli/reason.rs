//! Why an operator does something, as the audit will show it.

/// The longest reason, in characters.
const LONGEST: usize = 400;

/// A typed reason: one line that says something.
///
/// # Errors
/// A sentence for the person who typed it.
pub fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    let right = (1..=LONGEST).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    right.then(|| text.to_owned()).ok_or_else(|| format!("it must be one line of 1 to {LONGEST} characters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_that_says_something() {
        assert_eq!(reason(" stolen phone "), Ok("stolen phone".to_owned()));
        for text in ["", "  ", "a\nb", &"x".repeat(LONGEST + 1)] {
            assert!(reason(text).is_err(), "{text:?}");
        }
    }
}
