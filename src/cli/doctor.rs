//! `daishan doctor`: is everything fit for use.

use super::{Context, Failed, print};
use crate::access::SealingError;
use crate::county::records::latest;
use crate::embedded::ConfigurationError;
use crate::kernel::{Clock, SystemClock};
use crate::score::Cards;
use crate::store::error::Never;
use crate::store::{Failure, Store};
use clap::Args;

/// 体检：配置、数据库、磁盘 · Check the configuration, the database and its disk
#[derive(Args)]
pub struct Doctor {}

/// What one check found.
enum Finding {
    Good(String),
    /// Worth knowing, not wrong.
    Note(String),
    Wrong(String),
}

type Findings = Vec<(&'static str, Finding)>;

impl Doctor {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        let mut findings = configuration(context);
        findings.extend(database(context));
        let mut wrong = 0;
        for (what, finding) in findings {
            let (mark, text) = match finding {
                Finding::Good(text) => ("✓", text),
                Finding::Note(text) => ("–", text),
                Finding::Wrong(text) => {
                    wrong += 1;
                    ("✗", text)
                }
            };
            print(&format!("{mark} {what}：{text}\n"))?;
        }
        if wrong == 0 {
            Ok(())
        } else {
            Err(Failed::new(format!(
                "有{wrong}项不合格 · {wrong} of the checks failed"
            )))
        }
    }
}

fn check<T, E: std::fmt::Display>(
    outcome: Result<T, E>,
    good: impl FnOnce(T) -> Finding,
) -> Finding {
    outcome.map_or_else(|error| Finding::Wrong(error.to_string()), good)
}

fn configuration(context: &Context) -> Findings {
    let settings = &context.settings;
    let from = context.configuration.directory();
    let from = from.map_or("内置 · compiled in".to_owned(), |own| {
        own.display().to_string()
    });
    let kinds = check(context.configuration.kinds(), |kinds| {
        Finding::Good(format!("{}", kinds.len()))
    });
    let card = check(cards(context), |cards| named(&cards, &settings.scorecard));
    let secret = match &settings.secret {
        Some(_) => Finding::Good("已设置 · set".to_owned()),
        None if settings.database.url.is_sqlite() => {
            Finding::Note("数据库旁的 .key 文件 · the .key file beside the database".to_owned())
        }
        None => match &settings.key_file {
            Some(file) => Finding::Note(format!(
                "{}（仅限一台机器 · for one machine only）",
                file.display()
            )),
            None => Finding::Wrong(SealingError::NoSecret.to_string()),
        },
    };
    vec![
        ("配置 · configuration", Finding::Good(from)),
        ("名册种类 · kinds", kinds),
        ("评分卡 · scorecard", card),
        ("工作日历 · working days", working_days(context)),
        ("封存密钥 · sealing key", secret),
    ]
}

/// Beyond the last year that is known only weekends are days off.
fn working_days(context: &Context) -> Finding {
    let this_year = SystemClock.now().day_in_shanghai().year();
    check(
        context.configuration.working_days(),
        |calendar| match calendar.last_year() {
            Some(last) if last >= this_year => Finding::Good(format!("{last}")),
            last => {
                let last = last.map_or("—".to_owned(), |year| year.to_string());
                Finding::Note(format!(
                    "节假日只到{last}年，其后只计周末；请在配置目录放入新的 working-days.csv · holidays are known until \
                     {last}, then only weekends are off; put a newer working-days.csv into the configuration directory"
                ))
            }
        },
    )
}

fn cards(context: &Context) -> Result<Cards, ConfigurationError> {
    let kinds = context.configuration.kinds()?;
    context.configuration.cards(&kinds)
}

fn named(cards: &Cards, name: &str) -> Finding {
    check(cards.get(name), |_| Finding::Good(name.to_owned()))
}

/// The card that the county names, where one has been imported.
fn county_card(store: &Store, context: &Context) -> Finding {
    let county = store.read(|conn| Ok::<_, Failure<Never>>(latest(conn)?));
    check(county, |county| match county {
        Some(county) => check(cards(context), |cards| named(&cards, &county.scorecard)),
        None => Finding::Note("尚未导入县文件夹 · no county folder was imported yet".to_owned()),
    })
}

fn database(context: &Context) -> Findings {
    let database = &context.settings.database;
    let store = match Store::open(&database.url, false, 2) {
        Ok(store) => store,
        Err(error) => return vec![("数据库 · database", Finding::Wrong(error.to_string()))],
    };
    let engine = check(store.engine(), Finding::Good);
    let (mut migrated, mut card) = (false, None);
    let tables = check(store.is_migrated(), |up_to_date| {
        migrated = up_to_date;
        if up_to_date {
            Finding::Good("最新 · up to date".to_owned())
        } else {
            Finding::Wrong("先运行 daishan migrate · run daishan migrate".to_owned())
        }
    });
    if migrated {
        card = Some((
            "县评分卡 · the county's scorecard",
            county_card(&store, context),
        ));
    }
    let writable = check(store.check_writable(SystemClock.now()), |()| {
        Finding::Good("可写 · writable".to_owned())
    });
    let address = Finding::Good(database.url.to_string());
    let mut findings = vec![
        ("数据库 · database", address),
        ("引擎 · engine", engine),
        ("结构 · tables", tables),
        ("磁盘 · disk", writable),
    ];
    findings.extend(card);
    findings
}
