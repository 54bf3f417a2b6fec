//! A made-up county whose banks have granted lines.

use crate::intake::folder::{County, uscc};
use crate::intake::world::World;
use crate::support::Engine;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

pub const HEADER: &str = "授信协议号码,统一社会信用代码,商户名称,产品,授信额度(元),币种,额度类型,生效起始日期,终止日期,利率,用信余额(元),逾期天数,五级分类";

pub const BANK: &str = "示例第一银行";
pub const OTHER_BANK: &str = "示例第二银行";

/// One row of a ledger.
#[derive(Clone, Debug)]
pub struct Row {
    pub agreement: String,
    pub uscc: String,
    pub product: &'static str,
    pub limit: &'static str,
    pub currency: &'static str,
    pub limit_kind: &'static str,
    pub starts_on: &'static str,
    pub ends_on: &'static str,
    pub drawn: &'static str,
}

impl Row {
    /// A revolving line of 100,000 yuan, undrawn, from 2025-03-01 to 2026-03-01.
    pub fn new(agreement: &str, merchant: usize) -> Self {
        Self {
            agreement: agreement.to_owned(),
            uscc: uscc(merchant),
            product: "示例贷",
            limit: "100000.00",
            currency: "CNY",
            limit_kind: "循环",
            starts_on: "2025-03-01",
            ends_on: "2026-03-01",
            drawn: "0.00",
        }
    }

    /// In the order of [`HEADER`].
    pub fn cells(&self) -> [&str; 13] {
        [
            &self.agreement,
            &self.uscc,
            "示例商户",
            self.product,
            self.limit,
            self.currency,
            self.limit_kind,
            self.starts_on,
            self.ends_on,
            "LPR1Y+60bp",
            self.drawn,
            "0",
            "正常",
        ]
    }

    fn text(&self) -> String {
        self.cells().join(",") + "\n"
    }
}

/// Three shops in good standing, imported on 2025-06-30.
pub fn county() -> County {
    county_until("2025-06-30")
}

/// The same with registers that reach until another day.
pub fn county_until(day: &str) -> County {
    let mut county = County::new(day);
    for merchant in 1..=3 {
        county.merchant(merchant, "2012-03-05", "2021-02-01");
    }
    county
}

pub fn imported(engine: Engine, county: &County) -> World {
    let world = World::empty(engine);
    let folder = county.write(world.cli.folder(), "示例县");
    world.import(&folder, &[]);
    world
}

/// A bank delivers its ledger as of a day; the counts of its rows.
pub fn deliver(world: &World, bank: &str, day: &str, rows: &[Row]) -> Value {
    let path = world.cli.folder().join(format!("{bank}{day}.csv"));
    write(&path, rows);
    let covers = format!("2025-01-01..{day}");
    let report = world.import(&path, &["--source", bank, "--covers", &covers]);
    report["kinds"]["credit_lines"].clone()
}

/// The same in two files.
pub fn deliver_apart(world: &World, bank: &str, day: &str, files: [&[Row]; 2]) -> Value {
    let paths = ["一", "二"].map(|part| world.cli.folder().join(format!("{bank}{day}{part}.csv")));
    paths
        .iter()
        .zip(files)
        .for_each(|(path, rows)| write(path, rows));
    let covers = format!("2025-01-01..{day}");
    let second = paths[1].to_str().unwrap();
    let report = world.import(&paths[0], &[second, "--source", bank, "--covers", &covers]);
    report["kinds"]["credit_lines"].clone()
}

pub fn write(path: &Path, rows: &[Row]) {
    let rows: String = rows.iter().map(Row::text).collect();
    std::fs::write(path, format!("{HEADER}\n{rows}")).unwrap();
}

/// Imports the county with these products; the folder is named after its business date.
pub fn import_with_products(world: &World, county: &County, products: &[String]) {
    let name = county.business_date.clone().unwrap();
    let folder = county.write(world.cli.folder(), &name);
    let toml = county.toml() + &products.concat();
    std::fs::write(folder.join("county.toml"), toml).unwrap();
    world.import(&folder, &[]);
}

/// A product of a bank, with its caps by tier as TOML has them.
pub fn product(bank: &str, id: &str, name: &str, caps: &str) -> String {
    format!(
        "\n[[product]]\nbank = \"{bank}\"\nid = \"{id}\"\nname = \"{name}\"\nrevolving = true\nterm_months = [12]\n\
         spread_basis_points = [60]\ncap = {{ {caps} }}\nsizing = \"bank\"\non_tier_drop = \"none\"\n\
         on_red_line = \"none\"\n"
    )
}

/// The lines listed, by agreement and column.
pub fn lines(world: &World, more: &[&str]) -> BTreeMap<String, BTreeMap<String, String>> {
    let csv = world.ok(&[&["lines", "--format", "csv"], more].concat());
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows = reader.deserialize::<BTreeMap<String, String>>();
    rows.map(|row| row.unwrap())
        .map(|row| (row["agreement"].clone(), row))
        .collect()
}
