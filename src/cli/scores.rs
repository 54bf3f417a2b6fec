//! `daishan scores`: the scores of all merchants on a date.

use super::{Context, Failed};
use crate::app::App;
use crate::flows::list_scores::list_scores;
use crate::kernel::{Day, Instant};
use crate::register::History;
use crate::score::Given;
use crate::scorecard::Scorecard;
use crate::store::{Failure, StoreError};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use std::io::{BufWriter, Write};

/// 列出某日全部商户的评分 · List the scores of all merchants on a date
#[derive(Args)]
pub struct ScoresCommand {
    #[command(flatten)]
    when: When,
    /// 输出格式 · The form of the list
    #[arg(long, value_enum)]
    format: Format,
}

/// Which day, as known when.
#[derive(Args)]
pub struct When {
    /// 评分日，不写则为营业日 · The date; otherwise the business date
    #[arg(long, value_name = "DATE")]
    as_of: Option<Day>,
    /// 以当时已知的记录评分（RFC 3339） · Score by what was known at that time
    #[arg(long, value_name = "TIME")]
    known_at: Option<Instant>,
}

/// The form of a list.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Csv,
    Json,
}

impl When {
    /// The day asked for, else the business date; what was known when; and the county's card.
    ///
    /// # Errors
    /// Where the county's card is not at hand, or the store fails.
    pub fn settle<'a>(
        &self,
        app: &'a App,
    ) -> Result<(Day, Option<Instant>, &'a Scorecard), Failed> {
        let (as_of, card) = day_and_card(app, self.as_of)?;
        Ok((as_of, self.known_at, card))
    }
}

/// The day asked for, else the business date; and the county's card.
///
/// # Errors
/// Where the county's card is not at hand, or the store fails.
pub fn day_and_card(app: &App, as_of: Option<Day>) -> Result<(Day, &Scorecard), Failed> {
    let today = app
        .store
        .read(|conn| Ok::<_, Failure<StoreError>>(app.today(conn)?));
    let (today, card_name) = today.map_err(Failed::new)?;
    let card = app.cards.get(&card_name).map_err(Failed::new)?;
    Ok((as_of.unwrap_or(today), card))
}

impl ScoresCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        let app = context.app(false)?;
        let (as_of, known_at, card) = self.when.settle(&app)?;
        let mut list = List::new(self.format, card);
        let written = app
            .store
            .read(|conn| {
                list_scores(conn, &app.kinds, card, as_of, known_at, |history, given| {
                    list.add(history, given)
                })
            })
            .map_err(Failed::new)?;
        match written.and_then(|()| list.end()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// A list on its way to stdout; nothing is written before the first merchant has been scored.
struct List<'a> {
    format: Format,
    card: &'a Scorecard,
    out: BufWriter<std::io::Stdout>,
    begun: bool,
}

impl<'a> List<'a> {
    fn new(format: Format, card: &'a Scorecard) -> Self {
        Self {
            format,
            card,
            out: BufWriter::new(std::io::stdout()),
            begun: false,
        }
    }

    fn add(&mut self, history: &History, given: Option<&Given>) -> std::io::Result<()> {
        let Some(given) = given else { return Ok(()) };
        let first = !self.begun;
        self.begin()?;
        let row = row(history, given, self.card);
        match self.format {
            Format::Csv => {
                let cells: Vec<String> = row.iter().map(|(_, value)| cell(value)).collect();
                writeln!(self.out, "{}", cells.join(","))
            }
            Format::Json => {
                let object: Map<String, Value> = row.into_iter().collect();
                write!(
                    self.out,
                    "{}{}",
                    if first { "\n" } else { ",\n" },
                    Value::Object(object)
                )
            }
        }
    }

    fn begin(&mut self) -> std::io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        match self.format {
            Format::Csv => writeln!(self.out, "{}", header(self.card).join(",")),
            Format::Json => write!(self.out, "["),
        }
    }

    fn end(mut self) -> std::io::Result<()> {
        self.begin()?;
        if self.format == Format::Json {
            writeln!(self.out, "\n]")?;
        }
        self.out.flush()
    }
}

const BEFORE: [&str; 7] = [
    "uscc",
    "standing",
    "score",
    "tier",
    "tier_cap",
    "completeness",
    "red_lines",
];
const AFTER: [&str; 2] = ["reasons", "next_change_on"];

fn header(card: &Scorecard) -> Vec<&str> {
    let points = card
        .characteristics()
        .iter()
        .map(|characteristic| &*characteristic.id);
    BEFORE.into_iter().chain(points).chain(AFTER).collect()
}

/// The columns of `expected_scores.csv`, in their order.
fn row(history: &History, given: &Given, card: &Scorecard) -> Vec<(String, Value)> {
    let assessment = &given.assessment;
    let red_line =
        |line: &crate::scorecard::RedLine| &*card.red_lines()[usize::from(line.index)].id;
    let red_lines: Vec<&str> = assessment.red_lines.iter().map(red_line).collect();
    let reason = |reason: &crate::scorecard::Reason| {
        &*card.characteristics()[usize::from(reason.characteristic)].id
    };
    let reasons = card.reasons(assessment);
    let reasons: Vec<&str> = reasons.iter().map(reason).collect();
    let before = [
        json!(history.uscc),
        json!(assessment.standing),
        json!(assessment.score),
        json!(assessment.tier),
        json!(assessment.tier_cap),
        json!(assessment.completeness),
        json!(red_lines),
    ];
    let points = assessment.parts.iter().map(|part| json!(part.points));
    let values = before
        .into_iter()
        .chain(points)
        .chain([json!(reasons), json!(given.next_change_on)]);
    header(card)
        .into_iter()
        .map(str::to_owned)
        .zip(values)
        .collect()
}

/// A value as a cell; ids hold nothing that CSV must quote.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}
