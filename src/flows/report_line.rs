//! A bank reports something of a line. Of credit its core system is the book: what it reports is kept as the next
//! version of the fact, and what does not fit is flagged when the line is looked at.

use crate::access::Client;
use crate::answer::records::logged;
use crate::credit_line::records::{NewReport, holder_of, keep, note};
use crate::credit_line::{KIND, Report};
use crate::kernel::text::normalised;
use crate::kernel::{Clock, Id};
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
    #[error("没有对该商户作出这一回答 · this bank was given no such answer about the merchant")]
    NoSuchAnswer,
    #[error("经办人与审批人须为两人 · whoever reports and whoever approves must be two persons")]
    SamePerson,
}

/// Keeps a report of a line.
///
/// # Errors
/// Where the line is unknown, or the report names an answer or a person that it may not.
pub fn report_line(
    conn: &mut Conn,
    reporter: &Reporter,
    agreement: &str,
    report: &Report,
    clock: &dyn Clock,
) -> Result<Kept, Failure<ReportRefusal>> {
    let (kind, key) = report.known_by();
    // A movement is known by its serial number whatever the line; everything else within its line.
    let is_movement = matches!(report, Report::Movement(_));
    let within = (!is_movement).then_some(agreement);
    let bank = &*reporter.bank;
    hold(
        conn,
        &[bank, within.unwrap_or_default(), kind, &key].join("\u{1f}"),
    )?;
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
        Report::Grant(grant) => {
            let Some(answer) = grant.relied_on else {
                return Ok(());
            };
            let logged = logged(conn, &reporter.bank, answer)?;
            let about = logged.filter(|it| it.uscc == grant.uscc && it.body.is_some());
            about
                .map(drop)
                .ok_or(Failure::Refused(ReportRefusal::NoSuchAnswer))
        }
        Report::Override(agreed) if is_same(&agreed.approved_by, &reporter.person) => {
            Err(Failure::Refused(ReportRefusal::SamePerson))
        }
        _ if is_known(conn, reporter, agreement)? => Ok(()),
        _ => Err(Failure::Refused(ReportRefusal::NoSuchLine)),
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

fn is_same(one: &str, other: &str) -> bool {
    normalised(one).eq_ignore_ascii_case(&normalised(other))
}
