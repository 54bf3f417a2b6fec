//! Money in fen. No float ever comes near it, and no sum of it can wrap.

use rust_decimal::Decimal;
use std::fmt;

/// An amount of renminbi in fen (hundredths of a yuan).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

/// Why a text or a number is no amount.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum MoneyError {
    #[error("不是金额 · not an amount in decimal notation")]
    NotANumber,
    #[error("金额精度超过分 · finer than one fen")]
    TooFine,
    #[error("金额超出范围 · beyond the range of amounts")]
    OutOfRange,
}

impl Money {
    pub const ZERO: Self = Self(0);
    /// The most that one amount told from outside may be: ¥100,000,000,000.00. No line, no pool and no month's fees are
    /// near it, and sums of such amounts stay far within what can be stored.
    pub const MOST: Self = Self(10_000_000_000_000);

    pub const fn from_fen(fen: i64) -> Self {
        Self(fen)
    }

    pub const fn fen(self) -> i64 {
        self.0
    }

    /// The same number, lent.
    pub const fn as_fen(&self) -> &i64 {
        &self.0
    }

    /// Reads plain decimal notation in yuan (`-12.5`, `1000`): no exponent, no grouping, nothing finer than a fen.
    pub fn parse_yuan(text: &str) -> Result<Self, MoneyError> {
        Self::parse_scaled(text, 2)
    }

    /// Reads plain decimal notation in units of 10,000 yuan (万元), to the fen.
    pub fn parse_wan_yuan(text: &str) -> Result<Self, MoneyError> {
        Self::parse_scaled(text, 6)
    }

    fn parse_scaled(text: &str, shift: u32) -> Result<Self, MoneyError> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let plain = !digits.is_empty()
            && digits
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.');
        if !plain || digits.starts_with('.') || digits.ends_with('.') {
            return Err(MoneyError::NotANumber);
        }
        // Decimal holds 28 digits; a longer text is refused before it could be rounded.
        if digits.len() > 28 {
            return Err(if digits.matches('.').count() > 1 {
                MoneyError::NotANumber
            } else {
                MoneyError::OutOfRange
            });
        }
        let yuan: Decimal = text.parse().map_err(|_| MoneyError::NotANumber)?;
        let fen = yuan
            .checked_mul(Decimal::from(10i64.pow(shift)))
            .ok_or(MoneyError::OutOfRange)?;
        if !fen.fract().is_zero() {
            return Err(MoneyError::TooFine);
        }
        i64::try_from(fen.trunc())
            .map(Self)
            .map_err(|_| MoneyError::OutOfRange)
    }

    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.0
            .checked_add(other.0)
            .map(Self)
            .ok_or(MoneyError::OutOfRange)
    }

    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.0
            .checked_sub(other.0)
            .map(Self)
            .ok_or(MoneyError::OutOfRange)
    }
}

impl fmt::Display for Money {
    /// Yuan with two decimals: `5090000.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", fen / 100, fen % 100)
    }
}

impl serde::Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Money {
    /// From the text that it serialises to; a number is refused, since JSON's may have been a float on its way.
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        Self::parse_yuan(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_amount_is_refused_by_its_cause() {
        for text in [
            "1e400", "NaN", "", "-", "1,000", "１", ".5", "5.", "1.2.3", "+1", "0x10", "Infinity",
        ] {
            assert_eq!(
                Money::parse_yuan(text),
                Err(MoneyError::NotANumber),
                "{text}"
            );
        }
        assert_eq!(Money::parse_yuan("0.005"), Err(MoneyError::TooFine));
        assert_eq!(
            Money::parse_yuan("92233720368547758.08"),
            Err(MoneyError::OutOfRange)
        );
        assert_eq!(
            Money::parse_yuan("123456789012345678901234567890"),
            Err(MoneyError::OutOfRange)
        );
        assert_eq!(
            Money::parse_yuan("92233720368547758.07"),
            Ok(Money(i64::MAX))
        );
    }

    #[test]
    fn ten_thousands_are_read_to_the_fen() {
        assert_eq!(Money::parse_wan_yuan("0.500000"), Ok(Money(500_000)));
        assert_eq!(Money::parse_wan_yuan("5"), Ok(Money(5_000_000)));
        assert_eq!(Money::parse_wan_yuan("0.0000001"), Err(MoneyError::TooFine));
    }

    proptest! {
        #[test]
        fn an_amount_reads_back(fen in any::<i64>()) {
            prop_assert_eq!(Money::parse_yuan(&Money(fen).to_string()), Ok(Money(fen)));
        }
    }
}
