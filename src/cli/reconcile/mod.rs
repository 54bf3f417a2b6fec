//! `daishan reconcile`: a bank's month-end file of its lines beside what is kept of them.

mod output;
mod summary;

use super::import::{limits, source};
use super::progress::Progress;
use super::{Context, Failed};
use crate::credit_line::reconcile::Outcome;
use crate::flows::find_bank::find_bank;
use crate::flows::reconcile::{BankFile, reconcile};
use crate::kernel::Day;
use clap::{Args, ValueEnum};
use output::Output;
use std::path::{Path, PathBuf};

/// 将银行的月末授信台账与本库对账，不改动任何数据；有差异则退出码为1 · Compare a bank's month-end ledger of its lines
/// with what is kept of them; changes nothing, and exits 1 on any difference
#[derive(Args)]
pub struct ReconcileCommand {
    /// 授信台账文件，CSV或XLSX；多个文件合为一本 · Ledgers of lines, CSV or XLSX; several are one book
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// 银行的编号或名称 · The bank's id or name
    #[arg(long, value_name = "BANK", value_parser = source)]
    source: String,
    /// 台账所述之日 · The day at whose end the ledger stands
    #[arg(long, value_name = "DATE")]
    on: Day,
    /// 输出格式 · The form of the list
    #[arg(long, value_enum, default_value_t = Form::Table)]
    format: Form,
    /// 写到此文件，不得已存在；xlsx必须给出 · Write the list to this file, which must not exist yet; xlsx needs it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The form of the list.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Table,
    Csv,
    Xlsx,
    Json,
}

impl ReconcileCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        // Before anything is read: what will not be written is told at once.
        let output = Output::new(self.format, self.out.as_deref())?;
        let app = context.app(false)?;
        let bank = app
            .store
            .read(|conn| find_bank(conn, &self.source))
            .map_err(Failed::new)?;
        let watch = Progress::default();
        let paths: Vec<&Path> = self.files.iter().map(PathBuf::as_path).collect();
        let file = BankFile::read(&paths, &app.kinds, &limits(&app.settings), &watch);
        let file = file.map_err(Failed::new)?;
        summary::say_refused(&file);
        let found = app.store.read::<_, crate::store::StoreError>(|conn| {
            Ok(reconcile(
                conn,
                &app.kinds,
                &bank,
                self.on,
                (&file, &watch),
            )?)
        });
        let found = found.map_err(Failed::new)?;
        output.write(&found)?;
        let told = summary::text(&found);
        eprint!("{told}");
        let differences: usize = Outcome::ALL
            .into_iter()
            .filter(|outcome| outcome.is_difference())
            .map(|outcome| found.count(outcome))
            .sum();
        if differences == 0 && file.refused.is_empty() {
            return Ok(());
        }
        let refused = file.refused.len();
        Err(Failed::Failed(format!(
            "对账有差异：{differences} 笔，其中拒收 {refused} 行；逐笔核对后由银行更正或补报 · there are differences: \
             {differences} lines, {refused} rows refused; go through them, and let the bank correct or report what is amiss"
        )))
    }
}
