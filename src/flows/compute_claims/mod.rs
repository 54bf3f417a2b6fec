//! The claims of a programme are computed: what each merchant's fees of all months come to is read first, and then
//! granted month by month, in one transaction each. Run again, it grants what has come to be due since, and nothing twice.

mod assess;
mod grant;
mod known;
mod wish;

use super::watch::Watch;
use crate::intake::county::Programme;
use crate::kernel::money::MoneyError;
use crate::kernel::{Actor, Clock, Day, Instant, Money, Month, Randomness, Uscc};
use crate::ledger::Refusal as LedgerRefusal;
use crate::merchant::records::count;
use crate::register::Kinds;
use crate::register::records::keep_facts_out;
use crate::scorecard::Scorecard;
use crate::store::{Failure, Store, StoreError};
use crate::subsidy::records::{Basis, programmes};
use crate::subsidy::{Declared, in_force};
use assess::{Assessed, assess};

/// How many months of merchants are assessed in one pass over what is known: what is wished for is held in memory, some
/// two hundred bytes each, until it is granted.
const AT_ONCE: usize = 2_000_000;

/// What computing claims needs to know of the world.
#[derive(Clone, Copy)]
pub struct Computing<'a> {
    pub kinds: &'a Kinds,
    /// The county's card: tiers are those of the month's last day.
    pub card: &'a Scorecard,
    pub today: Day,
    pub clock: &'a dyn Clock,
    pub randomness: &'a dyn Randomness,
    pub by: &'a Actor,
}

/// Which claims; all where nothing is said.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub programme: Option<String>,
    pub month: Option<Month>,
}

/// What was computed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Computed {
    /// Months looked at, of all programmes.
    pub months: u64,
    /// New claims, and what they ask for.
    pub claims: u64,
    pub amount: Money,
    /// Differences found in months computed before: what they added, and what they took away.
    pub differences: u64,
    pub added: Money,
    pub taken_away: Money,
    /// More that would be due where people have rejected a claim: it is left to them.
    pub rejected: u64,
    /// What no claim can rest on; it stands as it did before.
    pub left_out: Vec<LeftOut>,
}

/// A merchant's month at one acquirer whose statements come to more than [`Money::MOST`], or as far below zero.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{programme}：{uscc} 在{acquirer} {month} 的手续费超过{most}，未计算；请更正月报后重新计算 · {programme}: the fees of {uscc} at \
     {acquirer} in {month} are beyond {most} and left out; correct the statements and compute again",
    most = Money::MOST
)]
pub struct LeftOut {
    pub programme: String,
    pub uscc: Uscc,
    pub acquirer: String,
    pub month: Month,
}

/// Why claims cannot be computed.
#[derive(Debug, thiserror::Error)]
pub enum ClaimsRefusal {
    #[error("没有补贴项目「{0}」 · there is no programme {0:?}")]
    UnknownProgramme(String),
    #[error("没有项目含{0}整月 · {0} lies whole in no programme asked about")]
    NotInProgramme(Month),
    #[error("{month}尚未结束（营业日{today}） · {month} has not ended yet, it is {today}")]
    NotOver { month: Month, today: Day },
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error(transparent)]
    Ledger(#[from] LedgerRefusal),
}

/// A month of a programme, with the terms that hold for it.
struct Slice<'a> {
    /// All that has been declared of the programme.
    records: &'a [Declared],
    /// What counts for the month.
    declared: &'a Declared,
    month: Month,
    /// What is known.
    known_at: Instant,
}

impl<'a> Slice<'a> {
    /// The terms by which a claim was computed first.
    fn terms(&self, before: &Basis) -> &'a Programme {
        let mut records = self.records.iter();
        let then = records.find(|record| record.id == before.record);
        &then.unwrap_or(self.declared).terms
    }
}

