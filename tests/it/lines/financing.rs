//! What a bank's products come to for a merchant that has let it ask.

use crate::bank::county::{County, on_both_engines};
use crate::bank::registers::{CAPPED, GOOD, RCB, RED, SILENT, UNKNOWN};
use crate::intake::table::Table;
use crate::intake::world::sample;
use crate::lines::reports::yuan;
use serde_json::{Value, json};

fn path(uscc: &str) -> String {
    format!(
        "/v1/merchants/{uscc}/financing?purpose=pre_loan_review&requested_by=R007&business_ref=DK-1"
    )
}

fn financing(county: &County, uscc: &str) -> Value {
    let answer = county.by(&county.bank, &path(uscc));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn product<'f>(financing: &'f Value, id: &str) -> &'f Value {
    let products = financing["products"].as_array().unwrap();
    products
        .iter()
        .find(|product| product["product"] == id)
        .unwrap()
}

/// Six times the average month of 2025 by the sample's own statements, rounded down to 100 yuan.
fn six_months(uscc: &str) -> String {
    let statements = Table::read(&sample("daishan").join("收单月报.csv"));
    let place = |header: &str| {
        let found = statements
            .headers
            .iter()
            .position(|it| it.starts_with(header));
        found.unwrap_or_else(|| panic!("{:?}", statements.headers))
    };
    let (code, turnover, refunds) = (
        place("统一社会信用代码"),
        place("交易金额"),
        place("退货金额"),
    );
    let (number, month) = (place("商户号"), place("清算月份"));
    let fen = |cell: &str| {
        let (yuan, fen) = cell.split_once('.').unwrap_or((cell, "0"));
        yuan.parse::<i64>().unwrap() * 100 + format!("{fen:0<2}").parse::<i64>().unwrap()
    };
    let mut months = std::collections::BTreeMap::new();
    for row in statements.rows.iter().filter(|row| row[code] == uscc) {
        let net = fen(&row[turnover]) - fen(&row[refunds]);
        months.insert((row[number].clone(), row[month].clone()), net);
    }
    let sum: i64 = months.values().sum();
    assert!(sum > 0);
    format!("{}.00", sum * 6 / 12 / 10_000 * 100)
}

#[test]
fn products_come_with_cap_size_rate_and_what_is_missing() {
    on_both_engines(|county| {
        let told = financing(&county, GOOD);
        assert_eq!(told["notice"]["zh"], "仅供参考");
        let score = county.again(told["answer"].as_str().unwrap()).json();
        assert_eq!(
            (&told["tier"], &told["score"]),
            (&score["tier"], &score["score"])
        );
        assert_eq!(told["tier"], "B");
        let by_bank = product(&told, "trusted-consumption");
        assert_eq!(
            (&by_bank["cap"], &by_bank["up_to"]),
            (&yuan("3000000.00"), &yuan("3000000.00"))
        );
        assert_eq!(
            (&by_bank["sizing"], &by_bank["by_flow"]),
            (&json!("bank"), &json!(null))
        );
        let next = &by_bank["next_cap"];
        assert_eq!(
            (&next["tier"], &next["cap"]),
            (&json!("A"), &yuan("6000000.00"))
        );
        let missing = 900 - told["score"].as_i64().unwrap();
        assert_eq!(next["points"], json!(missing.max(0)));
        assert_eq!(next["held_by_tier_cap"], json!(score["tier_cap"] == "B"));
        assert_eq!(next["held_by_standing"], false);
        let rates = by_bank["rates"].as_array().unwrap();
        assert_eq!(rates.len(), 3);
        assert_eq!(
            rates[0],
            json!({
                "term_months": 12, "lpr_term": "1Y", "lpr_published_on": "2025-05-20", "lpr_basis_points": 300,
                "basis_points": [360, 385, 420],
            })
        );
        let by_flow = product(&told, "small-revolving");
        let wanted = six_months(GOOD);
        assert_eq!(by_flow["by_flow"]["amount"], wanted);
        let at_most = |amount: &str| amount.split_once('.').unwrap().0.parse::<i64>().unwrap();
        let wanted = if at_most(&wanted) > 500_000 {
            "500000.00"
        } else {
            &wanted
        };
        assert_eq!(by_flow["up_to"], yuan(wanted));
    });
}

const STATEMENTS: &str = "收单机构,商户号,统一社会信用代码,商户名称,清算月份,交易笔数,交易金额(元),退货金额(元),应收手续费(元),实收手续费(元)\n";

#[test]
fn what_others_acquire_counts_only_where_the_merchant_has_named_the_bank() {
    on_both_engines(|county| {
        let by_flow = || {
            let told = financing(&county, GOOD);
            product(&told, "small-revolving")["by_flow"].clone()
        };
        let own = by_flow();
        let row = format!("别的银行,1,{GOOD},店,202506,1,2000000.00,0.00,0.00,0.00\n");
        county.take("statements", "别的银行", &format!("{STATEMENTS}{row}"));
        county.rescore();
        assert_eq!(by_flow(), own);
        let named = |party: &str| format!("SQ9,{GOOD},店,{party},收单流水评分,书面,2025-01-01,,");
        county.authorise(&named("别的银行"));
        assert_eq!(by_flow(), own);
        county.authorise(&named(RCB).replace("SQ9", "SQ8"));
        let fen = |amount: &Value| -> i64 {
            let digits = amount["amount"].as_str().unwrap().replace('.', "");
            digits.parse().unwrap()
        };
        let more = fen(&by_flow()) - fen(&own);
        assert!((99_990_000..=100_010_000).contains(&more), "{more}");
    });
}

#[test]
fn it_is_a_query_that_needs_an_authorisation_and_is_logged() {
    on_both_engines(|county| {
        for uscc in [SILENT, UNKNOWN] {
            let answer = county.by(&county.bank, &path(uscc));
            assert_eq!((answer.status, &*answer.code()), (404, "not_available"));
        }
        assert_eq!(county.by(&county.other, &path(GOOD)).status, 404);
        // A heavy penalty keeps it below A, whatever the points.
        let told = financing(&county, CAPPED);
        let score = county.again(told["answer"].as_str().unwrap()).json();
        let next = &product(&told, "trusted-consumption")["next_cap"];
        assert_eq!(score["tier_cap"], "B");
        let is_below = score["tier"] != "B";
        let wanted = if is_below { ("B", false) } else { ("A", true) };
        let told = (next["tier"].as_str(), next["held_by_tier_cap"].as_bool());
        assert_eq!(told, (Some(wanted.0), Some(wanted.1)));
        let told = financing(&county, RED);
        assert_eq!(
            (&told["standing"], &told["tier"]),
            (&json!("red_line"), &json!(null))
        );
        let offer = product(&told, "trusted-consumption");
        assert_eq!(
            (&offer["eligible"], &offer["up_to"]),
            (&json!(false), &yuan("0.00"))
        );
        assert_eq!(offer["next_cap"]["held_by_standing"], true);
        let mut outcomes: Vec<String> = county.log().into_iter().map(|line| line.outcome).collect();
        outcomes.sort();
        let none = ["not_authorised", "not_authorised", "unknown_merchant"];
        assert_eq!(outcomes, [&["answered", "answered"][..], &none].concat());
    });
}
