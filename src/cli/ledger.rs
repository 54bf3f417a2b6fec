//! `daishan ledger`: the books under the subsidy, checked and told.

use super::{Context, Failed, print};
use crate::flows::check_ledger::{check_ledger, trial_balance};
use crate::kernel::{Day, Money};
use crate::ledger::{Account, Balances, Rebuilt};
use crate::store::Failure;
use crate::store::error::Never;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// 补贴总账 · The books under the subsidy
#[derive(Args)]
pub struct LedgerCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// 由转账重算余额并核对各笔申领，有差异则退出码为1 · Rebuild the balances and check each claim; exit 1 on any difference
    Check,
    /// 试算平衡表 · Trial balance
    Balance(Balance),
}

#[derive(Args)]
struct Balance {
    /// 截至该营业日，不写则全部 · As of this business date; otherwise everything
    #[arg(long, value_name = "DATE")]
    as_of: Option<Day>,
    /// 输出JSON · Print as JSON
    #[arg(long)]
    json: bool,
}

impl LedgerCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        match self.act {
            Act::Check => check(context),
            Act::Balance(balance) => balance.run(context),
        }
    }
}

fn check(context: &Context) -> Result<(), Failed> {
    let store = context.open(false)?;
    let checked = store
        .read(|conn| Ok::<_, Failure<Never>>(check_ledger(conn)?))
        .map_err(Failed::new)?;
    let (programmes, transfers, claims) = (checked.programmes, checked.transfers, checked.claims);
    print(&format!(
        "{programmes} 个项目，{transfers} 笔转账，{claims} 笔申领 · {programmes} programmes, {transfers} transfers, {claims} claims\n"
    ))?;
    for difference in &checked.differences {
        print(&format!("{difference}\n"))?;
    }
    match checked.differences.len() {
        0 => print("账账相符 · the books agree\n"),
        count => Err(Failed::new(format!(
            "{count} 处差异，从备份核对后处理 · {count} differences; compare with a backup before anything is done"
        ))),
    }
}

impl Balance {
    fn run(self, context: &Context) -> Result<(), Failed> {
        let store = context.open(false)?;
        let books = store
            .read(|conn| Ok::<_, Failure<Never>>(trial_balance(conn, self.as_of)?))
            .map_err(Failed::new)?;
        if self.json {
            let json = serde_json::to_string_pretty(&self.json_of(&books)).map_err(Failed::new)?;
            return print(&(json + "\n"));
        }
        print(&table(&books))
    }

    fn json_of(&self, books: &Rebuilt) -> Value {
        let balances = |balances: &Balances| -> Map<String, Value> {
            let balance = |account: Account| (account.to_string(), json!(balances.of(account)));
            Account::ALL.into_iter().map(balance).collect()
        };
        let programmes: Map<String, Value> = books
            .programmes
            .iter()
            .map(|(programme, of)| (programme.clone(), Value::Object(balances(of))))
            .collect();
        json!({"as_of": self.as_of, "programmes": programmes})
    }
}

/// Debits left, credits right, and the sums below.
fn table(books: &Rebuilt) -> String {
    let mut text = String::new();
    for (programme, balances) in &books.programmes {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{programme:<32}{:>18}{:>18}", "借 debit", "贷 credit");
        let (mut debits, mut credits) = (0i128, 0i128);
        for account in Account::ALL {
            let fen = balances.of(account).fen();
            let amount = i64::try_from(fen.unsigned_abs()).map_or(Money::ZERO, Money::from_fen);
            let (debit, credit) = if fen < 0 {
                debits -= i128::from(fen);
                (amount.to_string(), String::new())
            } else {
                credits += i128::from(fen);
                (String::new(), amount.to_string())
            };
            let _ = writeln!(
                text,
                "  {account:<12}{:<18}{debit:>18}{credit:>18}",
                account.zh()
            );
        }
        let sum = |fen: i128| {
            i64::try_from(fen)
                .map_or_else(|_| fen.to_string(), |fen| Money::from_fen(fen).to_string())
        };
        let _ = writeln!(
            text,
            "  {:<30}{:>18}{:>18}",
            "合计 total",
            sum(debits),
            sum(credits)
        );
    }
    text
}
