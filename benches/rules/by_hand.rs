//! The card of scorecard.md as a programmer would write it down for good: nothing of it is data.

use daishan_credit::scorecard::{Mark, Outcome, Reach, Reading};

/// What the card gives, with the reasons ranked.
pub struct ByHand {
    pub score: i32,
    reasons: [(u16, i32); 12],
    count: usize,
}

impl ByHand {
    /// Characteristic and gap, the dearest first.
    pub fn reasons(&self) -> &[(u16, i32)] {
        &self.reasons[..self.count]
    }
}

const MAXIMA: [i32; 12] = [80, 40, 80, 230, 90, 80, 100, 80, 60, 50, 40, 70];

/// Scores the twelve features of a merchant.
pub fn score(outcomes: &[Outcome]) -> ByHand {
    let mut all = ByHand {
        score: 0,
        reasons: [(0, 0); 12],
        count: 0,
    };
    for (place, outcome) in outcomes.iter().enumerate() {
        let points = points(place, *outcome);
        all.score += points;
        let gap = MAXIMA[place] - points;
        if gap > 0 {
            all.reasons[all.count] = (place as u16, gap);
            all.count += 1;
        }
    }
    all.reasons[..all.count].sort_by_key(|(_, gap)| std::cmp::Reverse(*gap));
    all
}

fn points(place: usize, outcome: Outcome) -> i32 {
    use Mark::{FiledInTime, FiledLate, NotApplicable, NotDue, NotFiled, Open, Unknown};
    use Reading::{Mark as Is, Number};
    let Outcome { reading, reach } = outcome;
    let known = match (place, reading) {
        (0, Number(months)) => match months {
            120.. => 80,
            60.. => 70,
            36.. => 55,
            24.. => 45,
            12.. => 30,
            _ => 15,
        },
        (1, Is(NotDue | FiledInTime)) => 40,
        (1, Is(FiledLate)) => 20,
        (1, Is(Unknown)) => 28,
        (1, Is(NotFiled) | _) => 0,
        (2, Is(Open)) => return 0,
        (2, Number(..12)) => 40,
        (2, Number(12..24)) => 60,
        (2, _) => 80,
        (3, Number(sum)) => match sum {
            ..=0 => 230,
            1..600_000 => 190,
            600_000..=1_000_000 => 160,
            1_000_001..2_000_000 => 115,
            2_000_000..3_000_000 => 60,
            _ => 0,
        },
        (4, Number(sum)) => match sum {
            ..=0 => 90,
            1..500_000 => 75,
            500_000..=1_000_000 => 58,
            1_000_001..=2_000_000 => 32,
            _ => 0,
        },
        (4, _) => 70,
        (5, Is(NotApplicable)) => return 80,
        (5, Number(0)) => 80,
        (5, Number(1)) => 27,
        (5, Number(_)) => 0,
        (5, _) => 60,
        (6, Number(rate)) => match rate {
            ..=0 => 100,
            1..=200 => 90,
            201..=500 => 75,
            501..=1_000 => 55,
            1_001..=2_000 => 30,
            _ => 0,
        },
        (7, Number(share)) => match share {
            9_000.. => 80,
            7_500.. => 65,
            6_000.. => 45,
            4_500.. => 25,
            _ => 0,
        },
        (7, _) => 80,
        (8, Number(months)) => match months {
            36.. => 60,
            24.. => 52,
            12.. => 44,
            _ => 32,
        },
        (9, Number(days)) => match days {
            7.. => 50,
            1.. => 30,
            _ => 0,
        },
        (9, Is(Unknown)) => 25,
        (9, _) => 50,
        (10, Number(broken)) => match broken {
            ..=0 => 40,
            1 => 15,
            _ => 0,
        },
        (10, _) => 32,
        (11, Number(months)) => match months {
            9.. => 70,
            6.. => 60,
            3.. => 45,
            _ => 30,
        },
        (11, _) => 48,
        _ => 0,
    };
    match (place, reach) {
        (11, Reach::Partial) => known.max(48),
        (2, Reach::Incomplete) => known.min(60),
        (3, Reach::Incomplete) => known.min(190),
        (4, Reach::Incomplete) => known.min(70),
        (5, Reach::Incomplete) => known.min(60),
        (6, Reach::Incomplete) => known.min(80),
        (7, Reach::Incomplete) => known.min(65),
        (10, Reach::Incomplete) => known.min(32),
        _ => known,
    }
}
