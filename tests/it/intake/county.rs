//! Another county than the sample: nothing is tuned to the sample's names, dates and banks.

use super::folder::{BUREAU, County, uscc};
use super::table::Dice;
use super::world::{Scores, World, cells};
use crate::support::{Engine, on_both_engines};
use chrono::{Datelike, Months, NaiveDate};
use daishan_credit::kernel::{Clock, SystemClock};
use serde_json::Value;

const MERCHANTS: usize = 30;
const TODAY: &str = "2025-08-20";
/// Each with the last month that it has delivered.
const ACQUIRERS: [(&str, &str, &str); 2] = [
    ("示例收单甲", "2024-01-01", "2025-07-31"),
    ("示例收单乙", "2024-10-01", "2025-06-30"),
];

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn add(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months)).unwrap()
}

fn months(from: NaiveDate, to: NaiveDate) -> u32 {
    (0..)
        .take_while(|n| add(from, *n) <= to)
        .last()
        .unwrap_or(0)
}

fn days_before(date: &str, days: usize) -> String {
    let before = chrono::Days::new(days as u64);
    day(date).checked_sub_days(before).unwrap().to_string()
}

/// What a test remembers of a merchant to compute its scores by itself.
struct Merchant {
    opened: NaiveDate,
    certified: NaiveDate,
    /// Registered, acceptance, outcome, closed.
    complaints: Vec<(NaiveDate, String, String, Option<NaiveDate>)>,
    /// Acquirer, first of the month, transactions.
    statements: Vec<(usize, NaiveDate, u32)>,
    authorised: bool,
}

struct Made {
    county: County,
    merchants: Vec<Merchant>,
    live_to_bank: u32,
}

fn made() -> Made {
    let mut dice = Dice::new(520_100);
    let mut county = County::new(TODAY);
    county.covers.insert(
        "statements",
        ACQUIRERS
            .map(|(name, from, until)| (name.to_owned(), from.to_owned(), until.to_owned()))
            .to_vec(),
    );
    // This register is a month behind.
    county.covers.get_mut("inspections").unwrap()[0].2 = days_before(TODAY, 30);
    let mut made = Made {
        county,
        merchants: Vec::new(),
        live_to_bank: 0,
    };
    for number in 1..=MERCHANTS {
        made.merchant(number, &mut dice);
    }
    made
}

impl Made {
    fn merchant(&mut self, number: usize, dice: &mut Dice) {
        let opened = days_before(TODAY, 5 + dice.below(130 * 30));
        let certified = days_before(TODAY, dice.below(45 * 30));
        let code = uscc(number);
        let county = &mut self.county;
        county.merchant(number, &opened, &certified);
        let mut merchant = Merchant {
            opened: day(&opened),
            certified: day(&certified),
            complaints: Vec::new(),
            statements: Vec::new(),
            authorised: dice.below(5) > 0,
        };
        for place in 0..dice.below(5) {
            let registered = days_before(TODAY, dice.below(400));
            let acceptance =
                ["受理", "受理", "受理", "不予受理", "重复投诉", "恶意投诉"][dice.below(6)];
            let outcome = ["", "调解成功", "先行和解", "调解不成", "撤回投诉"][dice.below(5)];
            let closed = day(&registered)
                .checked_add_days(chrono::Days::new(dice.below(60) as u64))
                .filter(|closed| dice.below(4) > 0 && *closed <= day(TODAY));
            let told = closed.map_or(String::new(), |closed| closed.to_string());
            let rest = format!("{acceptance},{outcome},{told}");
            county.complaint(&format!("T{number}-{place}"), number, &registered, &rest);
            let complaint = (day(&registered), acceptance.into(), outcome.into(), closed);
            merchant.complaints.push(complaint);
        }
        for place in 0..dice.below(3) {
            let yuan = ["800.00", "49999.99", "50000.00"][dice.below(3)];
            let decided = days_before(TODAY, dice.below(1200));
            county.fine(&format!("示罚{number}-{place}"), number, &decided, yuan);
        }
        if dice.below(3) > 0 {
            let on = days_before(TODAY, 31 + dice.below(900));
            let result = ["未发现问题", "发现问题已责令改正", "发现问题待后续处理"][dice.below(3)];
            county.row(
                "inspections",
                format!("CC{number},{code},示例商户{number},{on},{result},{BUREAU},"),
            );
        }
        if dice.below(8) == 0 {
            let (from, until) = (days_before(TODAY, 500), days_before(TODAY, dice.below(500)));
            county.row(
                "abnormal_operations",
                format!("{code},示例商户{number},标记为经营异常状态,{from},示例,{BUREAU},{until},"),
            );
        }
        for year in 2022..=2024 {
            if dice.below(5) > 0 && merchant.opened.year() <= year {
                let filed = format!("{}-0{}-15", year + 1, 5 + dice.below(3));
                let late = if filed.as_str() > format!("{}-06-30", year + 1).as_str() {
                    "是"
                } else {
                    "否"
                };
                county.row(
                    "annual_reports",
                    format!("{code},示例商户{number},{year},{filed},{late}"),
                );
            }
        }
        if dice.below(2) == 0 {
            let on = days_before(TODAY, dice.below(800));
            let outcome = ["履行", "履行", "未履行"][dice.below(3)];
            county.row(
                "promises",
                format!("LY{number},{code},示例商户{number},{on},明码实价,{outcome},{BUREAU}"),
            );
        }
        self.statements(number, &mut merchant, dice);
        self.merchants.push(merchant);
    }

