//! Tests of the room as a whole.

mod expected;
mod faults;
mod generated;
mod pmml;
mod properties;
mod sample;
mod texts;

use super::Scorecard;
use crate::register::Kinds;

const DAISHAN: &str = include_str!("../../../config/scorecards/daishan-2026.1.toml");

fn card(kinds: &Kinds) -> Scorecard {
    Scorecard::parse("daishan-2026.1.toml", DAISHAN, kinds).unwrap_or_else(|faults| {
        let texts: Vec<String> = faults.iter().map(ToString::to_string).collect();
        panic!("{}", texts.join("\n"))
    })
}
