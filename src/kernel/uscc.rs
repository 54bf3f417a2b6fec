//! 统一社会信用代码, the name that everybody uses for a merchant (GB 32100-2015).

use super::text::normalised;
use std::fmt;

/// GB 32100-2015, table 1: no I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Weight i is 3^i mod 31.
const WEIGHTS: [u32; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];

/// A code of 18 characters whose check character is right.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uscc([u8; 18]);

/// Why a text is no USCC.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum UsccError {
    #[error("不是18位统一社会信用代码 · not a unified social credit code of 18 characters")]
    NotAUscc,
    #[error(
        "统一社会信用代码校验位不符 · the check character of the unified social credit code is wrong"
    )]
    CheckCharacter,
    #[error(
        "统一社会信用代码被电子表格改成了数字 · a spreadsheet turned the unified social credit code into a number"
    )]
    SpreadsheetNumber,
}

impl Uscc {
    /// Reads a code after NFKC, trimming and upper-casing.
    pub fn parse(text: &str) -> Result<Self, UsccError> {
        let text = normalised(text);
        let mut code = [0; 18];
        if text.len() != 18 || !text.is_ascii() {
            return Err(Self::cause(&text));
        }
        let mut sum = 0;
        for (i, byte) in text.bytes().enumerate() {
            code[i] = byte.to_ascii_uppercase();
            let Some(value) = value_of(code[i]) else {
                return Err(Self::cause(&text));
            };
            sum += WEIGHTS.get(i).map_or(0, |weight| weight * value);
        }
        let check = ALPHABET[((31 - sum % 31) % 31) as usize];
        if code[17] == check {
            Ok(Self(code))
        } else {
            Err(UsccError::CheckCharacter)
        }
    }

    /// A number in scientific notation is what a spreadsheet leaves of a code of digits.
    fn cause(text: &str) -> UsccError {
        let (mantissa, exponent) = text.split_once(['E', 'e']).unwrap_or((text, ""));
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|byte| byte.is_ascii_digit());
        let number = !exponent.is_empty()
            && digits(exponent.trim_start_matches('+'))
            && digits(&mantissa.replacen('.', "", 1));
        let float = text
            .split_once('.')
            .is_some_and(|(whole, part)| digits(whole) && digits(part));
        if number || float {
            UsccError::SpreadsheetNumber
        } else {
            UsccError::NotAUscc
        }
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

fn value_of(byte: u8) -> Option<u32> {
    ALPHABET
        .iter()
        .position(|known| *known == byte)
        .map(|value| value as u32)
}

impl std::str::FromStr for Uscc {
    type Err = UsccError;
    fn from_str(text: &str) -> Result<Self, UsccError> {
        Self::parse(text)
    }
}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Uscc {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Uscc {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_handbook_s_vectors() {
        for text in [
            "91330100716105852F",
            "914403001922038216",
            "9144030071526726XG",
            "91110000600037341L",
            "92330921MA2A000180",
            "92330921MA000004XX",
            "92330921MA00002260",
        ] {
            assert_eq!(
                Uscc::parse(text).map(|uscc| uscc.to_string()),
                Ok(text.to_owned())
            );
        }
        assert_eq!(
            Uscc::parse("92330921M2AA000180"),
            Err(UsccError::CheckCharacter)
        );
        assert_eq!(
            Uscc::parse("９１330100716105852ｆ ").map(|uscc| uscc.to_string()),
            Ok("91330100716105852F".to_owned())
        );
    }

    #[test]
    fn causes_are_told_apart() {
        for text in ["9.13E+17", "9.13301E+17", "9E17", "913301007161058000.0"] {
            assert_eq!(
                Uscc::parse(text),
                Err(UsccError::SpreadsheetNumber),
                "{text}"
            );
        }
        for text in [
            "",
            "91330100716105852",
            "9133010071610585ZF",
            "岱山县高亭镇",
            "110108000000016",
        ] {
            assert_eq!(Uscc::parse(text), Err(UsccError::NotAUscc), "{text}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_character_is_noticed(at in 0usize..18, to in 0usize..31) {
            let mut code = *b"91330100716105852F";
            prop_assume!(code[at] != ALPHABET[to]);
            code[at] = ALPHABET[to];
            let text = String::from_utf8(code.to_vec()).unwrap();
            prop_assert_eq!(Uscc::parse(&text), Err(UsccError::CheckCharacter));
        }
    }
}