    fn statements(&mut self, number: usize, merchant: &mut Merchant, dice: &mut Dice) {
        let (code, county) = (uscc(number), &mut self.county);
        if merchant.authorised {
            let end = ["", "2025-12-01"][dice.below(2)];
            county.row(
                "authorisations",
                format!("授{number},{code},示例商户{number},{BUREAU},示例用途;收单流水评分,书面,2024-01-02,{end},"),
            );
        }
        let (bank, withdrawn) = (
            ["示例第一银行", "示例第二银行", "示例他行"][dice.below(3)],
            ["", "2025-08-20", "2025-08-21"][dice.below(3)],
        );
        county.row(
            "authorisations",
            format!(
                "银{number},{code},示例商户{number},{bank},贷前审查,书面,2025-01-02,,{withdrawn}"
            ),
        );
        // Not from the day of the withdrawal on.
        self.live_to_bank += u32::from(bank != "示例他行" && withdrawn != "2025-08-20");
        let delivers = [&[0][..], &[1], &[0, 1], &[]][dice.below(4)];
        for &place in delivers {
            let (name, from, until) = ACQUIRERS[place];
            let mut month = day(from);
            while month < day(until) {
                if dice.below(6) > 0 {
                    let count = dice.below(700) as u32;
                    let told = month.format("%Y%m");
                    county.row(
                        "statements",
                        format!("{name},M{number:04}{place},{code},示例商户{number},{told},{count},{count}0.00,0.00,1.00,1.00"),
                    );
                    merchant.statements.push((place, month, count));
                }
                month = add(month, 1);
            }
        }
    }
}

impl Merchant {
    fn months_in_business(&self, today: NaiveDate) -> u32 {
        match months(self.opened, today) {
            120.. => 80,
            60.. => 70,
            36.. => 55,
            24.. => 45,
            12.. => 30,
            _ => 15,
        }
    }

    fn months_certified(&self, today: NaiveDate) -> u32 {
        match months(self.certified, today) {
            36.. => 60,
            24.. => 52,
            12.. => 44,
            _ => 32,
        }
    }

    /// Transactions of the twelve months up to the last that one of its acquirers has delivered.
    fn transactions(&self) -> Option<u32> {
        let last = |place: &usize| day(ACQUIRERS[*place].2);
        let last = self
            .statements
            .iter()
            .map(|(place, _, _)| last(place))
            .max();
        let end = last.filter(|_| self.authorised)?;
        let begin = add(end.with_day(1).unwrap(), 1)
            .checked_sub_months(Months::new(12))
            .unwrap();
        let within = self
            .statements
            .iter()
            .filter(|(_, month, _)| (begin..=end).contains(month));
        Some(within.map(|(_, _, count)| count).sum())
    }

    fn complaint_rate(&self, today: NaiveDate) -> u32 {
        let counts = |(registered, acceptance, outcome, closed): &&(
            NaiveDate,
            String,
            String,
            Option<NaiveDate>,
        )| {
            let within = *registered <= today && today < add(*registered, 12);
            let ended = ["撤回投诉", "先行和解"].contains(&outcome.as_str())
                && closed.is_some_and(|closed| closed <= today);
            acceptance == "受理" && within && !ended
        };
        let count = self.complaints.iter().filter(counts).count() as u64;
        let of = u64::from(self.transactions().unwrap_or(0).max(2_000));
        // Hundredths of complaints in 10,000, half up.
        match (count * 1_000_000 * 2 + of) / (2 * of) {
            0 => 100,
            1..=200 => 90,
            201..=500 => 75,
            501..=1_000 => 55,
            1_001..=2_000 => 30,
            _ => 0,
        }
    }
}

/// Demonstrates the county; what it printed.
fn demonstrated(world: &World, county: &County) -> Value {
    let folder = county.write(world.cli.folder(), "示例县");
    let data = folder.to_str().unwrap();
    serde_json::from_str(&world.ok(&["demo", "--once", "--json", "--data", data])).unwrap()
}

