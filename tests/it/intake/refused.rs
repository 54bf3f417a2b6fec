//! Refused rows go back to whoever sent them.

use super::folder::{BUREAU, County, file, uscc};
use super::table::Table;
use super::world::World;
use crate::support::on_both_engines;
use serde_json::json;
use std::path::Path;

const COMMAND: [&str; 4] = ["--source", BUREAU, "--covers", "2015-01-01..2025-06-30"];

fn county() -> County {
    let mut county = County::new("2025-06-30");
    county.merchant(1, "2012-03-05", "2021-02-01");
    county
}

fn read(path: &Path) -> Table {
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    Table::parse(text)
}

#[test]
fn refused_rows_come_back_in_the_import_layout_and_can_be_imported_once_corrected() {
    on_both_engines(|engine| {
        let mut county = county();
        let world = World::empty(engine);
        let folder = county.write(world.cli.folder(), "示例县");
        world.import(&folder, &[]);

        county.complaint("T1", 1, "2025-02-03", "受理,调解成功,2025-03-01");
        county.complaint("T2", 1, "2025-02-30", "受理,调解不行,2025-03-01");
        county.complaint("T3", 1, "2025-03-02", "受理,调解成功,2025-03-01");
        county.complaint("=T4", 1, "2025-02-05", ",调解成功,2025-03-01");
        let stranger = uscc(77);
        county.complaint("T5", 77, "2025-02-05", "受理,调解成功,2025-03-01");
        let rows = county.rows.get_mut("complaints").unwrap();
        rows[3] = rows[3].replace("质量问题", "\"=1+1,\"\"甲\"\"\"");
        rows[1] = rows[1].replace("示例平台", "-示例平台");
        let path = county.write_file(world.cli.folder(), "complaints");
        let back = world.cli.folder().join("back");
        let more = [&COMMAND[..], &["--refused-dir", back.to_str().unwrap()]].concat();
        let report = world.import(&path, &more);
        let name = file("complaints");
        let refused = |line: u32, column: &str, code: &str| json!({"file": name, "line": line, "column": column, "code": code});
        let wanted = json!([
            refused(3, "登记日期", "no_such_date"),
            refused(4, "办结日期", "date_order"),
            refused(5, "受理情况", "missing_value"),
            refused(6, "统一社会信用代码", "unknown_merchant"),
        ]);
        assert_eq!(report["refusals"], wanted);

        let back = back.join(format!("{name}.refused.csv"));
        let mut table = read(&back);
        let sent = Table::read(&path);
        assert_eq!(table.headers[..sent.headers.len()], sent.headers);
        assert_eq!(table.headers[sent.headers.len()..], ["错误"]);
        assert_eq!(table.rows.len(), 4);
        let place = |header: &str| sent.column(header);
        for row in &table.rows {
            assert_eq!(
                (&*row[place("投诉人姓名")], &*row[place("投诉人电话")]),
                ("", "")
            );
        }
        let error = |row: usize| table.rows[row].last().unwrap().as_str();
        // All that is wrong with a row, not only the first.
        assert!(error(0).contains("[no_such_date]") && error(0).contains("[unknown_word]"));
        assert!(error(0).contains("登记日期") && error(0).contains("调解结果"));
        assert!(error(3).contains("[unknown_merchant]"), "{}", error(3));
        let text = std::fs::read_to_string(&back).unwrap();
        for cell in ["\"'=T4\"", "\"'=1+1,\"\"甲\"\"\"", "\"'-示例平台\""] {
            assert!(text.contains(cell), "{cell}: {text}");
        }

        let (day, result, closed) = (place("登记日期"), place("调解结果"), place("办结日期"));
        table.rows[0][day] = "2025-02-28".to_owned();
        table.rows[0][result] = "调解不成".to_owned();
        table.rows[1][closed] = "2025-03-09".to_owned();
        table.rows[2][place("受理情况")] = "受理".to_owned();
        let code = place("统一社会信用代码");
        assert_eq!(table.rows[3][code], stranger);
        table.rows[3][code] = uscc(1);
        let corrected = world.cli.folder().join("更正.csv");
        std::fs::write(&corrected, format!("\u{feff}{}", table.csv("\r\n"))).unwrap();
        let report = world.import(&corrected, &COMMAND);
        assert_eq!(report["refusals"], json!([]));
        assert_eq!(report["kinds"]["complaints"]["new"], 4);

        // The guards are not part of what is kept: the rows in their own words are the same ones.
        for row in &mut table.rows {
            for cell in row {
                *cell = cell.trim_start_matches('\'').to_owned();
            }
        }
        std::fs::write(&corrected, table.csv("\n")).unwrap();
        let report = world.import(&corrected, &more);
        assert_eq!(report["kinds"]["complaints"]["unchanged"], 4);
        assert!(back.exists(), "another file's refused rows are left alone");

        // The whole file again with nothing refused: the old rows are taken away.
        std::fs::write(&path, table.csv("\n")).unwrap();
        world.import(&path, &more);
        assert!(!back.exists());
    });
}

