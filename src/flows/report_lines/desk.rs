//! A bank's desk while its reports are kept: the papers of the lines that they are about are laid out once, each report
//! changes them in its turn, and what has changed is written at the end.

use super::report::{Kept, KeptReport, LineReport, ReportRefusal};
use crate::answer::Answer;
use crate::answer::records::told_answers;
use crate::credit_line::records::{
    DayRow, HeldMovement, Holder, NewReport, keep, keep_days, note, note_holders, papers,
};
use crate::credit_line::report::Movement;
use crate::credit_line::{KIND, Line, Moved, Papers, Report, Reported};
use crate::flows::advise::LineTold;
use crate::flows::bank_lines::Looking;
use crate::flows::decisions::Answers;
use crate::kernel::actor::is_same_person;
use crate::kernel::money::MoneyError;
use crate::kernel::{Day, Id, Instant, Uscc};
use crate::product::Products;
use crate::store::{Conn, Failure, StoreError};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What reports are held against, the same for all of a bank's.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub looking: Looking<'a>,
    pub products: &'a Products,
    pub now: Instant,
}

/// What a batch has read of a bank's lines, and what is to be written.
pub(super) struct Desk<'a> {
    around: Around<'a>,
    /// By agreement.
    papers: BTreeMap<String, Papers>,
    /// By serial number.
    movements: HashMap<String, HeldMovement>,
    answers: Answers,
    /// New versions, in their order.
    rows: Vec<NewReport<'a>>,
    holders: BTreeSet<(Uscc, &'a str)>,
    /// The days whose sums have changed.
    days: BTreeSet<(String, Day)>,
    /// The lines of which something new was told, and those that a movement has left.
    changed: BTreeSet<String>,
}

/// The version of a fact that counts, and the line that has it.
struct Latest {
    agreement: String,
    version: i32,
    report: Report,
}

impl<'a> Desk<'a> {
    /// Lays out the papers for these reports. `movements`: what is known of those that the reports name.
    pub fn lay(
        conn: &mut Conn,
        around: Around<'a>,
        movements: HashMap<String, HeldMovement>,
        reports: &[&LineReport],
    ) -> Result<Self, StoreError> {
        let Looking {
            kinds, bank, as_of, ..
        } = around.looking;
        let told = reports.iter().map(|report| &report.agreement);
        let had = movements.values().map(|held| &held.agreement);
        let named: BTreeSet<String> = told.chain(had).cloned().collect();
        let named: Vec<String> = named.into_iter().collect();
        let papers = papers(conn, kinds, bank, Some(&named), as_of)?;
        let told = reports.iter().filter_map(|it| it.report.relied_on());
        let before = papers.values().flat_map(|it| it.reports.relied_on());
        let answers: Vec<Id<Answer>> = told.chain(before).collect();
        Ok(Self {
            answers: told_answers(conn, &bank.id, &answers)?,
            around,
            papers,
            movements,
            rows: Vec::new(),
            holders: BTreeSet::new(),
            days: BTreeSet::new(),
            changed: BTreeSet::new(),
        })
    }

    /// Keeps a report. What is dated after the business date is kept as well, and counts from its day on.
    ///
    /// # Errors
    /// Where the line is unknown, or the report names an answer or a person that it may not, or a day that is still to
    /// come by the business date and by the clock: then nothing has changed. Or where what is stored cannot be read.
    pub fn keep(&mut self, told: &'a LineReport) -> Result<KeptReport, Failure<ReportRefusal>> {
        self.check(told).map_err(Failure::Refused)?;
        let kept = self.note(told)?;
        let line = self.line(&told.agreement);
        let line = line.ok_or(Failure::Refused(ReportRefusal::NoSuchLine))?;
        if kept != Kept::Unchanged {
            self.changed.insert(told.agreement.clone());
        }
        let Around {
            looking, products, ..
        } = self.around;
        Ok(KeptReport {
            kept,
            as_of: looking.as_of,
            counts_from: told.report.on().filter(|on| *on > looking.as_of),
            line: looking.judge(products, &self.answers, line)?,
        })
    }

