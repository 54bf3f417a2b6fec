//! A made-up merchant: about a dozen facts and a dozen monthly statements, drawn from its number alone.

use super::document::{AREAS, BANK, BUREAU, PRODUCT, TOWNS};
use super::row::Row;
use crate::kernel::{Day, Money, Uscc};
use fastrand::Rng;

/// The county in which merchants are.
#[derive(Clone, Copy)]
pub struct Town {
    pub until: Day,
    pub seed: u64,
    /// For how many months there are statements.
    pub months: i32,
}

/// A merchant in the making.
struct Merchant {
    rng: Rng,
    until: Day,
    opened: Day,
    months: i32,
    number: u32,
    uscc: Uscc,
    name: String,
    rows: Vec<Row>,
}

/// Everything that is ever told of the merchant of that number, in the order of the registers.
pub fn facts(town: Town, number: u32) -> Vec<Row> {
    let seed = town.seed.rotate_left(32) ^ u64::from(number);
    let Some(uscc) = uscc(number) else {
        return Vec::new();
    };
    let mut rng = Rng::with_seed(seed);
    let opened = town.until.plus_days(-rng.i32(200..4_000));
    let mut merchant = Merchant {
        rng,
        until: town.until,
        opened,
        months: town.months,
        number,
        uscc,
        name: format!("示例县第{number}号店"),
        rows: Vec::with_capacity(32),
    };
    merchant.in_roster();
    merchant.annual_reports();
    merchant.inspections();
    merchant.food_samples();
    merchant.complaints();
    merchant.promises();
    merchant.penalties();
    merchant.seldom();
    merchant.authorisations();
    merchant.statements();
    merchant.line();
    merchant.rows
}

/// The code of a merchant, with the check character that fits (GB 32100-2015).
fn uscc(number: u32) -> Option<Uscc> {
    let checks = "0123456789ABCDEFGHJKLMNPQRTUWXY".chars();
    let mut codes = checks.map(|check| Uscc::parse(&format!("92990000MA{number:07}{check}")));
    codes.find_map(Result::ok)
}

impl Merchant {
    fn row(&self, kind: &'static str, from: Day) -> Row {
        Row::new(kind, from)
            .with("uscc", self.uscc)
            .with("name", &self.name)
    }

    /// A number of this merchant's own, for the documents of a kind.
    fn numbered(&self, kind: &str, place: u32) -> String {
        format!("{kind}{:08}-{place}", self.number)
    }

    /// A day of the last so many, since it was founded.
    fn day(&mut self, days: i32) -> Day {
        let age = self.until.number() - self.opened.number() + 1;
        self.until.plus_days(-self.rng.i32(0..days.min(age)))
    }

    /// A day after another one, if it comes soon enough.
    fn later(&mut self, than: Day, within: i32) -> Day {
        than.plus_days(self.rng.i32(1..=within))
    }

    fn chance(&mut self, percent: u8) -> bool {
        self.rng.u8(0..100) < percent
    }

    fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.rng.usize(0..words.len())]
    }

    fn in_roster(&mut self) {
        let certified = self.day(1_200);
        let town = self.one_of(&TOWNS);
        let area = if self.chance(60) {
            self.one_of(&AREAS)
        } else {
            ""
        };
        let food = self.one_of(&["是", "否"]);
        let refund = self.one_of(&["7天", "15天", "30天", "不适用", ""]);
        let ended = self.chance(5).then(|| self.later(certified, 700));
        let word = self.one_of(&["撤销", "自愿退出"]);
        let is_paused = ended.is_none() && self.chance(3);
        let paused = is_paused.then(|| self.later(certified, 700));
        // It is in the register before it is certified.
        let status = match (ended, paused) {
            (Some(day), _) => (day, word),
            (_, Some(day)) => (day, "暂停"),
            _ => (certified, "在期"),
        };
        let before = if status.1 == "在期" {
            "待审核"
        } else {
            "在期"
        };
        let row = Row::new("roster", self.opened)
            .with("operator_name", &self.name)
            .with("uscc", self.uscc)
            .with("unit_name", format!("第{}号店", self.number))
            .with("operator_kind", "个体工商户")
            .with("trade", self.one_of(&["零售", "餐饮", "旅游"]))
            .with("food_business", food)
            .with("unit_kind", self.one_of(&["放心消费商店", "放心消费餐饮"]))
            .with("county", "示例县")
            .with("town", town)
            .with("address", format!("{town}示例路{}号", self.number))
            .with("area", area)
            .with("opened_on", self.opened)
            .with("phone", "13000000000")
            .with("refund_promise", refund)
            .dated("certified_on", Some(certified))
            .turning("status", before, Some((status.0, status.1.to_owned())))
            .dated("ended_on", ended);
        self.rows.push(row);
    }

    fn annual_reports(&mut self) {
        for year in self.until.year() - 3..self.until.year() {
            let is_due = self.opened.year() <= year && !self.chance(4);
            let Some(first) = Day::from_ymd(year + 1, 1, 1).filter(|_| is_due) else {
                continue;
            };
            let filed = self.later(first, 200);
            let is_late = Day::from_ymd(year + 1, 6, 30).is_some_and(|last| filed > last);
            let row = self
                .row("annual_reports", filed)
                .with("report_year", year)
                .with("filed_on", filed)
                .with("late", if is_late { "是" } else { "否" });
            self.rows.push(row);
        }
    }

    fn inspections(&mut self) {
        for place in 0..self.rng.u32(1..4) {
            let day = self.day(1_100);
            let words = [
                "未发现问题",
                "发现问题已责令改正",
                "未按规定公示应当公示的信息",
            ];
            let result = if self.chance(85) {
                words[0]
            } else {
                self.one_of(&words)
            };
            let row = self
                .row("inspections", day)
                .with("inspection_number", self.numbered("CJ", place))
                .with("inspected_on", day)
                .with("result", result)
                .with("authority", BUREAU);
            self.rows.push(row);
        }
    }

    fn food_samples(&mut self) {
        for place in 0..self.rng.u32(0..3) {
            let day = self.day(800);
            let failed = self.chance(4);
            let row = Row::new("food_samples", day)
                .with("sample_number", self.numbered("XC", place))
                .with("producer", "示例食品厂")
                .with("sampled_party", &self.name)
                .with("uscc", self.uscc)
                .with("food", self.one_of(&["虾皮", "带鱼段", "紫菜"]))
                .with("sampled_on", day)
                .with("conclusion", if failed { "不合格" } else { "合格" })
                .with("stage", if failed { "流通环节" } else { "" });
            self.rows.push(row);
        }
    }

    fn complaints(&mut self) {
        let most = if self.chance(10) { 7 } else { 3 };
        for place in 0..self.rng.u32(0..most) {
            let day = self.day(800);
            let closed = self.later(day, 60);
            let words = ["调解成功", "调解成功", "先行和解", "调解不成", "撤回投诉"];
            let outcome = self.one_of(&words).to_owned();
            let accepted = if self.chance(92) {
                "受理"
            } else {
                "不予受理"
            };
            let amount = Money::from_fen(self.rng.i64(1_000..500_000));
            let row = self
                .row("complaints", day)
                .with("complaint_number", self.numbered("TS", place))
                .with("channel", "全国12315平台")
                .with("registered_on", day)
                .with("business", "普通")
                .with(
                    "problem",
                    self.one_of(&["质量问题", "服务态度", "虚假宣传"]),
                )
                .with("acceptance", accepted)
                .turning("mediation", "", Some((closed, outcome)))
                .dated("closed_on", Some(closed))
                .with("disputed_amount", amount);
            self.rows.push(row);
        }
    }

    fn promises(&mut self) {
        for place in 0..self.rng.u32(0..4) {
            let day = self.day(700);
            let outcome = if self.chance(96) {
                "履行"
            } else {
                "未履行"
            };
            let row = self
                .row("promises", day)
                .with("record_number", self.numbered("LY", place))
                .with("verified_on", day)
                .with(
                    "promise",
                    self.one_of(&["线下无理由退货", "明码实价", "先行赔付"]),
                )
                .with("outcome", outcome)
                .with("verified_by", BUREAU);
            self.rows.push(row);
        }
    }

    fn penalties(&mut self) {
        if !self.chance(12) {
            return;
        }
        let day = self.day(1_400);
        let repaired = self.chance(30).then(|| self.later(day, 500));
        let categories = self.one_of(&["罚款", "警告", "警告;罚款", "没收违法所得;罚款"]);
        let procedure = if self.chance(40) {
            "简易程序"
        } else {
            "普通程序"
        };
        let row = self
            .row("penalties", day)
            .with("party_kind", "个体工商户")
            .with("decision_number", self.numbered("处罚", 0))
            .with("violation", "消费者权益保护违法")
            .with("categories", categories)
            .with("procedure", procedure)
            .with("fine", Money::from_fen(self.rng.i64(10..5_000) * 10_000))
            .with("decided_on", day)
            .with("published_until", day.plus_months(36))
            .dated("repaired_on", repaired)
            .with("final", "是")
            .with("authority", BUREAU);
        self.rows.push(row);
    }

    /// What happens to few.
    fn seldom(&mut self) {
        if self.chance(4) {
            let day = self.day(1_200);
            let removed = self.chance(70).then(|| self.later(day, 300));
            let row = self
                .row("abnormal_operations", day)
                .with("record_kind", "标记为经营异常状态")
                .with("listed_on", day)
                .with("reason", "未按规定报送年度报告")
                .with("authority", BUREAU)
                .dated("removed_on", removed);
            self.rows.push(row);
        }
        if self.chance(1) {
            let day = self.day(1_200);
            let removed = self.chance(50).then(|| self.later(day, 700));
            let row = self
                .row("listings", day)
                .with("list", self.one_of(&["严重违法失信名单", "失信被执行人"]))
                .with("listed_on", day)
                .with("authority", BUREAU)
                .dated("removed_on", removed);
            self.rows.push(row);
        }
        if self.chance(6) {
            let day = self.day(1_200);
            let row = self
                .row("awards", day)
                .with("award", "放心消费示范单位")
                .with("granted_on", day)
                .with("valid_until", day.plus_months(36))
                .with("authority", BUREAU);
            self.rows.push(row);
        }
        if self.rng.u32(0..500) == 0 {
            let day = self.day(1_000);
            let row = self
                .row("grave_matters", day)
                .with("matter", "提供虚假材料")
                .with("happened_on", day)
                .with("document_number", self.numbered("重大", 0))
                .with("authority", BUREAU);
            self.rows.push(row);
        }
    }

    fn authorisations(&mut self) {
        let parties = [
            (70, BUREAU, "收单流水评分"),
            (60, BANK, "贷前审查;贷后管理"),
        ];
        for (place, (percent, party, purposes)) in (0..).zip(parties) {
            if !self.chance(percent) {
                continue;
            }
            let day = self.day(700);
            let withdrawn = self.chance(3).then(|| self.later(day, 600));
            let row = self
                .row("authorisations", day)
                .with("authorisation_number", self.numbered("SQ", place))
                .with("party", party)
                .with("purposes", purposes)
                .with("manner", "书面")
                .with("signed_on", day)
                .with("ends_on", day.plus_months(36))
                .dated("withdrawn_on", withdrawn);
            self.rows.push(row);
        }
    }

    fn statements(&mut self) {
        let usual = self.rng.i64(200_000..20_000_000);
        for back in 1 - self.months..=0 {
            let month = self.until.month().plus(back);
            if month.last_day() < self.opened {
                continue;
            }
            let turnover = usual * self.rng.i64(60..140) / 100;
            let refunds = turnover * self.rng.i64(0..3) / 100;
            let fee = Money::from_fen(turnover * 38 / 10_000);
            let row = self
                .row("statements", month.last_day())
                .with("acquirer", BANK)
                .with("merchant_number", format!("{:015}", self.number))
                .with("month", month)
                .with("transactions", self.rng.u32(20..2_000))
                .with("turnover", Money::from_fen(turnover))
                .with("refunds", Money::from_fen(refunds))
                .with("fee_due", fee)
                .with("fee_charged", fee);
            self.rows.push(row);
        }
    }

    fn line(&mut self) {
        if !self.chance(5) {
            return;
        }
        let day = self.day(360);
        let limit = self.rng.i64(5..80) * 1_000_000;
        let drawn = limit * self.rng.i64(0..100) / 100;
        let row = self
            .row("credit_lines", day)
            .with("agreement", self.numbered("SX", 0))
            .with("product", PRODUCT)
            .with("limit", Money::from_fen(limit))
            .with("currency", "CNY")
            .with("limit_kind", "循环")
            .with("starts_on", day)
            .with("ends_on", day.plus_months(12))
            .with("rate", "LPR1Y+60bp")
            .with("drawn", Money::from_fen(drawn))
            .with("days_overdue", 0)
            .with("classification", "正常");
        self.rows.push(row);
    }
}
