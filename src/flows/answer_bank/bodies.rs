//! The bodies that answers share: rendered once a score, remembered, and kept once.

use super::known::Known;
use crate::answer::body::render;
use crate::answer::records::{NewBody, keep, kept};
use crate::dispute::records::open_disputes;
use crate::kernel::{Day, Digest, Id};
use crate::merchant::Merchant;
use crate::register::Kinds;
use crate::register::records::{coverage, histories};
use crate::score::Score;
use crate::score::records::scores;
use crate::store::{Conn, StoreError};
use quick_cache::sync::Cache;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The body of answers about one score.
pub struct SharedBody {
    pub digest: Digest,
    pub text: String,
    /// Whether a committed row holds it: seen in the database, never assumed.
    is_kept: AtomicBool,
}

/// A merchant's present score, and the body that tells it.
#[derive(Clone)]
pub struct Scored {
    pub next_change_on: Option<Day>,
    pub body: Arc<SharedBody>,
}

/// What a body is a function of: the score, how much coverage there was, and the marks on the merchant's facts.
pub type BodyKey = (Id<Score>, i64, i64);

/// The bodies remembered. A body never changes.
pub struct Bodies(Cache<BodyKey, Arc<SharedBody>>);

/// How many bodies are remembered, of about 4 KiB each.
const REMEMBERED: usize = 8_192;

impl Bodies {
    pub fn new() -> Self {
        Self(Cache::new(REMEMBERED))
    }

    pub fn get(&self, key: BodyKey) -> Option<Arc<SharedBody>> {
        self.0.get(&key)
    }

    /// Renders the bodies of scores that are not remembered.
    pub fn render(
        &self,
        conn: &mut Conn,
        kinds: &Kinds,
        known: &Known<'_>,
        unknown: &[(Id<Merchant>, BodyKey)],
        scored: &mut HashMap<Id<Merchant>, Scored>,
    ) -> Result<(), StoreError> {
        let ids: Vec<_> = unknown
            .iter()
            .map(|(merchant, key)| (*merchant, key.0))
            .collect();
        let given = scores(conn, &ids, known.card, kinds)?;
        let merchants: Vec<Id<Merchant>> = unknown.iter().map(|(merchant, _)| *merchant).collect();
        let coverage = coverage(conn, kinds, None)?;
        let histories = histories(conn, kinds, &merchants, None)?;
        let disputed = open_disputes(conn, kinds, &merchants)?;
        for ((merchant, key), (_, history)) in unknown.iter().zip(&histories) {
            let Some(given) = given.get(&key.0) else {
                continue;
            };
            let disputed = disputed.get(merchant).map_or(&[][..], Vec::as_slice);
            let text = render(given, known.card, kinds, history, &coverage, disputed);
            let digest = Digest::of(text.as_bytes());
            let body = Arc::new(SharedBody {
                digest,
                text,
                is_kept: AtomicBool::new(false),
            });
            self.0.insert(*key, body.clone());
            scored.insert(
                *merchant,
                Scored {
                    next_change_on: given.next_change_on,
                    body,
                },
            );
        }
        Ok(())
    }
}

/// Keeps the bodies that no committed row holds yet.
pub fn keep_bodies(
    conn: &mut Conn,
    scored: &HashMap<Id<Merchant>, Scored>,
) -> Result<(), StoreError> {
    let fresh = || {
        scored
            .iter()
            .filter(|(_, scored)| !scored.body.is_kept.load(Ordering::Relaxed))
    };
    let wanted: Vec<_> = fresh()
        .map(|(merchant, scored)| (*merchant, scored.body.digest))
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let kept = kept(conn, &wanted)?;
    let (old, new): (Vec<_>, Vec<_>) =
        fresh().partition(|(_, scored)| kept.contains(&scored.body.digest));
    old.iter()
        .for_each(|(_, scored)| scored.body.is_kept.store(true, Ordering::Relaxed));
    let body = |(merchant, scored): &(&Id<Merchant>, &'_ Scored)| (**merchant, scored.body.clone());
    let mut new: Vec<(Id<Merchant>, Arc<SharedBody>)> = new.iter().map(body).collect();
    // Two batches that keep the same bodies wait for each other in one order.
    new.sort_unstable_by_key(|(merchant, _)| *merchant);
    let rows: Vec<NewBody<'_>> = new
        .iter()
        .map(|(merchant, body)| NewBody {
            merchant: *merchant,
            digest: body.digest,
            body: &body.text,
        })
        .collect();
    keep(conn, &rows)?;
    Ok(())
}
