//! The county.toml of a made-up county.

use super::folder::file_name;
use super::merchant::Town;
use crate::kernel::Day;
use crate::register::Kinds;
use std::fmt::Write;

pub const BUREAU: &str = "示例市场监督管理局";
pub const BANK: &str = "示例银行";
pub const PRODUCT: &str = "示例循环贷";
pub const TOWNS: [&str; 5] = ["一号镇", "二号镇", "三号镇", "四号镇", "五号乡"];
pub const AREAS: [&str; 3] = ["东街商圈", "西街商圈", "港口商圈"];
/// From this day on the registers are whole.
const REACHES_BACK_YEARS: i32 = 4;

/// `after`: the day up to which an earlier folder has told already.
pub fn document(
    kinds: &Kinds,
    scorecard: &str,
    (after, day): (Option<Day>, Day),
    town: Town,
) -> String {
    let until = town.until;
    let first = until.plus_months(-12 * REACHES_BACK_YEARS);
    let from = after.map_or(first, |after| after.plus_days(1));
    let mut text = format!(
        "name = \"示例县\"\nregion = \"990000\"\nbusiness_date = {day}\nbureau = \"{BUREAU}\"\n\
         scorecard = \"{scorecard}\"\ntowns = {TOWNS:?}\nareas = {AREAS:?}\n\n\
         [[bank]]\nid = \"sample\"\nname = \"{BANK}\"\n"
    );
    for (_, kind) in kinds.iter() {
        let is_bank_s = kind.covered_by.is_some() || kind.snapshot;
        let source = if is_bank_s { BANK } else { BUREAU };
        let (id, file) = (&kind.id, file_name(kind));
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "\n[[feed]]\nkind = \"{id}\"\nfile = \"{file}\"\nsource = \"{source}\"\ncovers = [{from}, {day}]\n"
        );
    }
    let (begins, ends) = (
        until.month().plus(1 - town.months).first_day(),
        until.month().last_day(),
    );
    let _ = write!(
        text,
        "\n[[loan_prime_rate]]\nterm = \"1Y\"\npublished_on = {first}\nbasis_points = 300\n\n\
         [[product]]\nbank = \"sample\"\nid = \"revolving\"\nname = \"{PRODUCT}\"\nrevolving = true\n\
         term_months = [12]\nspread_basis_points = [60]\n\
         cap = {{ AAA = \"1000000.00\", AA = \"800000.00\", A = \"600000.00\", B = \"300000.00\" }}\n\
         sizing = \"flow\"\nmonths_of_flow = 6\non_tier_drop = \"review\"\non_red_line = \"freeze_draws\"\n\n\
         [[programme]]\nid = \"acquiring\"\nname = \"收单手续费补贴\"\nfunder = \"{BANK}\"\nfrom = {begins}\n\
         until = {ends}\npool = \"10000000000.00\"\nrate_basis_points = 5000\n\
         cap_per_merchant_month = \"300.00\"\npayment = \"reimburse\"\ncertified = \"every_day\"\n"
    );
    text
}