    /// The line of that agreement as it stands now.
    fn line(&self, agreement: &str) -> Option<Line> {
        let Looking {
            kinds, bank, as_of, ..
        } = self.around.looking;
        let kind = kinds.named(KIND)?;
        let papers = self.papers.get(agreement)?;
        papers.line(kind, &bank.name, agreement, as_of)
    }

    /// Whether a report may be kept; after this nothing is refused.
    fn check(&self, told: &LineReport) -> Result<(), ReportRefusal> {
        let Around { looking, now, .. } = self.around;
        let latest = looking.as_of.max(now.day_in_shanghai());
        if told.report.on().is_some_and(|on| on > latest) {
            return Err(ReportRefusal::InFuture);
        }
        let papers = self.papers.get(&told.agreement);
        let is_known = papers.is_some_and(Papers::are_known);
        match &told.report {
            Report::Grant(grant) => self.check_answer(grant.relied_on, Some(grant.uscc))?,
            Report::Override(agreed) if is_same_person(&agreed.approved_by, &told.person) => {
                return Err(ReportRefusal::SamePerson);
            }
            _ if !is_known => return Err(ReportRefusal::NoSuchLine),
            Report::Limit(limit) => self.check_answer(limit.relied_on, None)?,
            _ => {}
        }
        // A ledger may have told of it in words that make no line; a grant never does.
        let is_granted = matches!(told.report, Report::Grant(_))
            || papers.is_some_and(|papers| papers.reports.have_grant());
        let has_ledgers = looking.kinds.named(KIND).is_some();
        if has_ledgers && (is_granted || self.line(&told.agreement).is_some()) {
            Ok(())
        } else {
            Err(ReportRefusal::NoSuchLine)
        }
    }

    /// Whether the bank was given the answer that it names, about that merchant where one is told. Whether a decision may
    /// rest on it is asked when the line is looked at.
    fn check_answer(
        &self,
        answer: Option<Id<Answer>>,
        about: Option<Uscc>,
    ) -> Result<(), ReportRefusal> {
        let Some(answer) = answer else { return Ok(()) };
        let told = self.answers.get(&answer);
        let is_about = |uscc: Uscc| about.is_none_or(|about| about == uscc);
        if told.is_some_and(|told| is_about(told.uscc)) {
            Ok(())
        } else {
            Err(ReportRefusal::NoSuchAnswer)
        }
    }

    /// Notes a report as the next version of its fact. A movement is known by its serial number whatever the line;
    /// everything else by its kind and key within its line.
    fn note(&mut self, told: &'a LineReport) -> Result<Kept, StoreError> {
        let (kind, key) = told.report.known_by();
        let latest = self.latest(told, kind, &key);
        let is_same = |it: &Latest| it.agreement == told.agreement && it.report == told.report;
        if latest.as_ref().is_some_and(is_same) {
            return Ok(Kept::Unchanged);
        }
        let version = latest.as_ref().map_or(1, |latest| latest.version + 1);
        let content = serde_json::to_string(&told.report)
            .map_err(|error| StoreError::Content(error.to_string()))?;
        self.add_row(told, told.agreement.clone(), version, content);
        match &told.report {
            Report::Movement(movement) => {
                if let Some(former) = &latest {
                    self.take_back(told, former)?;
                }
                self.count(told, movement, version)?;
            }
            Report::Grant(grant) => {
                self.holders.insert((grant.uscc, &*told.agreement));
                self.note_version(&told.agreement, told, version, true);
            }
            _ => self.note_version(&told.agreement, told, version, true),
        }
        Ok(if latest.is_some() {
            Kept::Changed
        } else {
            Kept::New
        })
    }

    fn latest(&self, told: &LineReport, kind: &str, key: &str) -> Option<Latest> {
        if let Report::Movement(_) = told.report {
            let held = self.movements.get(key)?;
            return Some(Latest {
                agreement: held.agreement.clone(),
                version: held.version,
                report: Report::Movement(held.movement.clone()),
            });
        }
        let (version, report) = self.papers.get(&told.agreement)?.reports.last(kind, key)?;
        Some(Latest {
            agreement: told.agreement.clone(),
            version,
            report: report.clone(),
        })
    }

