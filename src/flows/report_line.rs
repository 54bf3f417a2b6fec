//! A bank reports something of a line. Of credit its core system is the book: what it reports is kept as the next
//! version of the fact, and what does not fit is flagged when the line is looked at.

use crate::access::Client;
use crate::answer::Answer;
use crate::answer::records::told_answers;
use crate::credit_line::records::{NewReport, holder_of, keep, note, note_holder};
use crate::credit_line::{KIND, Report};
use crate::kernel::actor::is_same_person;
use crate::kernel::{Clock, Day, Id, Uscc};
use crate::register::key_of_source;
use crate::register::records::known;
use crate::store::lock::hold;
use crate::store::{Conn, Failure, StoreError};

/// Who reports: the bank's client, and the bank's own id of the person.
#[derive(Clone, Debug)]
pub struct Reporter {
    pub bank: String,
    /// As ledgers name the bank.
    pub bank_name: String,
    pub client: Id<Client>,
    pub person: String,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    New,
    /// The next version of what was known.
    Changed,
    /// It was known already.
    Unchanged,
}

/// Why a report was not kept.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReportRefusal {
    #[error("没有这笔授信 · there is no such line")]
    NoSuchLine,
    #[error("发生日期在今天之后 · the day on which it happened is still to come")]
    InFuture,
    #[error("没有对该商户作出这一回答 · this bank was given no such answer about the merchant")]
    NoSuchAnswer,
    #[error("经办人与审批人须为两人 · whoever reports and whoever approves must be two persons")]
    SamePerson,
}

/// Keeps a report of a line. What is dated after the business date `as_of` is kept as well, and counts from its day on.
///
/// # Errors
/// Where the line is unknown, the report names an answer or a person that it may not, or a day that is still to come by
/// the business date and by the clock.
pub fn report_line(
    conn: &mut Conn,
    reporter: &Reporter,
    agreement: &str,
    report: &Report,
    as_of: Day,
    clock: &dyn Clock,
) -> Result<Kept, Failure<ReportRefusal>> {
    let latest = as_of.max(clock.now().day_in_shanghai());
    if report.on().is_some_and(|on| on > latest) {
        return Err(Failure::Refused(ReportRefusal::InFuture));
    }
    let (kind, key) = report.known_by();
    // A movement is known by its serial number whatever the line; everything else within its line.
    let is_movement = matches!(report, Report::Movement(_));
    let within = (!is_movement).then_some(agreement);
    let bank = &*reporter.bank;
    let name = [bank, within.unwrap_or_default(), kind, &key].join("\u{1f}");
    hold(conn, [&*name])?;
    check(conn, reporter, agreement, report)?;
    let content =
        serde_json::to_string(report).map_err(|error| StoreError::Content(error.to_string()))?;
    let latest = holder_of(conn, bank, kind, &key, within)?;
    let version = latest.as_ref().map_or(1, |(_, version, _)| version + 1);
    let before = latest
        .as_ref()
        .map(|(line, _, content)| (&**line, &**content));
    if before == Some((agreement, &*content)) {
        return Ok(Kept::Unchanged);
    }
    let now = clock.now();
    note(conn, bank, agreement, now)?;
    if let Report::Grant(grant) = report {
        note_holder(conn, grant.uscc, bank, agreement)?;
    }
    let row = |agreement, content| NewReport {
        bank,
        agreement,
        kind,
        key: &key,
        version,
        content,
        reported_by: &reporter.person,
        client: reporter.client.as_bytes(),
        recorded_at: now,
    };
    let mut rows = vec![row(agreement, &*content)];
    if let Some((other, _)) = before.filter(|(line, _)| *line != agreement) {
        // Of the line that had it, an empty version says that it has gone.
        rows.push(row(other, ""));
    }
    keep(conn, &rows)?;
    Ok(if before.is_some() {
        Kept::Changed
    } else {
        Kept::New
    })
}

fn check(
    conn: &mut Conn,
    reporter: &Reporter,
    agreement: &str,
    report: &Report,
) -> Result<(), Failure<ReportRefusal>> {
    match report {
        Report::Grant(grant) => relies(conn, reporter, grant.relied_on, Some(grant.uscc)),
        Report::Override(agreed) if is_same_person(&agreed.approved_by, &reporter.person) => {
            Err(Failure::Refused(ReportRefusal::SamePerson))
        }
        _ if !is_known(conn, reporter, agreement)? => {
            Err(Failure::Refused(ReportRefusal::NoSuchLine))
        }
        Report::Limit(limit) => relies(conn, reporter, limit.relied_on, None),
        _ => Ok(()),
    }
}

/// Whether the bank was given the answer that it names, about that merchant where one is told. Whether a decision may
/// rest on it is asked when the line is looked at.
fn relies(
    conn: &mut Conn,
    reporter: &Reporter,
    answer: Option<Id<Answer>>,
    about: Option<Uscc>,
) -> Result<(), Failure<ReportRefusal>> {
    let Some(answer) = answer else { return Ok(()) };
    let told = told_answers(conn, &reporter.bank, [&answer])?;
    let told = told.get(&answer);
    if told.is_some_and(|told| about.is_none_or(|about| about == told.uscc)) {
        Ok(())
    } else {
        Err(Failure::Refused(ReportRefusal::NoSuchAnswer))
    }
}

/// Whether a ledger or a grant has told of the line.
fn is_known(conn: &mut Conn, reporter: &Reporter, agreement: &str) -> Result<bool, StoreError> {
    if holder_of(conn, &reporter.bank, "grant", "", Some(agreement))?.is_some() {
        return Ok(true);
    }
    let key = key_of_source(agreement, &reporter.bank_name);
    Ok(!known(conn, KIND, &[&key])?.is_empty())
}