/// Computes the claims of all months that are over, or of those asked for; each month in one transaction. What has
/// been computed stays; run again, it goes on with what is due. Fees beyond the range of amounts are left out by
/// themselves, and named.
///
/// # Errors
/// Where the programme or the month asked for is not there, an amount is beyond its range, or the store fails.
pub fn compute_claims(
    store: &Store,
    computing: Computing<'_>,
    wanted: &Wanted,
    watch: &dyn Watch,
) -> Result<Computed, Failure<ClaimsRefusal>> {
    let (known, merchants) = store.read(|conn| {
        let known = programmes(conn, None)?;
        Ok::<_, Failure<ClaimsRefusal>>((known, count(conn)?))
    })?;
    let due = due(known.values().map(Vec::as_slice), computing.today, wanted)
        .map_err(Failure::Refused)?;
    watch.begin("补贴申领 · claims", due.len() as u64);
    let mut computed = Computed::default();
    let at_once = AT_ONCE / usize::try_from(merchants).unwrap_or(AT_ONCE).max(1);
    for due in due.chunks(at_once.max(1)) {
        let known_at = store.write(|conn| {
            keep_facts_out(conn)?;
            Ok::<_, Failure<ClaimsRefusal>>(computing.clock.now())
        })?;
        let due = due.iter().map(|(declared, month)| Slice {
            records: known.get(&declared.terms.id).map_or(&[], Vec::as_slice),
            declared,
            month: *month,
            known_at,
        });
        let slices: Vec<Slice<'_>> = due.collect();
        let assessed = store.read(|conn| assess(conn, computing, &slices, known_at))?;
        for (slice, Assessed { wishes, left_out }) in slices.iter().zip(assessed) {
            computed.left_out.extend(left_out);
            if !wishes.is_empty() {
                let granted = store.write(|conn| grant::grant(conn, computing, slice, &wishes))?;
                computed
                    .add(&granted)
                    .map_err(|error| Failure::Refused(error.into()))?;
            }
            computed.months += 1;
            watch.at(computed.months);
        }
    }
    watch.end();
    Ok(computed)
}

/// The months to compute in their order, each with the terms that hold on its last day.
fn due<'a>(
    known: impl Iterator<Item = &'a [Declared]>,
    today: Day,
    wanted: &Wanted,
) -> Result<Vec<(&'a Declared, Month)>, ClaimsRefusal> {
    let asked = |records: &&[Declared]| {
        let wanted = wanted.programme.as_ref();
        records
            .first()
            .is_some_and(|first| wanted.is_none_or(|id| *id == first.terms.id))
    };
    let asked: Vec<&[Declared]> = known.filter(asked).collect();
    if let (Some(id), true) = (&wanted.programme, asked.is_empty()) {
        return Err(ClaimsRefusal::UnknownProgramme(id.clone()));
    }
    let mut due: Vec<(&Declared, Month)> = Vec::new();
    for records in asked {
        let mut months: Vec<Month> = records.iter().flat_map(Declared::months).collect();
        months.sort_unstable();
        months.dedup();
        for month in months {
            let counts = in_force(records, month.last_day());
            // Another record may have it that the programme is over by then.
            let counts = counts.filter(|record| record.months().any(|own| own == month));
            due.extend(counts.map(|record| (record, month)));
        }
    }
    if let Some(month) = wanted.month {
        due.retain(|(_, own)| *own == month);
        if due.is_empty() {
            return Err(ClaimsRefusal::NotInProgramme(month));
        }
        if month.last_day() > today {
            return Err(ClaimsRefusal::NotOver { month, today });
        }
    }
    due.retain(|(_, month)| month.last_day() <= today);
    Ok(due)
}

impl Computed {
    fn add(&mut self, more: &Self) -> Result<(), MoneyError> {
        self.claims += more.claims;
        self.amount = self.amount.plus(more.amount)?;
        self.differences += more.differences;
        self.rejected += more.rejected;
        self.added = self.added.plus(more.added)?;
        self.taken_away = self.taken_away.plus(more.taken_away)?;
        Ok(())
    }
}

/// What is stored contradicts what was just read.
fn moved_on() -> StoreError {
    StoreError::Busy
}
