//! 对账: a bank's month-end file of its lines is compared with what is kept of them. Nothing is changed.

use super::watch::Watch;
use crate::county::records::Bank;
use crate::credit_line::KIND;
use crate::credit_line::reconcile::{
    Compared, Field, Outcome, Standing, compare, standing_here, standing_there,
};
use crate::credit_line::records::{agreements, lines_before_ledger};
use crate::intake::{CellFault, FileError, Limits, Row, Sheet};
use crate::kernel::{Day, Money, Uscc};
use crate::product::Products;
use crate::product::records::products;
use crate::register::{Kind, Kinds};
use crate::store::{Conn, StoreError};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// How many lines of ours are looked at together.
const CHUNK: i64 = 512;
/// How often who waits is told.
const TELL_EVERY: u64 = 1024;

/// A file that is refused as a whole.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{file}：{error}")]
pub struct FileRefused {
    pub file: String,
    pub error: Box<FileError>,
}

/// What a bank's files of one day say.
#[derive(Debug, Default)]
pub struct BankFile {
    lines: BTreeMap<Box<str>, Standing>,
    /// Rows that cannot be read.
    pub refused: Vec<RefusedRow>,
    /// Rows whose line an earlier row had told: the later one counts, as it does for an import.
    pub repeated: Vec<Place>,
}

/// Where a row begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub file: Arc<str>,
    pub line: u64,
}

/// A row that cannot be read.
#[derive(Debug)]
pub struct RefusedRow {
    pub at: Place,
    /// The agreement, where it can be read.
    pub agreement: Option<Box<str>>,
    pub faults: Vec<CellFault>,
}

/// A line of either side, or a row that cannot be read.
#[derive(Debug)]
pub struct Reconciled {
    /// Blank where a refused row does not tell.
    pub agreement: String,
    pub uscc: Option<Uscc>,
    pub compared: Compared,
}

/// A sum of money over lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Total {
    /// No line tells an amount.
    #[default]
    Untold,
    Sum(Money),
    BeyondRange,
}

/// Money of both sides, of the lines where it is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub limit_here: Total,
    pub limit_there: Total,
    pub drawn_here: Total,
    pub drawn_there: Total,
}

/// All lines of both sides in the order of their agreements, and what they come to by currency.
#[derive(Debug, Default)]
pub struct Reconciliation {
    pub lines: Vec<Reconciled>,
    pub sums: BTreeMap<String, Sums>,
}

impl BankFile {
    /// Reads files of the layout of the kind `credit_lines`, which together are one book.
    ///
    /// # Errors
    /// The file that is refused as a whole. Refused rows are no error.
    pub fn read(
        paths: &[&Path],
        kinds: &Kinds,
        limits: &Limits,
        watch: &dyn Watch,
    ) -> Result<Self, FileRefused> {
        let mut all = Self::default();
        for path in paths {
            let file: Arc<str> = path.display().to_string().into();
            let refused = |error| FileRefused {
                file: file.to_string(),
                error: Box::new(error),
            };
            let sheet = Sheet::open(path, kinds, Some(KIND), limits).map_err(refused)?;
            all.take(sheet, kinds, &file, watch).map_err(refused)?;
        }
        Ok(all)
    }

    fn take(
        &mut self,
        mut sheet: Sheet,
        kinds: &Kinds,
        file: &Arc<str>,
        watch: &dyn Watch,
    ) -> Result<(), FileError> {
        let kind = kinds.get(sheet.kind());
        watch.begin(file, sheet.progress().1);
        let mut rows = 0_u64;
        while let Some(row) = sheet.next() {
            self.take_row(kind, row?, file);
            rows += 1;
            if rows.is_multiple_of(TELL_EVERY) {
                watch.at(sheet.progress().0);
            }
        }
        watch.end();
        Ok(())
    }

    fn take_row(&mut self, kind: &Kind, row: Row, file: &Arc<str>) {
        let at = Place {
            file: file.clone(),
            line: row.line,
        };
        let (read, faults) = match row.outcome {
            Ok(entry) => (standing_there(kind, &entry.values), Vec::new()),
            Err(faults) => (None, faults),
        };
        match (row.key, read) {
            (Some(agreement), Some(standing)) => {
                if self.lines.insert(agreement, standing).is_some() {
                    self.repeated.push(at);
                }
            }
            (agreement, _) => self.refused.push(RefusedRow {
                at,
                agreement,
                faults,
            }),
        }
    }
}

