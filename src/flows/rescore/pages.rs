//! Pages of scores: one thread reads them from one snapshot after the other, one computes, and the caller writes. Nobody
//! is kept waiting for the reading and computing, which hold no lock; so what has changed meanwhile is found out under
//! the locks, and computed again there.

use super::computed::{Computed, Known, keep_computed};
use super::{GoesOn, Rescored, Scoring, renew};
use crate::flows::slices::Pace;
use crate::flows::watch::Watch;
use crate::kernel::Id;
use crate::merchant::Merchant;
use crate::register::Coverage;
use crate::register::records::{coverage_count, coverage_with_count, keep_facts_out};
use crate::score::records::{Present, due_page, lock_heads};
use crate::scorecard::BeforeFirstDay;
use crate::store::{Conn, Failure, Store};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

pub(super) const FIRST_MERCHANTS: usize = 64;
pub(super) const MOST_MERCHANTS: usize = 1_024;

/// How much less often than others the threads run that read and compute, as the `nice` of the system counts it.
const STEP_BACK: i32 = 10;

/// How many pages may wait to be computed, and how many to be written.
const AHEAD: usize = 1;

/// All pages of a scoring.
#[derive(Clone, Copy)]
pub(super) struct Pages<'a> {
    scoring: Scoring<'a>,
    all: bool,
    watch: &'a dyn Watch,
}

/// What is known of the merchants of one page, and of coverage: how much, and how many stretches.
struct Read {
    known: Known,
    coverage: Coverage,
    coverage_count: i64,
}

/// Scores of one page, and how many stretches of coverage they have seen.
struct Page {
    computed: Vec<Computed>,
    coverage_count: i64,
}

type Scored<T> = Result<T, Failure<BeforeFirstDay>>;

impl<'a> Pages<'a> {
    pub const fn new(scoring: Scoring<'a>, all: bool, watch: &'a dyn Watch) -> Self {
        Self {
            scoring,
            all,
            watch,
        }
    }

    /// Reads, computes and writes side by side.
    ///
    /// # Errors
    /// Where the business date lies before the card's first day, the store fails, or it cannot be told whether to go on.
    pub fn side_by_side(self, store: &Store, goes_on: GoesOn<'_>) -> Scored<Rescored> {
        let (send_read, read) = sync_channel(AHEAD);
        let (send, pages) = sync_channel(AHEAD);
        let size = AtomicUsize::new(FIRST_MERCHANTS);
        let (scoring, all) = (self.scoring, self.all);
        std::thread::scope(|scope| {
            let size = &size;
            scope.spawn(move || {
                step_back();
                read_ahead(store, scoring, all, size, &send_read);
            });
            scope.spawn(move || {
                step_back();
                let pages = read.into_iter().map(|read| read?.compute(scoring));
                for page in pages {
                    if send.send(page).is_err() {
                        return;
                    }
                }
            });
            // The pages are taken along, so that the others end once they are given up.
            self.write(store, pages, size, goes_on)
        })
    }

    fn write(
        self,
        store: &Store,
        pages: Receiver<Scored<Page>>,
        size: &AtomicUsize,
        goes_on: GoesOn<'_>,
    ) -> Scored<Rescored> {
        let mut done = Rescored::default();
        let mut pace = Pace::new(FIRST_MERCHANTS, MOST_MERCHANTS);
        for page in pages {
            let page = page?;
            if !goes_on()? {
                break;
            }
            let began = self.scoring.clock.now();
            let scores = store.write(|conn| write_page(conn, self.scoring, &page))?;
            pace.learn(self.scoring.clock, began);
            size.store(pace.size(), Ordering::Relaxed);
            self.tell(&mut done, page.computed.len(), scores);
        }
        Ok(done)
    }

    /// Computes and writes page by page in one transaction that nobody else sees.
    ///
    /// # Errors
    /// As [`Pages::side_by_side`].
    pub fn in_turn(self, conn: &mut Conn, goes_on: GoesOn<'_>) -> Scored<Rescored> {
        let (mut done, mut after) = (Rescored::default(), None);
        while goes_on()? {
            let read = read_page(conn, self.scoring, self.all, after, MOST_MERCHANTS)?;
            after = read.known.last_merchant();
            if after.is_none() {
                break;
            }
            let page = read.compute(self.scoring)?;
            let merchants = page.computed.len();
            let (_, scores) =
                keep_computed(conn, self.scoring, page.coverage_count, &page.computed)?;
            self.tell(&mut done, merchants, scores);
        }
        Ok(done)
    }

    fn tell(self, done: &mut Rescored, merchants: usize, scores: u64) {
        done.merchants += merchants as u64;
        done.scores += scores;
        self.watch.at(done.merchants);
    }
}

/// Whoever asks meanwhile comes first: of two cores the three threads would else take what they can get. On Linux it is
/// this thread alone that steps back, elsewhere it would be the whole program. A system that refuses only keeps others
/// waiting a little longer.
fn step_back() {
    if cfg!(target_os = "linux")
        && let Err(error) = rustix::process::nice(STEP_BACK)
    {
        tracing::debug!(%error, "scoring goes on at the priority of all else");
    }
}

impl Read {
    fn compute(self, scoring: Scoring<'_>) -> Scored<Page> {
        let computed = self.known.compute(scoring, &self.coverage);
        Ok(Page {
            computed: computed.map_err(Failure::Refused)?,
            coverage_count: self.coverage_count,
        })
    }
}

/// Reads page after page until there are no more, or nobody takes them.
fn read_ahead(
    store: &Store,
    scoring: Scoring<'_>,
    all: bool,
    size: &AtomicUsize,
    pages: &SyncSender<Scored<Read>>,
) {
    let mut after = None;
    loop {
        let size = size.load(Ordering::Relaxed);
        let read = store.read(|conn| read_page(conn, scoring, all, after, size));
        if let Ok(read) = &read {
            after = read.known.last_merchant();
            if after.is_none() {
                return;
            }
        }
        let failed = read.is_err();
        if pages.send(read).is_err() || failed {
            return;
        }
    }
}

fn read_page(
    conn: &mut Conn,
    scoring: Scoring<'_>,
    all: bool,
    after: Option<Id<Merchant>>,
    size: usize,
) -> Scored<Read> {
    let (coverage, coverage_count) = coverage_with_count(conn, scoring.kinds)?;
    let present = Present {
        today: scoring.today,
        coverage_count,
        card: scoring.card_name,
    };
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let heads = due_page(conn, present, all, after, size)?;
    Ok(Read {
        known: Known::read(conn, scoring.kinds, heads)?,
        coverage,
        coverage_count,
    })
}

/// Writes a page that was computed from an earlier snapshot; returns how many scores are new.
fn write_page(conn: &mut Conn, scoring: Scoring<'_>, page: &Page) -> Scored<u64> {
    // A score that does not know of a fact is older than the fact: so it can be told what has lowered a tier.
    keep_facts_out(conn)?;
    let merchants: Vec<_> = page.computed.iter().map(|one| one.head.merchant).collect();
    let heads = lock_heads(conn, &merchants)?;
    let as_read = heads.iter().eq(page.computed.iter().map(|one| &one.head));
    let (_, scores) = if as_read && coverage_count(conn)? == page.coverage_count {
        keep_computed(conn, scoring, page.coverage_count, &page.computed)?
    } else {
        let (coverage, count) = coverage_with_count(conn, scoring.kinds)?;
        renew(conn, scoring, &merchants, &coverage, count)?
    };
    Ok(scores)
}
