//! What a reconciliation comes to, told on stderr.

use crate::credit_line::reconcile::Outcome;
use crate::flows::reconcile::{BankFile, Reconciliation, Total};
use std::fmt::Write;

/// How many rows are told one by one; the list names the others.
const MOST_TOLD: usize = 100;

/// Tells the rows that cannot be read, each with its cause and its cure, and those that a later row replaces.
pub fn say_refused(file: &BankFile) {
    for row in file.refused.iter().take(MOST_TOLD) {
        for fault in &row.faults {
            let (cause, cure) = (fault.cause(), fault.cure());
            eprintln!(
                "拒收 refused  {}:{}  {}  {}\n  {}；{} · {}; {}",
                row.at.file,
                row.at.line,
                fault.header,
                fault.code,
                cause.zh,
                cure.zh,
                cause.en,
                cure.en
            );
        }
    }
    for at in file.repeated.iter().take(MOST_TOLD) {
        eprintln!(
            "重复 repeated  {}:{}  协议号码已出现过，以此行为准 · the agreement stood on an earlier row; this one counts",
            at.file, at.line
        );
    }
    let more = |count: usize| count.saturating_sub(MOST_TOLD);
    let (refused, repeated) = (more(file.refused.len()), more(file.repeated.len()));
    if refused + repeated > 0 {
        eprintln!(
            "另有拒收 {refused} 行、重复 {repeated} 行未列出 · {refused} more rows refused and {repeated} more repeated"
        );
    }
}

/// The counts of all outcomes, and the sums of both sides by currency.
pub fn text(found: &Reconciliation) -> String {
    let mut text = String::new();
    for outcome in Outcome::ALL {
        let count = found.count(outcome);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} {}: {count}", outcome.zh(), outcome.as_str());
    }
    for (currency, sums) in &found.sums {
        let rows = [
            ("授信额度 limit", sums.limit_here, sums.limit_there),
            ("用信余额 drawn", sums.drawn_here, sums.drawn_there),
        ];
        for (name, here, there) in rows {
            let _ = writeln!(
                text,
                "{name} {currency}: 此方 here {}, 对方 there {}",
                amount(here),
                amount(there)
            );
        }
    }
    text
}

fn amount(total: Total) -> String {
    match total {
        Total::Untold => "未告知 not told".to_owned(),
        Total::Sum(sum) => sum.to_string(),
        Total::BeyondRange => "超出金额范围 beyond the range of amounts".to_owned(),
    }
}
