//! `daishan report`: what the programme has come to, and the list behind each of its figures.

mod behind;
mod json;
mod measures;
mod tables;
mod text;

use super::progress::Progress;
use super::scores::{Format, day_and_card};
use super::{Context, Failed, named_bank, print};
use crate::app::App;
use crate::flows::report::{Asked, Reporting};
use crate::kernel::Day;
use crate::report::dimension::NONE;
use crate::report::{Dimension, Figure, Summary};
use crate::scorecard::Scorecard;
use crate::store::Failure;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

/// 以贷促信成效报告：授信、补贴、分级、评分卡效果 · What the programme has come to, and how well the card tells good from bad
#[derive(Args)]
pub struct ReportCommand {
    /// 截至日，不写则为营业日 · The date; otherwise the business date
    #[arg(long, value_name = "DATE")]
    as_of: Option<Day>,
    /// 与之比较的较早日期，不写则为一年前，但不早于评分卡启用日 · The earlier date that scores are compared with and the series begins at; otherwise a year before, not before the card's first day
    #[arg(long, value_name = "DATE")]
    since: Option<Day>,
    /// 只计此银行的授信、其报送的收单和其出资的项目；编号或名称 · Only this bank's lines, the statements that it delivers and the programmes that it funds: its id or name
    #[arg(long, value_name = "BANK")]
    bank: Option<String>,
    /// 只计此组，可重复，如 town=高亭镇、tier=AA；none 为未填或无等级 · Only this group, repeatable: town=…, tier=AA; none is what has no town or tier
    #[arg(long = "where", value_name = "GROUPING=GROUP", value_parser = group)]
    within: Vec<(Dimension, String)>,
    /// 只打印合计和此表 · Print the totals and this table only
    #[arg(long, value_enum, value_name = "TABLE")]
    by: Option<Table>,
    /// 输出JSON · Print as JSON
    #[arg(long)]
    json: bool,
    /// 改为列出此数背后的名单 · List what is behind this figure instead
    #[arg(
        long, value_name = "FIGURE", value_parser = figures(), requires = "format",
        conflicts_with_all = ["json", "by"]
    )]
    behind: Option<Figure>,
    /// 按月表中此日的数 · The figure as it is in the table by month on this day
    #[arg(long, value_name = "DATE", requires = "behind")]
    on: Option<Day>,
    /// 名单的格式 · The form of the list
    #[arg(long, value_enum, requires = "behind")]
    format: Option<Format>,
}

/// The tables of the report.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Table {
    Town,
    District,
    Tier,
    Product,
    Month,
    #[value(name = "tier_when_granted")]
    TierWhenGranted,
}

impl Table {
    const ALL: [Self; 6] = [
        Self::Town,
        Self::District,
        Self::Tier,
        Self::Product,
        Self::Month,
        Self::TierWhenGranted,
    ];

    /// By what it groups; none for the days of the series.
    const fn dimension(self) -> Option<Dimension> {
        match self {
            Self::Town => Some(Dimension::Town),
            Self::District => Some(Dimension::District),
            Self::Tier => Some(Dimension::Tier),
            Self::Product => Some(Dimension::Product),
            Self::TierWhenGranted => Some(Dimension::TierWhenGranted),
            Self::Month => None,
        }
    }
}

/// What is told of a report beside its figures.
struct Told<'a> {
    asked: &'a Asked,
    card: &'a Scorecard,
    /// One table only.
    by: Option<Table>,
}

impl Told<'_> {
    fn tables(&self) -> impl Iterator<Item = Table> {
        let one = self.by;
        Table::ALL
            .into_iter()
            .filter(move |table| one.is_none_or(|one| one == *table))
    }
}

impl ReportCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        let app = context.app(false)?;
        let (as_of, card) = day_and_card(&app, self.as_of)?;
        let year_before = as_of.plus_months(-12).max(card.in_force_from());
        let asked = Asked {
            as_of,
            since: self.since.unwrap_or(year_before.min(as_of)),
            by: self.on.unwrap_or(as_of),
            bank: named_bank(&app.store, self.bank.as_deref())?,
            within: self.within,
        };
        if asked.since > as_of || asked.by > as_of {
            return Err(Failed::usage(
                "--since 和 --on 不能晚于 --as-of · --since and --on must not be later than --as-of",
            ));
        }
        if let Some((figure, format)) = self.behind.zip(self.format) {
            return behind::list(&app, card, &asked, figure, format);
        }
        let has_series = self.by.is_none_or(|by| by == Table::Month);
        let summary = summarise(&app, card, &asked, has_series)?;
        let told = Told {
            asked: &asked,
            card,
            by: self.by,
        };
        if self.json {
            let json = json::report(&told, &summary);
            let json = serde_json::to_string_pretty(&json).map_err(Failed::new)?;
            return print(&(json + "\n"));
        }
        print(&text::report(&told, &summary))
    }
}

fn summarise(
    app: &App,
    card: &Scorecard,
    asked: &Asked,
    has_series: bool,
) -> Result<Summary, Failed> {
    let progress = Progress::default();
    let reporting = Reporting {
        kinds: &app.kinds,
        card,
        asked,
        watch: &progress,
    };
    // One snapshot: all numbers are of one moment.
    let summary = app.store.read(|conn| {
        let summary: Result<_, Failure<_>> = reporting.summarise(conn, has_series);
        summary
    });
    summary.map_err(Failed::new)
}

fn figures() -> impl TypedValueParser<Value = Figure> {
    let named = Figure::ALL.iter().map(|figure| {
        let help = format!("{} · {}", figure.zh(), figure.en());
        PossibleValue::new(figure.as_str()).help(help)
    });
    PossibleValuesParser::new(named).try_map(|name| name.parse::<Figure>())
}

fn group(text: &str) -> Result<(Dimension, String), String> {
    let Some((dimension, group)) = text.split_once('=') else {
        return Err("写作 town=高亭镇 · write it as town=…".to_owned());
    };
    let dimension = dimension
        .parse::<Dimension>()
        .map_err(|error| error.to_string())?;
    let group = if group == NONE { "" } else { group };
    Ok((dimension, group.to_owned()))
}