#[test]
fn rows_are_written_back_only_where_that_is_asked_for() {
    let mut county = county();
    let world = World::empty(crate::support::Engine::Sqlite);
    county.complaint("T1", 1, "2025-02-30", "受理,,");
    let folder = county.write(world.cli.folder(), "示例县");
    let report = world.import(&folder, &[]);
    assert_eq!(report["kinds"]["complaints"]["refused"], 1);
    let files = std::fs::read_dir(world.cli.folder()).unwrap().flatten();
    let files = files.chain(std::fs::read_dir(&folder).unwrap().flatten());
    for entry in files {
        let name = entry.file_name();
        assert!(!name.to_str().unwrap().contains("refused"), "{name:?}");
    }
}

#[test]
fn a_refused_row_s_phone_is_left_out() {
    let mut county = county();
    let world = World::empty(crate::support::Engine::Sqlite);
    county.merchant(2, "2013-02-30", "2021-02-01");
    let path = county.write_file(world.cli.folder(), "roster");
    let back = world.cli.folder().join("back");
    let more = [&COMMAND[..], &["--refused-dir", back.to_str().unwrap()]].concat();
    let report = world.import(&path, &more);
    assert_eq!(report["kinds"]["roster"]["refused"], 1);
    let table = read(&back.join(format!("{}.refused.csv", file("roster"))));
    assert_eq!(table.rows.len(), 1);
    assert_eq!(table.rows[0][table.column("负责人电话")], "");
    assert_eq!(table.rows[0][table.column("成立日期")], "2013-02-30");
}

#[test]
fn files_of_one_name_do_not_share_a_file_of_refused_rows() {
    let world = World::empty(crate::support::Engine::Sqlite);
    let folder = world.cli.folder().to_owned();
    let paths = ["a", "b"].map(|name| {
        let within = folder.join(name);
        std::fs::create_dir(&within).unwrap();
        county().write_file(&within, "roster")
    });
    let [first, second] = paths.each_ref().map(|path| path.to_str().unwrap());
    let back = folder.join("back");
    let import = [&["import", first, second, "--by", "示例员"], &COMMAND[..]].concat();
    let told = world.fails(
        1,
        &[&import[..], &["--refused-dir", back.to_str().unwrap()]].concat(),
    );
    assert!(told.contains("改名") && told.contains("rename"), "{told}");
    assert_eq!(world.counts()["merchant"], 0);
    world.ok(&import);
}

#[test]
fn a_path_that_leads_nowhere_is_told() {
    let world = World::empty(crate::support::Engine::Sqlite);
    let told = world.fails(1, &["import", "示例县", "--by", "示例员"]);
    assert!(
        told.contains("找不到 示例县") && told.contains("there is no"),
        "{told}"
    );
}

#[test]
fn days_covered_are_written_in_one_way() {
    let world = World::empty(crate::support::Engine::Sqlite);
    let path = county().write_file(world.cli.folder(), "roster");
    let path = path.to_str().unwrap();
    for covers in [
        "20150101..2025-06-30",
        "2015-01-01..",
        "2025-06-30..2015-01-01",
        "2015-1-1..2025-06-30",
    ] {
        let import = [
            "import",
            path,
            "--by",
            "示例员",
            "--source",
            "甲",
            "--covers",
            covers,
        ];
        let told = world.fails(2, &import);
        assert!(told.contains("yyyy-MM-dd..yyyy-MM-dd"), "{covers}: {told}");
    }
}
