//! 评分卡: the card, which is data, and the scoring of a history on a day, which is pure.
//!
//! The words are those of PMML's Scorecard. A score is a function of the facts known, the coverage known, the card
//! and the day: the same four give the same bytes, for ever. There are no floats.
//!
//! # How a card is written
//!
//! A card is a TOML file (`config/scorecards/ID-VERSION.toml`). It has, in this order:
//!
//! - **Head**: `id`, `version`, `name`, `in_force_from`, `initial_score`, `max_score` (checked),
//!   `reason_code_algorithm` (`points_below`, or `points_above`), `stale_after_days` (how old a feed may be),
//!   `opened` (the facts from whose earliest date a merchant is open).
//! - **`[[condition]]`** `id`, `of` (a register of `config/kinds/`), `where`: a condition with a name.
//! - **`[[facts]]`** `id`, `of`, `date`, `months`, `where`, `stops`: facts that count. They count from `date` on, for
//!   `months` months (`d <= t < addmonths(d, months)`), where the condition holds, until a day on which they stop.
//!   Without `date` they count on every day.
//! - **`[[statements]]`** `id`, `of`, `month`, `months`, `usable_days`, `authorised`: monthly statements, each
//!   party's months covered by itself. `authorised` is a `[[facts]]` table with the `purpose` that
//!   must be among those of the column `purposes`.
//! - **`[[characteristic]]`** `id`, `name`, `max` (checked), `baseline_score`, `reason_code`, `feature`, and where
//!   the register may fall silent `feed = { kind, months }`, `neutral` and `missing_reason`; then
//!   `[[characteristic.attribute]]`, tried in order.
//! - **`[standing]`** (it may be empty) `certified`, `least_months_in_business`, `least_completeness`, `complete`;
//!   **`[[red_line]]`** `id`, `name`, `facts`, `unless_any`; **`[[tier]]`** `id`, `name`, `from`, best first;
//!   **`[[tier_cap]]`** `facts`, `months`, `where`, `at_most`.
//!
//! A *condition* is one of `{ column, is = word }`, `in = [words]`, `any_in` and `all_in` (over words joined by `;`),
//! `present = true or false`, `same_as = column`, `later_than = column`, `at_least`, `at_most` (a number, or yuan as
//! `"500.00"`), `{ all = [..] }`, `{ any = [..] }`, `{ not = {..} }`, `{ named = id }`.
//!
//! A *stop* is `{ on = column }` (it no longer counts on that day) or `{ after = column }` (on the day itself it still
//! does), with `plus_months`, `where`, and `rule_from` (the day from which this rule is in force).
//!
//! A *feature* has a `kind`:
//!
//! | kind | says |
//! |---|---|
//! | `months_since` | months since the `pick = "earliest"` or `"latest"` date of `facts`; mark `none` |
//! | `open_interval` | mark `open`; months since the latest `end`; mark `none` |
//! | `weighted_sum` | sum of `weights = [{ weight, where }]` (first that holds), with `half_life_months` decayed and in millionths; mark `none` |
//! | `count` | how many of `facts` meet `counting`; mark `none` where there are no facts |
//! | `smoothed_share` | (`good` + `prior_good`) / (`good` + `bad` + `prior_good` + `prior_bad`) in parts of `scale`; mark `none` |
//! | `rate` | `facts` x `scale` / `denominator = { statements, sum, at_least }` |
//! | `lowest` | the lowest number in `column`; marks `none`, `unknown` |
//! | `latest_value` | number or word in `column` of the latest of `facts`; marks `none`, `unknown` |
//! | `periodic_report` | marks `not_due`, `not_filed`, `no_report`, `unknown`, `filed_in_time`, `filed_late` |
//! | `active_months` | months of the `statements`' window that meet `active = [{ sum, less, at_least }]`; mark `unknown` |
//!
//! `when_none` gives a number instead of the mark `none`; `applies_if_any` turns `none` into `not_applicable` where no
//! fact of those named is there.
//!
//! An *attribute* tests `at_least`, `above`, `at_most`, `below`, `equals`, `mark`, `marks`, `word`, `words` or
//! `otherwise = true`, and gives `partial_score`; it may have `reason_code` and `reason`. `missing = true`: not known,
//! completeness suffers. `not_applicable = true`: full points. `never_missing = true`: holds however far the feed
//! reaches. Otherwise, where the feed does not reach, the characteristic is missing and gives the lower of `neutral`
//! and the attribute's points.