    /// Adds a movement to the sums of the line that it is told of now.
    fn count(
        &mut self,
        told: &LineReport,
        movement: &Movement,
        version: i32,
    ) -> Result<(), StoreError> {
        let papers = self.papers.entry(told.agreement.clone()).or_default();
        papers.reports.count(movement).map_err(beyond_range)?;
        self.days.insert((told.agreement.clone(), movement.on));
        // Of a movement that was told once the sums tell enough.
        if version > 1 {
            self.note_version(&told.agreement, told, version, true);
        }
        let held = HeldMovement {
            agreement: told.agreement.clone(),
            version,
            movement: movement.clone(),
        };
        self.movements.insert(movement.serial.clone(), held);
        Ok(())
    }

    /// Takes what a movement said before out of the sums of the line that had it.
    fn take_back(&mut self, told: &'a LineReport, former: &Latest) -> Result<(), StoreError> {
        let Report::Movement(movement) = &former.report else {
            return Ok(());
        };
        let papers = self.papers.entry(former.agreement.clone()).or_default();
        papers.reports.discount(movement).map_err(beyond_range)?;
        papers.reports.note(Reported {
            kind: told.report.known_by().0.to_owned(),
            key: movement.serial.clone(),
            version: former.version,
            report: Some(former.report.clone()),
        });
        self.days.insert((former.agreement.clone(), movement.on));
        if former.agreement != told.agreement {
            // Of the line that had it, an empty version says that it has gone.
            let version = former.version + 1;
            self.changed.insert(former.agreement.clone());
            self.note_version(&former.agreement, told, version, false);
            self.add_row(told, former.agreement.clone(), version, String::new());
        }
        Ok(())
    }

    /// Notes among the papers of a line what a version says; where the fact is not there any more, that it has gone.
    fn note_version(&mut self, agreement: &str, told: &LineReport, version: i32, is_there: bool) {
        let (kind, key) = told.report.known_by();
        let papers = self.papers.entry(agreement.to_owned()).or_default();
        papers.reports.note(Reported {
            kind: kind.to_owned(),
            key,
            version,
            report: is_there.then(|| told.report.clone()),
        });
    }

    fn add_row(&mut self, told: &'a LineReport, agreement: String, version: i32, content: String) {
        let (kind, key) = told.report.known_by();
        self.rows.push(NewReport {
            bank: &self.around.looking.bank.id,
            agreement,
            kind,
            key,
            version,
            content,
            reported_by: &told.person,
            client: told.client.as_bytes(),
            recorded_at: self.around.now,
        });
    }

    /// Writes what has changed; the lines that have.
    pub fn write(self, conn: &mut Conn) -> Result<Vec<LineTold>, StoreError> {
        let bank = &*self.around.looking.bank.id;
        let changed = self.changed.iter().map(String::as_str);
        note(conn, bank, changed, self.around.now)?;
        let holders = self.holders.iter().map(|&(uscc, agreement)| Holder {
            uscc,
            bank,
            agreement,
        });
        note_holders(conn, &holders.collect::<Vec<_>>())?;
        keep(conn, &self.rows)?;
        let days = self.days.iter().map(|(agreement, on)| DayRow {
            bank,
            agreement,
            on: *on,
            moved: self.moved_on(agreement, *on),
        });
        keep_days(conn, &days.collect::<Vec<_>>())?;
        let line = |agreement: &String| LineTold {
            bank: bank.to_owned(),
            agreement: agreement.clone(),
            uscc: self.line(agreement).map(|line| line.uscc),
        };
        Ok(self.changed.iter().map(line).collect())
    }

    fn moved_on(&self, agreement: &str, on: Day) -> Moved {
        let papers = self.papers.get(agreement);
        papers.map_or_else(Moved::default, |papers| papers.reports.moved_on(on))
    }
}

fn beyond_range(error: MoneyError) -> StoreError {
    StoreError::Content(format!("the sums of a day: {error}"))
}
