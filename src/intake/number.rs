//! A workbook's numbers as text. Floats end here.

/// A float with the 15 digits that a spreadsheet itself shows, so that `0.1 + 0.2` is `0.3` and nothing is rounded
/// that anybody typed: `d.dddde±n`.
pub(super) fn shown(number: f64) -> String {
    format!("{number:.14e}")
}

/// Plain decimal notation of `d.dddde±n` or of an integer. From 16 digits on a spreadsheet has lost some; then in
/// scientific notation, as the spreadsheet shows it, so that no code passes for whole.
pub(super) fn number_text(number: &str) -> String {
    let (mantissa, exponent) = number.split_once('e').unwrap_or((number, ""));
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        // NaN and the infinities.
        return number.to_owned();
    }
    let exponent = exponent.parse::<i32>().unwrap_or(0) + whole.len() as i32 - 1;
    let digits = format!("{whole}{part}");
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return "0".to_owned();
    }
    let (first, rest) = digits.split_at(1);
    if exponent >= 15 {
        let point = if rest.is_empty() { "" } else { "." };
        return format!("{sign}{first}{point}{rest}E+{exponent}");
    }
    if exponent < 0 {
        let zeros = "0".repeat(exponent.unsigned_abs().saturating_sub(1).min(400) as usize);
        return format!("{sign}0.{zeros}{digits}");
    }
    let whole = exponent as usize + 1;
    if digits.len() <= whole {
        format!("{sign}{digits:0<whole$}")
    } else {
        format!("{sign}{}.{}", &digits[..whole], &digits[whole..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_they_were_typed() {
        for (number, text) in [
            (131.2, "131.2"),
            (34_871.58, "34871.58"),
            (0.300_000_000_000_000_04, "0.3"),
            (20_250_901.0, "20250901"),
            (898_340_900_000_000.0, "898340900000000"),
            (913_301_007_161_058_000.0, "9.13301007161058E+17"),
            (9e17, "9E+17"),
            (0.5, "0.5"),
            (0.000_5, "0.0005"),
            (-12.5, "-12.5"),
            (0.0, "0"),
            (100.0, "100"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(number_text(&shown(number)), text);
        }
        assert_eq!(number_text("120"), "120");
    }
}
