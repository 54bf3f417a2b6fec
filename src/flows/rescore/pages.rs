//! Pages of scores: read and computed from one snapshot after the other by a thread of its own, while the pages before
//! them are written. Nobody is kept waiting for the computing, since it holds no lock; so what has changed meanwhile is
//! found out under the locks, and computed again there.

use super::computed::{Computed, compute, keep_computed};
use super::{GoesOn, Rescored, Scoring, renew};
use crate::flows::slices::Pace;
use crate::flows::watch::Watch;
use crate::kernel::Id;
use crate::merchant::Merchant;
use crate::register::records::{coverage_count, coverage_with_count, keep_facts_out};
use crate::score::records::{Present, due_page, lock_heads};
use crate::scorecard::BeforeFirstDay;
use crate::store::{Conn, Failure, Store};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

pub(super) const FIRST_MERCHANTS: usize = 64;
pub(super) const MOST_MERCHANTS: usize = 1_024;

/// How many pages may wait to be written.
const AHEAD: usize = 2;

/// All pages of a scoring.
#[derive(Clone, Copy)]
pub(super) struct Pages<'a> {
    scoring: Scoring<'a>,
    all: bool,
    watch: &'a dyn Watch,
}

/// Scores of one page, and how many stretches of coverage they have seen.
struct Page {
    computed: Vec<Computed>,
    coverage_count: i64,
}

impl Page {
    /// None where there was nobody left to score.
    fn last(&self) -> Option<Id<Merchant>> {
        self.computed.last().map(|one| one.head.merchant)
    }
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

    /// Computes and writes side by side.
    ///
    /// # Errors
    /// Where the business date lies before the card's first day, the store fails, or it cannot be told whether to go on.
    pub fn side_by_side(self, store: &Store, goes_on: GoesOn<'_>) -> Scored<Rescored> {
        let (send, pages) = sync_channel(AHEAD);
        let size = AtomicUsize::new(FIRST_MERCHANTS);
        let (scoring, all) = (self.scoring, self.all);
        std::thread::scope(|scope| {
            let size = &size;
            scope.spawn(move || compute_ahead(store, scoring, all, size, &send));
            // The pages are taken along, so that whoever computes them ends once they are given up.
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
            if page.last().is_none() || !goes_on()? {
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
            let page = compute_page(conn, self.scoring, self.all, after, MOST_MERCHANTS)?;
            after = page.last();
            if after.is_none() {
                break;
            }
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

/// Computes page after page until there are no more, or nobody takes them.
fn compute_ahead(
    store: &Store,
    scoring: Scoring<'_>,
    all: bool,
    size: &AtomicUsize,
    pages: &SyncSender<Scored<Page>>,
) {
    let mut after = None;
    loop {
        let size = size.load(Ordering::Relaxed);
        let page = store.read(|conn| compute_page(conn, scoring, all, after, size));
        after = page.as_ref().ok().and_then(Page::last);
        if pages.send(page).is_err() || after.is_none() {
            return;
        }
    }
}

fn compute_page(
    conn: &mut Conn,
    scoring: Scoring<'_>,
    all: bool,
    after: Option<Id<Merchant>>,
    size: usize,
) -> Scored<Page> {
    let (coverage, coverage_count) = coverage_with_count(conn, scoring.kinds)?;
    let present = Present {
        today: scoring.today,
        coverage_count,
        card: scoring.card_name,
    };
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let heads = due_page(conn, present, all, after, size)?;
    let computed = compute(conn, scoring, heads, &coverage)?;
    Ok(Page {
        computed,
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