fn check(made: &Made, scores: &Scores, today: NaiveDate) {
    let mut rates = std::collections::BTreeSet::new();
    for (place, merchant) in made.merchants.iter().enumerate() {
        let row = &scores[&uscc(place + 1)];
        let points = |id: &str| row[id].parse::<u32>().unwrap();
        let number = place + 1;
        assert_eq!(
            points("months_in_business"),
            merchant.months_in_business(today),
            "{number}"
        );
        assert_eq!(
            points("months_certified"),
            merchant.months_certified(today),
            "{number}"
        );
        if today == day(TODAY) {
            let rate = merchant.complaint_rate(today);
            assert_eq!(points("complaint_rate"), rate, "{number}");
            rates.insert(rate);
        }
        let sum: u32 = [
            "months_in_business",
            "annual_report",
            "abnormal_operation",
            "penalties",
            "inspections",
            "food_samples",
            "complaint_rate",
            "mediation",
            "months_certified",
            "refund_promise",
            "promises_kept",
            "acquiring_months",
        ]
        .map(points)
        .iter()
        .sum();
        assert_eq!(points("score"), sum, "{number}");
    }
    assert!(
        rates.is_empty() || rates.len() > 3,
        "too much alike: {rates:?}"
    );
}

#[test]
fn another_county_is_scored_by_its_own_facts_on_its_own_date() {
    let made = made();
    on_both_engines(|engine| {
        let world = World::empty(engine);
        let summary = demonstrated(&world, &made.county);
        assert_eq!(summary["as_of"], TODAY);
        assert_eq!(summary["roster"]["merchants"], MERCHANTS);
        assert_eq!(summary["authorisations"]["live_to_bank"], made.live_to_bank);
        let counts = summary["scores"]["standing"].as_object().unwrap();
        assert_eq!(counts.len(), 4);
        assert_eq!(summary["scores"]["tiers"].as_object().unwrap().len(), 6);
        assert_eq!(summary["deliveries"][0]["refusals"], serde_json::json!([]));
        check(&made, &cells(&world.scores(&[])), day(TODAY));
        let clients = world.ok(&["client", "list"]);
        assert!(
            clients.lines().nth(1).unwrap().contains("\tfirst\t"),
            "{clients}"
        );
    });
}

#[test]
fn a_county_without_a_business_date_is_scored_today() {
    let mut made = made();
    made.county.business_date = None;
    let today = || SystemClock.now().day_in_shanghai().to_string();
    on_both_engines(|engine| {
        let before = today();
        let world = World::empty(engine);
        let summary = demonstrated(&world, &made.county);
        let scores = world.scores(&[]);
        if before == today() {
            assert_eq!(summary["as_of"], before.as_str());
            assert_eq!(scores, world.scores(&["--as-of", &before]));
            check(&made, &cells(&scores), day(&before));
        }
    });
}

/// Whether two rows say the same, whatever they say of the next change.
fn same(one: &Scores, other: &Scores, uscc: &str) -> bool {
    let row = |scores: &Scores| {
        let mut row = scores[uscc].clone();
        row.remove("next_change_on");
        row
    };
    row(one) == row(other)
}

#[test]
fn nothing_changes_before_the_day_of_the_next_change_and_something_on_it() {
    let made = made();
    let world = World::empty(Engine::Sqlite);
    demonstrated(&world, &made.county);
    let on = |date: NaiveDate| cells(&world.scores(&["--as-of", &date.to_string()]));
    let now = on(day(TODAY));
    let next = |uscc: &str| now[uscc]["next_change_on"].parse::<NaiveDate>().ok();
    let (mut met, mut date) = (0, day(TODAY));
    // Day by day, until the registers have gone stale.
    let last = date.checked_add_days(chrono::Days::new(48)).unwrap();
    while date < last {
        date = date.succ_opt().unwrap();
        let then = on(date);
        for uscc in now.keys() {
            match next(uscc) {
                Some(change) if change == date => {
                    met += 1;
                    assert!(!same(&now, &then, uscc), "{uscc} did not change on {date}");
                }
                Some(change) if change < date => {}
                _ => assert!(same(&now, &then, uscc), "{uscc} changed on {date}"),
            }
        }
    }
    assert_eq!(
        met, MERCHANTS,
        "each is met by the day on which the registers are stale"
    );
    // From then on they change rarely; those changes lie far apart.
    let stale = on(last);
    let mut changes: Vec<(NaiveDate, &str)> = stale
        .iter()
        .filter_map(|(uscc, row)| Some((row["next_change_on"].parse().ok()?, uscc.as_str())))
        .collect();
    changes.sort();
    let mut far = changes
        .into_iter()
        .filter(|(date, _)| *date > last)
        .step_by(4)
        .peekable();
    assert!(far.peek().is_some());
    for (date, uscc) in far {
        let before = on(date.pred_opt().unwrap());
        assert!(same(&stale, &before, uscc), "{uscc} changed before {date}");
        assert!(
            !same(&stale, &on(date), uscc),
            "{uscc} did not change on {date}"
        );
    }
}