mod assess;
mod attribute;
mod attribute_coverage;
mod characteristic;
mod condition;
mod decay;
mod feature;
mod feed;
mod inputs;
mod names;
mod next_change;
mod outcome;
mod read;
mod reader;
mod reasons;
mod selection;
mod standing;
mod statements;
#[cfg(test)]
mod tests;
mod tier;

pub use assess::{Assessment, BeforeFirstDay, Evidence, FeatureScore, NoAttribute, RedLine};
pub use attribute::Attribute;
pub use attribute_coverage::AttributeCoverage;
pub use characteristic::{Characteristic, Part, PartState};
pub use outcome::{Mark, OTHER_WORD, Outcome, Reach, Reading};
pub use reader::CardFault;
pub use reasons::{Reason, ReasonCodeAlgorithm};
pub use standing::{NotAStanding, RedLineRule, Standing};
pub use tier::{Tier, TierRule};

use crate::kernel::{Bilingual, Day, Digest};
use crate::register::History;

/// A card, compiled once.
#[derive(Debug)]
pub struct Scorecard {
    id: Box<str>,
    version: Box<str>,
    name: Bilingual,
    in_force_from: Day,
    initial_score: i32,
    max_score: i32,
    fresh_days: i32,
    algorithm: ReasonCodeAlgorithm,
    opened: usize,
    characteristics: Box<[Characteristic]>,
    rules: standing::Rules,
    sources: feature::Sources,
    kinds_read: Box<[inputs::KindRead]>,
    digest: Digest,
}

impl Scorecard {
    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    pub const fn name(&self) -> &Bilingual {
        &self.name
    }

    /// The first day that may be scored.
    pub const fn in_force_from(&self) -> Day {
        self.in_force_from
    }

    pub const fn initial_score(&self) -> i32 {
        self.initial_score
    }

    /// The score of a merchant whom nothing costs points.
    pub const fn max_score(&self) -> i32 {
        self.max_score
    }

    /// How many days a feed may lie back before its silence means nothing.
    pub const fn stale_after_days(&self) -> i32 {
        self.fresh_days
    }

    /// In document order.
    pub const fn characteristics(&self) -> &[Characteristic] {
        &self.characteristics
    }

    /// In the order in which they are told.
    pub const fn red_lines(&self) -> &[RedLineRule] {
        &self.rules.red_lines
    }

    /// Best first.
    pub const fn tiers(&self) -> &[TierRule] {
        &self.rules.tiers
    }

    /// The tier of that name.
    pub fn tier(&self, name: &str) -> Option<Tier> {
        let mut tiers = self.rules.tiers.iter().map(|rule| rule.tier);
        tiers.find(|tier| tier.as_str() == name)
    }

    /// What a merchant must have authorised for its statements to be used: 收单流水评分.
    pub fn statement_purpose(&self) -> Option<&str> {
        let first = self.sources.statements.first();
        first.map(|statements| &*statements.purpose)
    }

    /// The digest of the card's text.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The day on which the merchant opened, in its own register's words.
    pub fn opened_on(&self, history: &History) -> Option<Day> {
        let selection = &self.sources.selections[self.opened];
        selection
            .ever(history)
            .filter_map(|fact| selection.date(fact))
            .min()
    }

    /// The earliest certification in force on a day; none where none is.
    pub fn certified_since(&self, history: &History, t: Day) -> Option<Day> {
        let selection = &self.sources.selections[self.rules.certified?];
        selection
            .counted(history, t)
            .filter_map(|fact| selection.date(fact))
            .min()
    }
}
