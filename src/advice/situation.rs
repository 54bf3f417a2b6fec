//! What ought to be advised about a merchant's lines as things stand: asked anew each time, whatever was advised before.

use super::{Action, Advice, Advised, Cause, Fall};
use crate::intake::county::Product;
use crate::kernel::{Day, Id};

/// What stands against a merchant on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    pub red_line: bool,
    /// The certification was revoked, or has ended and no other is in force.
    pub revoked: bool,
    /// The days of the falls that count.
    pub fell_on: Vec<Day>,
}

/// A line that is not over, as far as advice asks.
#[derive(Clone, Copy, Debug)]
pub struct LineInView<'a> {
    pub starts_on: Day,
    /// None where the bank has no product of that name: then nothing is advised.
    pub product: Option<&'a Product>,
}

/// What is to be made and what is to be lifted of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ought {
    pub make: Vec<(Cause, Action, Day)>,
    pub lift: Vec<Id<Advice>>,
}

impl Situation {
    pub fn new(red_line: bool, revoked: bool, falls: &[Fall], today: Day) -> Self {
        let counting = falls.iter().filter(|fall| fall.counts(today));
        Self {
            red_line,
            revoked,
            fell_on: counting.map(|fall| fall.fell_on).collect(),
        }
    }

    /// Since when a cause stands for a line; none where it does not. A line that was granted after the tier had fallen was
    /// granted by the tier that it fell to.
    fn since(&self, cause: Cause, starts_on: Day, today: Day) -> Option<Day> {
        match cause {
            Cause::RedLine => self.red_line.then_some(today),
            Cause::CertificationRevoked => self.revoked.then_some(today),
            Cause::TierDrop => {
                let falls = self.fell_on.iter().copied();
                falls.filter(|fell_on| starts_on <= *fell_on).min()
            }
        }
    }

    /// Whether something heavier hides a cause: then it is neither seen anew nor seen to be gone.
    const fn hides(&self, cause: Cause) -> bool {
        match cause {
            Cause::RedLine => false,
            Cause::CertificationRevoked => self.red_line,
            Cause::TierDrop => self.red_line || self.revoked,
        }
    }

    /// What ought to become of a line, beside the advice about it that has not been lifted.
    pub fn ought(&self, line: LineInView<'_>, known: &[&Advised], today: Day) -> Ought {
        let mut ought = Ought::default();
        for cause in Cause::ALL {
            if self.hides(cause) {
                continue;
            }
            let known = known.iter().find(|advice| advice.cause == cause);
            match (self.since(cause, line.starts_on, today), known) {
                (Some(since), None) => {
                    let action = line.product.and_then(|product| cause.action(product));
                    ought
                        .make
                        .extend(action.map(|action| (cause, action, since)));
                }
                (None, Some(advice)) => ought.lift.push(advice.id),
                // Worse again, it is the same advice still.
                (Some(_), Some(_)) | (None, None) => {}
            }
        }
        ought
    }

    /// Whether anything stands.
    pub const fn is_clear(&self) -> bool {
        !self.red_line && !self.revoked && self.fell_on.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::county::{OnEvent, Sizing};
    use crate::kernel::{Instant, Uscc};

    const TODAY: Day = Day::from_number(20_000);

    fn day(offset: i32) -> Day {
        TODAY.plus_days(offset)
    }

    fn product() -> Product {
        Product {
            bank: "b".to_owned(),
            id: "p".to_owned(),
            name: "p".to_owned(),
            revolving: true,
            cap: Vec::new(),
            term_months: vec![12],
            spread_basis_points: vec![60],
            sizing: Sizing::Bank,
            on_tier_drop: OnEvent::Review,
            on_red_line: OnEvent::FreezeDraws,
        }
    }

    fn ought(situation: &Situation, starts_on: Day, known: &[&Advised]) -> Ought {
        let product = product();
        let product = Some(&product);
        let line = LineInView { starts_on, product };
        situation.ought(line, known, TODAY)
    }

    fn advised(cause: Cause) -> Advised {
        Advised {
            bank: "b".to_owned(),
            id: Id::from_bytes([cause as u8; 16]),
            agreement: "X".to_owned(),
            merchant: Id::from_bytes([0; 16]),
            uscc: Uscc::parse("92330921MA000DT152").unwrap(),
            cause,
            action: Action::Review,
            since: TODAY,
            made_at: Instant::from_micros(0),
            acknowledged: None,
            lifted_at: None,
        }
    }

    fn made(situation: &Situation, starts_on: Day, known: &[&Advised]) -> Vec<(Cause, Day)> {
        let made = ought(situation, starts_on, known).make.into_iter();
        made.map(|(cause, _, since)| (cause, since)).collect()
    }

    #[test]
    fn the_heaviest_cause_hides_the_others() {
        let mut all = Situation {
            red_line: true,
            revoked: true,
            fell_on: vec![day(-3)],
        };
        assert_eq!(made(&all, day(-9), &[]), [(Cause::RedLine, TODAY)]);
        all.red_line = false;
        assert_eq!(
            made(&all, day(-9), &[]),
            [(Cause::CertificationRevoked, TODAY)]
        );
        all.revoked = false;
        assert_eq!(made(&all, day(-9), &[]), [(Cause::TierDrop, day(-3))]);
    }

    #[test]
    fn what_is_hidden_is_not_lifted_and_what_is_gone_is() {
        let (drop, red) = (advised(Cause::TierDrop), advised(Cause::RedLine));
        let red_line = Situation {
            red_line: true,
            ..Situation::default()
        };
        let found = ought(&red_line, TODAY, &[&drop, &red]);
        assert_eq!(found, Ought::default());
        let found = ought(&Situation::default(), TODAY, &[&drop, &red]);
        assert_eq!(found.lift, [drop.id, red.id]);
        assert!(found.make.is_empty());
    }

    #[test]
    fn a_product_says_what_is_advised_and_none_is_nothing() {
        let situation = Situation {
            red_line: true,
            ..Situation::default()
        };
        let mut product = product();
        let with = |product: Option<&Product>| {
            let starts_on = TODAY;
            let line = LineInView { starts_on, product };
            situation.ought(line, &[], TODAY).make
        };
        let freeze = vec![(Cause::RedLine, Action::FreezeDraws, TODAY)];
        assert_eq!(with(Some(&product)), freeze);
        assert_eq!(with(None), []);
        product.on_red_line = OnEvent::None;
        assert_eq!(with(Some(&product)), []);
    }

    #[test]
    fn a_line_that_was_granted_after_the_fall_is_not_advised_about_it() {
        let fell = Situation {
            fell_on: vec![day(-5), day(-2)],
            ..Situation::default()
        };
        assert_eq!(made(&fell, day(-9), &[]), [(Cause::TierDrop, day(-5))]);
        assert_eq!(made(&fell, day(-4), &[]), [(Cause::TierDrop, day(-2))]);
        assert_eq!(made(&fell, day(-1), &[]), []);
        assert_eq!(made(&fell, day(-9), &[&advised(Cause::TierDrop)]), []);
    }
}