/// Compares a bank's files with what is kept of its lines on a day: what was reported up to the day, and the ledgers
/// before it.
///
/// # Errors
/// Where the store fails.
pub fn reconcile(
    conn: &mut Conn,
    kinds: &Kinds,
    bank: &Bank,
    on: Day,
    (file, watch): (&BankFile, &dyn Watch),
) -> Result<Reconciliation, StoreError> {
    let mut comparing = Comparing {
        bank,
        on,
        file,
        products: products(conn)?,
        unread: unread(file),
        seen: BTreeSet::new(),
        found: Reconciliation::default(),
    };
    watch.begin(&bank.name, file.lines.len() as u64);
    let mut after = String::new();
    loop {
        let named = agreements(conn, bank, &after, CHUNK)?;
        let Some(last) = named.last().cloned() else {
            break;
        };
        for kept in lines_before_ledger(conn, kinds, bank, &named, on)? {
            let here = standing_here(&kept, on);
            comparing.take_ours(&kept.line.agreement, here);
        }
        watch.at(comparing.seen.len() as u64);
        after = last;
    }
    comparing.take_the_rest();
    watch.end();
    Ok(comparing.found)
}

/// The lines that only refused rows tell of.
fn unread(file: &BankFile) -> BTreeSet<&str> {
    let named = file
        .refused
        .iter()
        .filter_map(|row| row.agreement.as_deref());
    named.filter(|it| !file.lines.contains_key(*it)).collect()
}

struct Comparing<'a> {
    bank: &'a Bank,
    on: Day,
    file: &'a BankFile,
    products: Products,
    unread: BTreeSet<&'a str>,
    /// The lines of the file that are here as well.
    seen: BTreeSet<&'a str>,
    found: Reconciliation,
}

impl<'a> Comparing<'a> {
    fn take_ours(&mut self, agreement: &str, here: Standing) {
        let file = self.file;
        if self.unread.contains(agreement) {
            // Told as refused, and its money counts.
            self.sum(Some(&here), None);
            return;
        }
        let there = file.lines.get_key_value(agreement);
        self.seen.extend(there.map(|(agreement, _)| &**agreement));
        self.take(agreement, Some(here), there.map(|(_, there)| there.clone()));
    }

    /// The lines that are not here, and the rows that cannot be read.
    fn take_the_rest(&mut self) {
        let file = self.file;
        for (agreement, there) in &file.lines {
            if !self.seen.contains(&**agreement) {
                self.take(agreement, None, Some(there.clone()));
            }
        }
        let mut told = BTreeSet::new();
        for row in &file.refused {
            let agreement = row.agreement.as_deref();
            if agreement.is_none_or(|it| self.unread.contains(it) && told.insert(it)) {
                self.found.lines.push(refused(row));
            }
        }
        self.found
            .lines
            .sort_by(|a, b| a.agreement.cmp(&b.agreement));
    }

    fn take(&mut self, agreement: &str, mut here: Option<Standing>, mut there: Option<Standing>) {
        self.sum(here.as_ref(), there.as_ref());
        for side in here.iter_mut().chain(&mut there) {
            side.product = side.product.take().map(|name| self.product(name));
        }
        if let Some(compared) = compare(here.as_ref(), there.as_ref()) {
            self.found.lines.push(Reconciled {
                agreement: agreement.to_owned(),
                uscc: here.or(there).map(|side| side.uscc),
                compared,
            });
        }
    }

    /// One side may call a product by its name and the other by its id.
    fn product(&self, name: String) -> String {
        let known = self.products.called(&self.bank.id, &name, self.on);
        known.map_or(name, |product| product.id.clone())
    }

    fn sum(&mut self, here: Option<&Standing>, there: Option<&Standing>) {
        if let Some(side) = here {
            let sums = self.found.sums_of(&side.currency);
            sums.limit_here.add(Some(side.limit));
            sums.drawn_here.add(side.drawn);
        }
        if let Some(side) = there {
            let sums = self.found.sums_of(&side.currency);
            sums.limit_there.add(Some(side.limit));
            sums.drawn_there.add(side.drawn);
        }
    }
}

impl Total {
    fn add(&mut self, amount: Option<Money>) {
        let Some(amount) = amount else { return };
        *self = match self {
            Self::Untold => Self::Sum(amount),
            Self::Sum(sum) => sum.plus(amount).map_or(Self::BeyondRange, Self::Sum),
            Self::BeyondRange => Self::BeyondRange,
        };
    }
}

fn refused(row: &RefusedRow) -> Reconciled {
    let field = |fault: &CellFault| Field {
        name: Cow::Owned(fault.header.to_string()),
        here: None,
        there: fault.value.as_deref().map(str::to_owned),
        difference: None,
    };
    Reconciled {
        agreement: row.agreement.as_deref().unwrap_or_default().to_owned(),
        uscc: None,
        compared: Compared {
            outcome: Outcome::Refused,
            fields: row.faults.iter().map(field).collect(),
        },
    }
}

impl Reconciliation {
    /// How many lines came to this.
    pub fn count(&self, outcome: Outcome) -> usize {
        let lines = self.lines.iter();
        lines
            .filter(|line| line.compared.outcome == outcome)
            .count()
    }

    fn sums_of(&mut self, currency: &str) -> &mut Sums {
        self.sums.entry(currency.to_owned()).or_default()
    }
}
