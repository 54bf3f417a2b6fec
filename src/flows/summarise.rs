//! What a county's registers add up to on a date: the object that `daishan demo --json` prints.

use super::list_claims::list_claims;
use super::list_lines::{Listed, list_lines};
use super::list_scores::list_scores;
use crate::authorisation::{Authorisation, KIND as AUTHORISATIONS};
use crate::county::records::banks;
use crate::credit_line::{Flag, Judged, KIND as CREDIT_LINES};
use crate::delivery::RowsRead;
use crate::kernel::money::MoneyError;
use crate::kernel::{Day, Money};
use crate::register::{Fact, History, Kind, Kinds};
use crate::score::Given;
use crate::scorecard::{BeforeFirstDay, Scorecard, Standing};
use crate::store::{Conn, Failure, StoreError};
use crate::subsidy::records::Filter;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

/// Facts counted by a word in one of their columns: kind, key of the summary, column, word.
const WORDS: [(&str, &str, &str, &str); 4] = [
    ("complaints", "accepted", "acceptance", "受理"),
    ("complaints", "repeats", "acceptance", "重复投诉"),
    ("food_samples", "failed", "conclusion", "不合格"),
    ("promises", "broken", "outcome", "未履行"),
];

/// Records that are open from one date to another: kind, columns.
const OPEN: [(&str, &str, &str); 2] = [
    ("abnormal_operations", "listed_on", "removed_on"),
    ("listings", "listed_on", "removed_on"),
];

/// What the last folder that had a kind held of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct LastFolder {
    pub read: RowsRead,
    pub refused: u64,
}

/// The county as of a date, with what its last folders held.
pub fn summarise(
    conn: &mut Conn,
    kinds: &Kinds,
    card: &Scorecard,
    as_of: Day,
    folders: &BTreeMap<String, LastFolder>,
) -> Result<Map<String, Value>, Failure<BeforeFirstDay>> {
    let banks: BTreeSet<String> = banks(conn)?.into_iter().map(|bank| bank.name).collect();
    let mut count = Count {
        kinds,
        card,
        as_of,
        banks,
        merchants: 0,
        counts: BTreeMap::new(),
        scores: Scores::default(),
    };
    let listed = list_scores(conn, kinds, card, as_of, None, |history, given| {
        count.merchant(history, given);
        Ok::<_, Infallible>(())
    })?;
    if let Err(never) = listed {
        match never {}
    }
    let mut summary = count.into_json(folders);
    let lines = list_lines(conn, kinds, card, as_of, None)?;
    if let Some(Value::Object(counts)) = summary.get_mut(CREDIT_LINES) {
        counts.extend(total(&lines));
    }
    summary.insert("subsidy".to_owned(), subsidy(conn)?);
    Ok(summary)
}

/// What the lines of all banks add up to, whatever has become of them. Money of another currency is not added.
fn total(lines: &[Listed]) -> Map<String, Value> {
    let merchants: BTreeSet<_> = lines.iter().map(|line| line.judged.line.uscc).collect();
    let in_yuan = || {
        lines
            .iter()
            .map(|line| &line.judged)
            .filter(|one| one.line.terms.is_in_yuan())
    };
    // Sums of fen that no count of lines can make wrap.
    let sum = |money: &dyn Fn(&Judged) -> Money| {
        in_yuan()
            .map(|one| i128::from(money(one).fen()))
            .sum::<i128>()
    };
    let yuan = |fen: i128| json!(i64::try_from(fen).ok().map(Money::from_fen));
    let flagged = |flag| json!(lines.iter().filter(|line| line.judged.has(flag)).count());
    let totals = [
        ("merchants", json!(merchants.len())),
        ("limit_total", yuan(sum(&|one| one.usage.limit))),
        (
            "drawn_total",
            yuan(sum(&|one| one.usage.drawn.unwrap_or(Money::ZERO))),
        ),
        ("over_cap_when_granted", flagged(Flag::OverCapWhenGranted)),
        ("over_cap_now", flagged(Flag::OverCapNow)),
    ];
    totals
        .map(|(key, value)| (key.to_owned(), value))
        .into_iter()
        .collect()
}

/// The claims of all programmes, but for those that came to nothing: what is left of them.
fn subsidy(conn: &mut Conn) -> Result<Value, StoreError> {
    let (mut merchants, mut claims, mut total) = (0u64, 0u64, Money::ZERO);
    let (mut last, mut last_claim) = (None, None);
    let listed = list_claims(conn, &Filter::default(), |uscc, claim| {
        if claim.remaining > Money::ZERO {
            // A difference is not a claim more, but a part of one.
            let of = (claim.acquirer.clone(), claim.month, claim.programme.clone());
            let of = Some((uscc, of));
            claims += u64::from(last_claim != of);
            last_claim = of;
            merchants += u64::from(last.replace(uscc) != Some(uscc));
            total = total.plus(claim.remaining)?;
        }
        Ok::<_, MoneyError>(())
    })?;
    listed.map_err(|error| StoreError::Content(format!("claim: {error}")))?;
    Ok(json!({"merchants": merchants, "claims": claims, "total": total}))
}

struct Count<'a> {
    kinds: &'a Kinds,
    card: &'a Scorecard,
    as_of: Day,
    banks: BTreeSet<String>,
    merchants: u64,
    counts: BTreeMap<(&'static str, &'static str), u64>,
    scores: Scores,
}

