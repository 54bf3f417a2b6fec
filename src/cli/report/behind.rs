//! `daishan report --behind`: the list behind a figure. Its rows are counted, or their amounts summed: nothing else is in
//! the figure.

use crate::app::App;
use crate::cli::Failed;
use crate::cli::progress::Progress;
use crate::cli::scores::Format;
use crate::cli::table::List;
use crate::flows::report::{Asked, Reporting};
use crate::ledger::Account;
use crate::report::dimension::NOT_RECONSTRUCTABLE;
use crate::report::figure::{Share, Source, Unit};
use crate::report::{
    Acquiring, ClaimStand, Dimension, Figure, Item, LineStand, Scored, Seen, Stand, What,
};
use crate::scorecard::Scorecard;
use serde_json::{Value, json};

const MERCHANT: [&str; 4] = ["uscc", "town", "district", "tier"];

const SCORES: &[&str] = &[
    "uscc",
    "town",
    "district",
    "tier",
    "standing",
    "score",
    "band",
    "tier_before",
    "standing_before",
    "score_before",
    "band_before",
];

const ACQUIRING: &[&str] = &[
    "uscc",
    "town",
    "district",
    "tier",
    "first_month",
    "last_month",
];

const CLAIMS: &[&str] = &[
    "uscc",
    "town",
    "district",
    "tier",
    "amount",
    "programme",
    "acquirer",
    "month",
    "reserved",
    "payable",
    "paid",
    "clawed_back",
];

/// Flags among them, so that an override is marked wherever a line is listed.
pub(super) const LINES: &[&str] = &[
    "uscc",
    "town",
    "district",
    "tier",
    "amount",
    "bank",
    "agreement",
    "product",
    "state",
    "flags",
    "overridden",
    "limit",
    "drawn",
    "currency",
    "tier_when_granted",
    "tier_when_granted_is",
    "limit_when_granted",
    "cap_when_granted",
    "excess_when_granted",
    "cap_now",
    "excess_now",
    "position_on",
    "days_overdue",
    "classification",
    "score_when_granted",
];

/// The columns of a figure's list. A list of merchants that have something has one row a merchant.
fn columns(figure: Figure) -> &'static [&'static str] {
    match (figure.source(), figure.unit()) {
        (Source::Scores, _) => SCORES,
        (Source::Acquiring, _) => ACQUIRING,
        (Source::Claims | Source::Lines, Unit::Merchants) => &MERCHANT,
        (Source::Claims, _) => CLAIMS,
        (Source::Lines, _) => LINES,
    }
}

pub(super) fn list(
    app: &App,
    card: &Scorecard,
    asked: &Asked,
    figure: Figure,
    format: Format,
) -> Result<(), Failed> {
    let progress = Progress::default();
    let reporting = Reporting {
        kinds: &app.kinds,
        card,
        asked,
        watch: &progress,
    };
    // Nothing is printed before there is something to print: a date or a group may turn out not to be.
    let mut list: Option<List> = None;
    let mut seen = Seen::default();
    let mut add = |item: &Item| {
        let Some(share) = figure.share(item) else {
            return Ok(());
        };
        if figure.unit() == Unit::Merchants && !seen.is_new(item) {
            return Ok(());
        }
        let list = match &mut list {
            Some(list) => list,
            None => list.insert(List::new(format, columns(figure))?),
        };
        list.add(row(figure, item, share))
    };
    let listed = app.store.read(|conn| reporting.each(conn, &mut add));
    listed.map_err(Failed::new)??;
    match list {
        Some(list) => list.end(),
        None => List::new(format, columns(figure))?.end(),
    }
}

fn row(figure: Figure, item: &Item, share: Share) -> Vec<Value> {
    let mut row = merchant(item);
    if columns(figure) == MERCHANT {
        return row;
    }
    let amount = match share {
        Share::One => Value::Null,
        Share::Money(money) => json!(money),
    };
    match &item.what {
        What::Scored(scored) => row.extend(of_scores(scored)),
        What::Acquiring(acquiring) => row.extend(of_acquiring(acquiring)),
        What::Claim(claim) => row.extend(of_claim(claim, amount)),
        What::Line(line) => row.extend(of_line(item, line, amount)),
    }
    row
}

/// A line as the lists have it, without an amount.
pub(super) fn line(item: &Item) -> Vec<Value> {
    row(Figure::Lines, item, Share::One)
}

fn merchant(item: &Item) -> Vec<Value> {
    let blank = |text: &String| (!text.is_empty()).then(|| text.clone());
    vec![
        json!(item.uscc),
        json!(blank(&item.place.town)),
        json!(blank(&item.place.area)),
        json!(item.tier),
    ]
}

fn of_scores(scored: &Scored) -> [Value; SCORES.len() - MERCHANT.len()] {
    let (now, before) = (scored.now, scored.before);
    let standing = |stand: Option<Stand>| json!(stand.map(|it| it.standing));
    let score = |stand: Option<Stand>| json!(stand.map(|it| it.score));
    let band = |stand: Option<Stand>| json!(stand.and_then(|it| it.band));
    [
        standing(now),
        score(now),
        band(now),
        json!(before.and_then(|it| it.tier)),
        standing(before),
        score(before),
        band(before),
    ]
}

fn of_acquiring(acquiring: &Acquiring) -> [Value; ACQUIRING.len() - MERCHANT.len()] {
    [acquiring.first, acquiring.last].map(|month| json!(month.to_string()))
}

fn of_claim(claim: &ClaimStand, amount: Value) -> [Value; CLAIMS.len() - MERCHANT.len()] {
    let of = |account| json!(claim.balances.of(account));
    [
        amount,
        json!(claim.programme),
        json!(claim.acquirer),
        json!(claim.month.to_string()),
        of(Account::Reserved),
        of(Account::Payable),
        of(Account::Paid),
        of(Account::ClawedBack),
    ]
}

fn of_line(item: &Item, line: &LineStand, amount: Value) -> [Value; LINES.len() - MERCHANT.len()] {
    let judged = &line.judged;
    let known = &judged.line;
    let position = known.positions.last();
    let granted = Dimension::TierWhenGranted.group(item);
    let granted = granted.filter(|tier| !tier.is_empty() && *tier != NOT_RECONSTRUCTABLE);
    let overridden = if line.is_overridden() { "yes" } else { "no" };
    [
        amount,
        json!(line.bank),
        json!(known.agreement),
        json!(line.product),
        json!(judged.state),
        json!(judged.flags),
        json!(overridden),
        json!(judged.usage.limit),
        json!(judged.usage.drawn),
        json!(known.terms.currency),
        json!(granted),
        json!(judged.when_granted.basis()),
        json!(known.granted.limit),
        json!(line.cap_when_granted),
        json!(line.excess_when_granted()),
        json!(line.cap_now),
        json!(line.excess_now()),
        json!(position.map(|last| last.on)),
        json!(position.and_then(|last| last.days_overdue)),
        json!(position.map(|last| &last.classification)),
        json!(line.score_when_granted),
    ]
}
