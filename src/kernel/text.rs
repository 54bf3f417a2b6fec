//! Texts in two languages, Chinese first.

use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// The same words in Chinese and in English.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    pub zh: String,
    pub en: String,
}

/// NFKC and without surrounding blanks: how every text of a register is compared.
pub fn normalised(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    if trimmed.is_ascii() || is_nfkc_quick(trimmed.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(trimmed);
    }
    let composed: String = trimmed.nfkc().collect();
    Cow::Owned(composed.trim().to_owned())
}

/// Whether a spreadsheet may take a cell for a formula.
pub fn starts_a_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// A text as it goes into a cell that a spreadsheet may open: one that might run as a formula gets a `'` in front.
pub fn guarded(text: &str) -> Cow<'_, str> {
    if starts_a_formula(text) {
        format!("'{text}").into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_digits_and_brackets_become_narrow() {
        assert_eq!(normalised("　１２（岱山）　"), "12(岱山)");
        assert_eq!(normalised(" 岱山 "), "岱山");
    }
}