/// How many merchants stand where.
#[derive(Debug, Default)]
struct Scores {
    merchants: u64,
    standings: BTreeMap<&'static str, u64>,
    tiers: BTreeMap<String, u64>,
    sum: i64,
}

impl Count<'_> {
    fn merchant(&mut self, history: &History, given: Option<&Given>) {
        self.merchants += 1;
        for (kind, key, column, word) in WORDS {
            self.count(history, kind, key, |declared, fact| {
                text(declared, fact, column) == word
            });
        }
        let as_of = self.as_of;
        for (kind, from, until) in OPEN {
            self.count(history, kind, "open", |declared, fact| {
                let day = |id| {
                    declared
                        .column(id)
                        .and_then(|place| fact.value(place).as_day())
                };
                day(from).is_some_and(|from| from <= as_of)
                    && day(until).is_none_or(|until| as_of < until)
            });
        }
        if self
            .kinds
            .index("statements")
            .is_some_and(|kind| !history.of(kind).is_empty())
        {
            *self.counts.entry(("statements", "merchants")).or_default() += 1;
        }
        let banks = self.banks.clone();
        let purpose = self.card.statement_purpose().unwrap_or_default().to_owned();
        let live = |declared: &Kind, fact: &Fact, holds: &dyn Fn(&Authorisation) -> bool| {
            Authorisation::read(declared, &fact.values)
                .is_some_and(|one| one.is_live_on(as_of) && holds(&one))
        };
        self.count(history, AUTHORISATIONS, "live_to_bank", |declared, fact| {
            live(declared, fact, &|one| banks.contains(&*one.party))
        });
        self.count(
            history,
            AUTHORISATIONS,
            "live_for_scoring",
            |declared, fact| {
                live(declared, fact, &|one| {
                    one.purposes.split(';').any(|word| word.trim() == purpose)
                })
            },
        );
        self.score(given);
    }

    fn count(
        &mut self,
        history: &History,
        kind: &'static str,
        key: &'static str,
        holds: impl Fn(&Kind, &Fact) -> bool,
    ) {
        let Some(index) = self.kinds.index(kind) else {
            return;
        };
        let declared = self.kinds.get(index);
        let found = history
            .of(index)
            .iter()
            .filter(|fact| holds(declared, fact))
            .count();
        *self.counts.entry((kind, key)).or_default() += found as u64;
    }

    fn score(&mut self, given: Option<&Given>) {
        let Some(given) = given else { return };
        let assessment = &given.assessment;
        self.scores.merchants += 1;
        self.scores.sum += i64::from(assessment.score);
        *self
            .scores
            .standings
            .entry(assessment.standing.as_str())
            .or_default() += 1;
        if let Some(tier) = assessment.tier {
            *self.scores.tiers.entry(tier.to_string()).or_default() += 1;
        }
    }

    fn into_json(self, folders: &BTreeMap<String, LastFolder>) -> Map<String, Value> {
        let mut summary = Map::new();
        summary.insert("as_of".to_owned(), json!(self.as_of));
        for (index, kind) in self.kinds.iter() {
            let folder = folders.get(&*kind.id).copied().unwrap_or_default();
            let mut counts = Map::new();
            counts.insert("rows".to_owned(), json!(folder.read.rows));
            if index == self.kinds.roster() {
                counts.insert(
                    "accepted".to_owned(),
                    json!(folder.read.rows - folder.refused),
                );
                counts.insert("merchants".to_owned(), json!(self.merchants));
            }
            counts.insert("refused".to_owned(), json!(folder.refused));
            counts.insert(
                "unknown_merchant".to_owned(),
                json!(folder.read.unknown_merchant),
            );
            counts.insert("repeated_rows".to_owned(), json!(folder.read.repeated));
            for ((_, key), count) in self.counts.iter().filter(|((of, _), _)| *of == &*kind.id) {
                counts.insert((*key).to_owned(), json!(count));
            }
            summary.insert(kind.id.to_string(), Value::Object(counts));
        }
        summary.insert("scores".to_owned(), self.scores.into_json(self.card));
        summary
    }
}

impl Scores {
    fn into_json(self, card: &Scorecard) -> Value {
        let standings = [
            Standing::Rated,
            Standing::Insufficient,
            Standing::NotCertified,
            Standing::RedLine,
        ];
        let standing: Map<String, Value> = standings
            .iter()
            .map(|one| {
                (
                    one.to_string(),
                    json!(self.standings.get(one.as_str()).copied().unwrap_or(0)),
                )
            })
            .collect();
        let tiers: Map<String, Value> = card
            .tiers()
            .iter()
            .map(|rule| rule.tier.to_string())
            .map(|tier| {
                (
                    tier.clone(),
                    json!(self.tiers.get(&tier).copied().unwrap_or(0)),
                )
            })
            .collect();
        json!({
            "merchants": self.merchants,
            "standing": standing,
            "tiers": tiers,
            "score_sum": self.sum,
        })
    }
}

fn text<'f>(kind: &Kind, fact: &'f Fact, column: &str) -> &'f str {
    kind.column(column)
        .map_or("", |place| fact.value(place).as_text())
}
