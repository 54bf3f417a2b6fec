//! `daishan generate`: a made-up county of any size, as county folders in the ordinary layouts. Hidden: it is there for
//! measurements and tests. The same arguments give the same bytes.

mod document;
mod folder;
mod merchant;
mod row;

use super::progress::Progress;
use super::{Context, Failed};
use crate::flows::watch::Watch;
use crate::kernel::Day;
use clap::Args;
use folder::Folder;
use merchant::{Town, facts};
use std::path::PathBuf;

/// 生成一个虚构的县，用于测量 · Make up a county, for measurements
#[derive(Args)]
pub struct GenerateCommand {
    /// 商户数 · How many merchants
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    merchants: u32,
    /// 随机种子 · The seed
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// 每户收单月报的月数，到营业日为止 · For how many months each merchant has statements, up to the business date
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(i32).range(1..=12))]
    months: i32,
    /// 营业日 · The business date
    #[arg(long, value_name = "DATE", default_value = "2025-12-31")]
    until: Day,
    /// 写成十二个月的文件夹，每个只含当月新增或变化的行 · Twelve folders, one a month, each with the rows that are new or changed in it
    #[arg(long)]
    monthly: bool,
    /// 尚不存在的文件夹 · A folder that does not exist yet
    #[arg(value_name = "DIR")]
    into: PathBuf,
}

impl GenerateCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        let kinds = context.configuration.kinds().map_err(Failed::usage)?;
        if self.into.exists() {
            return Err(Failed::usage(format!(
                "{} 已存在，请换一个文件夹 · exists already, name another folder",
                self.into.display()
            )));
        }
        let town = Town {
            until: self.until,
            seed: self.seed,
            months: self.months,
        };
        let days = self.days();
        let mut folders = Vec::with_capacity(days.len());
        for (place, day) in days.iter().enumerate() {
            let after = place.checked_sub(1).map(|before| days[before]);
            let into = if self.monthly {
                self.into.join(day.month().to_string())
            } else {
                self.into.clone()
            };
            let scorecard = &context.settings.scorecard;
            folders.push(Folder::create(
                &into,
                &kinds,
                scorecard,
                (after, *day),
                town,
            )?);
        }
        let progress = Progress::default();
        progress.begin("生成 · generating", u64::from(self.merchants));
        for number in 0..self.merchants {
            let facts = facts(town, number);
            for folder in &mut folders {
                folder.add(&facts)?;
            }
            progress.at(u64::from(number));
        }
        progress.end();
        folders.into_iter().try_for_each(Folder::end)
    }

    /// The business dates of the folders, in their order.
    fn days(&self) -> Vec<Day> {
        if !self.monthly {
            return vec![self.until];
        }
        let last = self.until.month();
        let ends = (-11..=0).map(|n| last.plus(n).last_day().min(self.until));
        ends.collect()
    }
}
