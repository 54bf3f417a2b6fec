use super::*;
use crate::kernel::Money;

const KINDS: [(&str, &str); 2] = [
    ("roster", include_str!("../../../config/kinds/roster.toml")),
    (
        "statements",
        include_str!("../../../config/kinds/statements.toml"),
    ),
];

const WHOLE: &str = r#"name = "岱山县"
region = "330921"
bureau = "岱山县市场监督管理局"
scorecard = "daishan-2026.1"
towns = ["高亭镇"]
areas = []
[[bank]]
id = "rcb"
name = " 岱山（农）商行 "
[[feed]]
kind = "statements"
file = "月报.csv"
source = "甲"
covers = [2025-01-01, 2025-12-31]
[[feed]]
kind = "statements"
file = "月报.csv"
source = "乙"
covers = [2025-07-01, 2025-12-31]
corrects = true
[[product]]
bank = "rcb"
id = "p"
name = "贷"
revolving = true
term_months = [12, 24]
spread_basis_points = [60]
cap = { B = "3000000.00", AAA = "10000000.00" }
sizing = "flow"
months_of_flow = 6
on_tier_drop = "none"
on_red_line = "freeze_draws"
[[programme]]
id = "a"
name = "补贴"
funder = "甲"
from = 2025-01-01
until = 2025-12-31
pool = "500000.00"
rate_basis_points = { A = 5000, AA = 10000 }
cap_per_merchant_year = "300.00"
tiers = ["A", "AA"]
payment = "waive"
certified = "last_day"
[[loan_prime_rate]]
term = "1Y"
published_on = 2025-05-20
basis_points = 300
"#;

fn parse(text: &str) -> Result<County, Vec<CountyFault>> {
    County::parse(text, &Kinds::parse(KINDS).unwrap(), &|file| {
        file == "月报.csv"
    })
}

#[test]
fn a_whole_county_is_read() {
    let county = parse(WHOLE).unwrap();
    assert_eq!(county.banks[0].name, "岱山(农)商行");
    assert_eq!(county.business_date, None);
    let product = &county.products[0];
    assert_eq!(product.sizing, Sizing::Flow { months_of_flow: 6 });
    assert_eq!(
        product.cap[0],
        ("AAA".to_owned(), Money::from_fen(1_000_000_000))
    );
    let programme = &county.programmes[0];
    assert_eq!(
        programme.rate,
        Rate::ByTier(vec![("AA".to_owned(), 10_000), ("A".to_owned(), 5000)])
    );
    assert_eq!(programme.cap_per_merchant_month, None);
    let files = county.files();
    assert_eq!((files.len(), files[0].feeds.len()), (1, 2));
    assert!(files[0].feeds[1].corrects);
}

#[test]
fn each_fault_is_told_with_its_line() {
    for (right, wrong, line, told) in [
        ("330921", "33092", 2, "6 digits"),
        ("areas = []\n", "", 1, "missing"),
        (
            "areas = []",
            "areas = []\nextra = 1",
            7,
            "unknown key extra",
        ),
        ("kind = \"statements\"", "kind = \"x\"", 11, "no kind"),
        (
            "file = \"月报.csv\"",
            "file = \"../月报.csv\"",
            12,
            "without a path",
        ),
        ("file = \"月报.csv\"", "file = \"没有.csv\"", 12, "no file"),
        (
            "covers = [2025-01-01, ",
            "covers = [2026-01-01, ",
            14,
            "in their order",
        ),
        (
            "covers = [2025-01-01, ",
            "covers = [\"2025-01-01\", ",
            14,
            "two dates",
        ),
        ("bank = \"rcb\"", "bank = \"icbc\"", 22, "no bank"),
        (
            "term_months = [12, 24]",
            "term_months = [12, 12]",
            26,
            "none twice",
        ),
        ("B = \"3000000.00\"", "E = \"3000000.00\"", 28, "by tier"),
        ("B = \"3000000.00\"", "B = 3000000", 28, "in quotes"),
        ("\"flow\"", "\"bank\"", 30, "with sizing flow only"),
        ("months_of_flow = 6\n", "", 21, "required"),
        (
            "on_tier_drop = \"none\"",
            "on_tier_drop = \"drop\"",
            31,
            "freeze_draws",
        ),
        (
            "until = 2025-12-31",
            "until = 2024-12-31",
            38,
            "before from",
        ),
        ("\"500000.00\"", "\"5e5\"", 39, "positive amount"),
        ("A = 5000", "A = 10001", 40, "by tier"),
        ("tiers = [\"A\"", "tiers = [\"X\"", 42, "the tiers are"),
        ("tiers = [\"A\", \"AA\"]", "tiers = []", 42, "leave it out"),
        ("\"waive\"", "\"cash\"", 43, "reimburse"),
        (
            "basis_points = 300\n",
            "basis_points = 3.0\n",
            48,
            "whole number",
        ),
    ] {
        let text = WHOLE.replacen(right, wrong, 1);
        assert_ne!(text, WHOLE, "{right}");
        let faults = parse(&text).unwrap_err();
        assert_eq!(faults.len(), 1, "{wrong}: {faults:?}");
        assert_eq!(faults[0].line, Some(line), "{wrong}: {faults:?}");
        assert!(faults[0].cause.en.contains(told), "{wrong}: {faults:?}");
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let text = WHOLE
        .replace("\"330921\"", "330921")
        .replace("id = \"a\"", "id = \"岱\"")
        .replacen("kind = \"statements\"", "kind = \"roster\"", 1)
        + "[[bank]]\nid = \"rcb\"\nname = \"乙行\"\n";
    let faults = parse(&text).unwrap_err();
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 4, "{told:#?}");
    assert!(told[0].starts_with("county.toml:2: "), "{told:#?}");
    assert!(told.iter().any(|fault| fault.contains("given two kinds")));
    assert!(
        told.iter()
            .any(|fault| fault.contains("is there twice: rcb"))
    );
    assert!(
        parse("name = \nregion")
            .unwrap_err()
            .iter()
            .all(|fault| fault.line.is_some())
    );
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_the_folder() {
    let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(outside.path().join("月报.csv"), "x").unwrap();
    std::fs::write(inside.path().join(FILE), WHOLE).unwrap();
    let link = inside.path().join("月报.csv");
    std::os::unix::fs::symlink(outside.path().join("月报.csv"), &link).unwrap();
    let kinds = Kinds::parse(KINDS).unwrap();
    assert_eq!(County::open(inside.path(), &kinds).unwrap_err().len(), 2);
    std::fs::remove_file(&link).unwrap();
    std::fs::write(&link, "x").unwrap();
    assert!(County::open(inside.path(), &kinds).is_ok());
}
