//! Merchants that proptest makes up, for the default card.

use super::sample;
use crate::{
    kernel::{Day, Money, Month, Uscc},
    register::{Coverage, CoverageRow, Fact, History, KindIndex, Kinds, Value},
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use std::sync::LazyLock;

pub static KINDS: LazyLock<Kinds> = LazyLock::new(sample::kinds);

/// 2022-06-01 to 2027-06-01, more often an end of a month, where clamping bites.
pub fn day() -> impl Strategy<Value = Day> {
    let any = (19_144..20_970i32).prop_map(Day::from_number);
    let last = (24_270..24_330i32).prop_map(|month| Month::from_number(month).last_day());
    prop_oneof![2 => any, 1 => last]
}

/// A day on which the card is in force.
pub fn as_of() -> impl Strategy<Value = Day> {
    day().prop_map(|day| day.max(Day::from_number(19_723 + day.number() % 400)))
}

type Cells = Vec<(&'static str, Value)>;

/// A fact of a kind, its other columns blank.
fn fact(kind: &str, cells: Cells) -> Fact {
    let index = KINDS.index(kind).unwrap();
    let kind = KINDS.get(index);
    let mut values = vec![Value::Blank; kind.columns.len()];
    for (column, value) in cells {
        values[kind.column(column).unwrap()] = value;
    }
    let key: Vec<String> = kind.key().map(|at| values[at].to_string()).collect();
    Fact {
        kind: index,
        key: key.join("|").into(),
        values: values.into(),
    }
}

fn text(text: &str) -> Value {
    if text.is_empty() {
        Value::Blank
    } else {
        Value::Text(text.into())
    }
}

/// A date so many days after another.
fn later(from: Day, days: Option<i32>) -> Value {
    days.map_or(Value::Blank, |days| Value::Day(from.plus_days(days)))
}

fn word(words: &'static [&'static str]) -> impl Strategy<Value = Value> {
    select(words).prop_map(text)
}

fn maybe(days: i32) -> impl Strategy<Value = Option<i32>> {
    option::weighted(0.4, 0..days)
}

fn unit(opened: Day) -> impl Strategy<Value = Cells> {
    (
        "[a-z]{3}",
        option::weighted(0.9, day()),
        maybe(900),
        word(&["在期", "在期", "在期", "整改", "暂停", "撤销"]),
        word(&["是", "否", "否", ""]),
        word(&["放心消费商店", "放心消费餐饮"]),
        option::of(select(&[0, 1, 7, 15][..])),
    )
        .prop_map(
            move |(name, certified, ended, status, food, kind, promise)| {
                let certified = certified.map(|day| day.max(opened));
                vec![
                    ("unit_name", text(&name)),
                    ("opened_on", Value::Day(opened)),
                    ("certified_on", certified.map_or(Value::Blank, Value::Day)),
                    ("ended_on", later(certified.unwrap_or(opened), ended)),
                    ("status", status),
                    ("food_business", food),
                    ("unit_kind", kind),
                    (
                        "refund_promise",
                        promise.map_or(Value::Blank, Value::Number),
                    ),
                ]
            },
        )
}

fn penalty() -> impl Strategy<Value = Cells> {
    let categories = ["罚款", "警告", "警告;通报批评", "警告;罚款", "责令停产停业"];
    (
        "[a-z0-9]{4}",
        day(),
        word(&["普通程序", "普通程序", "普通程序", "简易程序"]),
        word(&["是", "是", "是", "否"]),
        select(categories.to_vec()),
        select(&[0, 300_000, 4_999_999, 5_000_000][..]),
        (maybe(1100), maybe(900), option::weighted(0.1, 0..900i32)),
    )
        .prop_map(
            |(number, decided, procedure, last, categories, fine, ends)| {
                vec![
                    ("decision_number", text(&number)),
                    ("decided_on", Value::Day(decided)),
                    ("procedure", procedure),
                    ("final", last),
                    ("categories", text(categories)),
                    ("fine", Value::Money(Money::from_fen(fine))),
                    ("published_until", later(decided, ends.0)),
                    ("repaired_on", later(decided, ends.1)),
                    ("overturned_on", later(decided, ends.2)),
                ]
            },
        )
}

fn listing(column: &'static str, words: &'static [&'static str]) -> impl Strategy<Value = Cells> {
    (day(), maybe(500), word(words)).prop_map(move |(listed, removed, list)| {
        vec![
            ("listed_on", Value::Day(listed)),
            ("removed_on", later(listed, removed)),
            (column, list),
        ]
    })
}

fn inspection() -> impl Strategy<Value = Cells> {
    let results = word(&[
        "未发现问题",
        "未发现问题",
        "发现问题已责令改正",
        "通过登记的住所(经营场所)无法联系",
        "不配合检查情节严重",
        "未开展本次抽查涉及的经营活动",
    ]);
    ("[a-z0-9]{4}", day(), results, word(&["", "", "号"])).prop_map(
        |(number, day, result, link)| {
            vec![
                ("inspection_number", text(&number)),
                ("inspected_on", Value::Day(day)),
                ("result", result),
                ("linked_decision", link),
            ]
        },
    )
}

fn sample_taken() -> impl Strategy<Value = Cells> {
    (
        "[a-z0-9]{4}",
        day(),
        word(&["合格", "不合格"]),
        word(&["生产环节", "流通环节", "餐饮环节", ""]),
        word(&["甲厂", "乙店", ""]),
        word(&["", "", "号"]),
    )
        .prop_map(|(number, day, conclusion, stage, producer, link)| {
            vec![
                ("sample_number", text(&number)),
                ("sampled_on", Value::Day(day)),
                ("conclusion", conclusion),
                ("stage", stage),
                ("producer", producer),
                ("sampled_party", text("乙店")),
                ("linked_decision", link),
            ]
        })
}

fn complaint() -> impl Strategy<Value = Cells> {
    (
        "[a-z0-9]{4}",
        day(),
        word(&["受理", "受理", "受理", "不予受理", "重复投诉"]),
        word(&[
            "调解成功",
            "先行和解",
            "调解不成",
            "调解不成",
            "撤回投诉",
            "",
        ]),
        option::weighted(0.8, 0..200i32),
    )
        .prop_map(|(number, day, acceptance, mediation, closed)| {
            vec![
                ("complaint_number", text(&number)),
                ("registered_on", Value::Day(day)),
                ("acceptance", acceptance),
                ("mediation", mediation),
                ("closed_on", later(day, closed)),
            ]
        })
}

fn report() -> impl Strategy<Value = Cells> {
    (2021..2026i32, option::weighted(0.8, 0..500i32)).prop_map(|(year, filed)| {
        let from = Day::from_ymd(year + 1, 1, 1).unwrap();
        vec![
            ("report_year", Value::Number(year.into())),
            ("filed_on", later(from, filed)),
        ]
    })
}

fn promise() -> impl Strategy<Value = Cells> {
    ("[a-z0-9]{4}", day(), word(&["履行", "履行", "未履行"])).prop_map(|(number, day, outcome)| {
        vec![
            ("record_number", text(&number)),
            ("verified_on", Value::Day(day)),
            ("outcome", outcome),
        ]
    })
}

fn matter() -> impl Strategy<Value = Cells> {
    let words = word(&["注销登记", "重大食品安全事件", "提供虚假材料"]);
    ("[a-z0-9]{4}", day(), words, maybe(100)).prop_map(|(number, day, matter, overturned)| {
        vec![
            ("document_number", text(&number)),
            ("happened_on", Value::Day(day)),
            ("matter", matter),
            ("overturned_on", later(day, overturned)),
        ]
    })
}

fn statement() -> impl Strategy<Value = Cells> {
    let months = (24_288..24_324i32).prop_map(Month::from_number);
    let counts = select(&[0, 9, 10, 400][..]);
    (word(&["甲行", "乙行"]), months, counts, 0..3i64).prop_map(
        |(acquirer, month, count, level)| {
            vec![
                ("acquirer", acquirer),
                ("merchant_number", text("1")),
                ("month", Value::Month(month)),
                ("transactions", Value::Number(count)),
                ("turnover", Value::Money(Money::from_fen(level * 30_000))),
                ("refunds", Value::Money(Money::from_fen(level * 2_000))),
            ]
        },
    )
}

fn authorisation() -> impl Strategy<Value = Cells> {
    let purposes = word(&["收单流水评分", "贷前审查;收单流水评分", "贷前审查"]);
    ("[a-z0-9]{4}", day(), purposes, maybe(900), maybe(900)).prop_map(
        |(number, day, purposes, ends, withdrawn)| {
            vec![
                ("authorisation_number", text(&number)),
                ("signed_on", Value::Day(day)),
                ("purposes", purposes),
                ("ends_on", later(day, ends)),
                ("withdrawn_on", later(day, withdrawn)),
            ]
        },
    )
}

/// Some facts of a kind.
fn some<S: Strategy<Value = Cells>>(
    kind: &'static str,
    cells: S,
    most: usize,
) -> impl Strategy<Value = Vec<Fact>> {
    vec(cells.prop_map(move |cells| fact(kind, cells)), 0..=most)
}

/// The facts of one merchant, whatever they are.
pub fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let units = (18_200..20_000i32)
        .prop_map(Day::from_number)
        .prop_flat_map(|opened| vec(unit(opened).prop_map(|cells| fact("roster", cells)), 1..=2));
    let first = (
        units,
        some("penalties", penalty(), 3),
        some(
            "abnormal_operations",
            listing("record_kind", &["标记为经营异常状态"]),
            1,
        ),
        some(
            "listings",
            listing("list", &["严重违法失信名单", "失信被执行人"]),
            1,
        ),
        some("inspections", inspection(), 3),
        some("food_samples", sample_taken(), 2),
    );
    let second = (
        some("complaints", complaint(), 4),
        some("annual_reports", report(), 4),
        some("promises", promise(), 2),
        some("grave_matters", matter(), 1),
        some("statements", statement(), 20),
        some("authorisations", authorisation(), 2),
    );
    (first, second).prop_map(|(a, b)| {
        let mut facts = [a.0, a.1, a.2, a.3, a.4, a.5, b.0, b.1, b.2, b.3, b.4, b.5].concat();
        facts.sort_by(|a, b| (a.kind, &a.key).cmp(&(b.kind, &b.key)));
        facts.dedup_by(|a, b| a.kind == b.kind && a.key == b.key);
        facts
    })
}

pub fn history(facts: Vec<Fact>) -> History {
    History::new(Uscc::parse("91330100716105852F").unwrap(), facts)
}

/// How far the feeds reach: each in one stretch or two, from some day to some day.
pub fn coverage() -> impl Strategy<Value = Vec<CoverageRow>> {
    let full = KINDS.iter().filter(|(_, kind)| kind.covered_by.is_none());
    let full: Vec<KindIndex> = full.map(|(index, _)| index).collect();
    let statements = KINDS.index("statements").unwrap();
    let sources = full
        .into_iter()
        .map(|kind| (kind, "局"))
        .chain([(statements, "甲行"), (statements, "乙行")]);
    let rows: Vec<_> = sources
        .flat_map(|(kind, source)| [(kind, source, 0.95), (kind, source, 0.3)])
        .map(|(kind, source, often)| {
            let days = (17_000..20_500i32, 0..2_500i32);
            option::weighted(often, days).prop_map(move |days| {
                let (from, length) = days?;
                Some(CoverageRow {
                    kind,
                    source: source.into(),
                    from: Day::from_number(from),
                    until: Day::from_number(from + length),
                })
            })
        })
        .collect();
    rows.prop_map(|rows| rows.into_iter().flatten().collect())
}

pub fn covered(rows: &[CoverageRow]) -> Coverage {
    Coverage::new(rows.iter().cloned())
}
