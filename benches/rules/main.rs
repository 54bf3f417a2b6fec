//! How fast the rules are: `cargo bench --bench rules`. The card alone is measured beside a hand-written `match` of the
//! same card, and the ratio of the two is printed from the same run.
#![allow(
    clippy::unwrap_used,
    clippy::float_arithmetic,
    reason = "a measurement stops at the first surprise"
)]

mod by_hand;
mod county;

use criterion::Criterion;
use daishan_credit::kernel::Uscc;
use daishan_credit::scorecard::{FeatureScore, Outcome};
use std::hint::black_box;
use std::time::{Duration, Instant};

fn main() {
    let county = county::County::of_the_sample();
    let outcomes = county.outcomes();
    agree(&county, &outcomes);
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(30)
        .configure_from_args();
    scoring(&mut criterion, &county, &outcomes);
    doors(&mut criterion);
    criterion.final_summary();
    ratio(&county, &outcomes);
}

fn scoring(criterion: &mut Criterion, county: &county::County, outcomes: &[Vec<Outcome>]) {
    let mut turn = 0;
    criterion.bench_function("score one history", |bencher| {
        bencher.iter(|| {
            turn = (turn + 1) % county.histories.len();
            black_box(county.assess(turn))
        });
    });
    criterion.bench_function("score one history and find its next change", |bencher| {
        bencher.iter(|| {
            turn = (turn + 1) % county.histories.len();
            black_box(county.give(turn))
        });
    });
    let mut into = FeatureScore::default();
    criterion.bench_function("the card alone, with ranked reasons", |bencher| {
        bencher.iter(|| {
            turn = (turn + 1) % outcomes.len();
            let card = county.card();
            card.score_features_into(&outcomes[turn], &mut into)
                .unwrap();
            black_box(into.score)
        });
    });
    criterion.bench_function("the same card by hand", |bencher| {
        bencher.iter(|| {
            turn = (turn + 1) % outcomes.len();
            black_box(by_hand::score(&outcomes[turn]).score)
        });
    });
}

fn doors(criterion: &mut Criterion) {
    criterion.bench_function("parse a USCC", |bencher| {
        bencher.iter(|| Uscc::parse(black_box("91330100716105852F")).unwrap());
    });
    let token = county::Token::new();
    criterion.bench_function("verify a token for the first time", |bencher| {
        bencher.iter(|| token.verify_anew());
    });
    criterion.bench_function("verify a token that is remembered", |bencher| {
        bencher.iter(|| token.remembered());
    });
}

/// The card written by hand must say what the card says, or it is no yardstick.
fn agree(county: &county::County, outcomes: &[Vec<Outcome>]) {
    for outcomes in outcomes {
        let card = county.card().score_features(outcomes).unwrap();
        let hand = by_hand::score(outcomes);
        assert_eq!(card.score, hand.score);
        let reasons = card.reasons.iter();
        let ranked: Vec<(u16, i32)> = reasons
            .map(|reason| (reason.characteristic, reason.gap))
            .collect();
        assert_eq!(ranked, hand.reasons());
    }
}

/// Turn and turn about in one run, so that a slow moment strikes both.
fn ratio(county: &county::County, outcomes: &[Vec<Outcome>]) {
    let (mut by_card, mut by_hand) = (Duration::ZERO, Duration::ZERO);
    let (card, mut into) = (county.card(), FeatureScore::default());
    for _ in 0..1_000 {
        let begun = Instant::now();
        for outcomes in outcomes {
            card.score_features_into(black_box(outcomes), &mut into)
                .unwrap();
            black_box(&into);
        }
        by_card += begun.elapsed();
        let begun = Instant::now();
        for outcomes in outcomes {
            black_box(by_hand::score(black_box(outcomes)));
        }
        by_hand += begun.elapsed();
    }
    let share = by_hand.as_secs_f64() / by_card.as_secs_f64() * 100.0;
    println!("the card is {share:.0} % as fast as the same card by hand (aim: at least 50 %)");
}
