//! `daishan migrate`: brings the tables up to date.

use super::{Context, Failed, print};
use crate::store::Store;
use clap::Args;

/// 升级数据库结构 · Bring the tables up to date
#[derive(Args)]
pub struct Migrate {}

impl Migrate {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        let database = &context.settings.database;
        let store = Store::open(&database.url, false, database.connections)?;
        let done = store.migrate()?;
        for version in &done {
            print(&format!("{version}\n"))?;
        }
        if done.is_empty() {
            eprintln!("数据库结构已是最新 · the tables are up to date");
        }
        Ok(())
    }
}
