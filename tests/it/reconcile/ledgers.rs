//! What a file is compared with where only ledgers tell of the lines.

use crate::intake::folder::uscc;
use crate::intake::world::World;
use crate::lines::world::{BANK, HEADER, OTHER_BANK, Row, county, deliver, imported, write};
use crate::support::on_both_engines;

pub const ON: &str = "2025-06-30";

/// The file, written and compared; exit code, rows and stderr.
pub fn reconciled(world: &World, rows: &[Row]) -> (i32, Vec<String>, String) {
    let path = world.cli.folder().join("月末.csv");
    write(&path, rows);
    let path = path.to_str().unwrap();
    let done = world.run(&[
        "reconcile",
        path,
        "--source",
        BANK,
        "--on",
        ON,
        "--format",
        "csv",
    ]);
    let mut lines = done.out().lines().map(str::to_owned);
    let head = lines.next();
    assert_eq!(
        head.as_deref(),
        Some("agreement,uscc,outcome,field,here,there,difference"),
        "{}",
        done.err()
    );
    (done.code(), lines.collect(), done.err().to_owned())
}

#[test]
fn each_difference_is_named_and_the_day_s_own_ledger_is_no_witness() {
    on_both_engines(|engine| {
        let world = imported(engine, &county());
        let kept: Vec<Row> = (1..=7).map(|n| Row::new(&format!("X-{n}"), 1)).collect();
        deliver(&world, BANK, "2025-05-31", &kept);
        let mut file = kept.clone();
        file[0].drawn = "500.00";
        file[1].limit = "99999.99";
        file[2].starts_on = "2025-03-02";
        file[3].uscc = uscc(2);
        file[4].product = "另一种贷";
        file[5].currency = "USD";
        file.remove(6);
        file.push(Row::new("X-8", 3));
        let before = world.counts();
        let (code, rows, told) = reconciled(&world, &file);
        let (one, two, three) = (uscc(1), uscc(2), uscc(3));
        let wanted = vec![
            format!("X-1,{one},not_comparable,drawn,,500.00,"),
            format!("X-2,{one},different,limit,100000.00,99999.99,-0.01"),
            format!("X-2,{one},different,drawn,,0.00,"),
            format!("X-3,{one},different,starts_on,2025-03-01,2025-03-02,"),
            format!("X-3,{one},different,drawn,,0.00,"),
            format!("X-4,{one},different,uscc,{one},{two},"),
            format!("X-4,{one},different,drawn,,0.00,"),
            format!("X-5,{one},different,product,示例贷,另一种贷,"),
            format!("X-5,{one},different,drawn,,0.00,"),
            format!("X-6,{one},different,currency,CNY,USD,"),
            format!("X-6,{one},different,drawn,,0.00,"),
            format!("X-7,{one},missing_there,limit,100000.00,,"),
            format!("X-8,{three},missing_here,limit,,100000.00,"),
            format!("X-8,{three},missing_here,drawn,,0.00,"),
        ];
        assert_eq!((code, rows), (1, wanted.clone()), "{told}");
        assert!(told.contains("different: 5\n"), "{told}");
        assert!(
            told.contains("limit CNY: 此方 here 700000.00, 对方 there 599999.99"),
            "{told}"
        );
        assert!(
            told.contains("limit USD: 此方 here 未告知 not told, 对方 there 100000.00"),
            "{told}"
        );
        assert_eq!(world.counts(), before, "nothing is changed");
        // Imported, the file says the same against itself.
        deliver(&world, BANK, ON, &file);
        assert_eq!(reconciled(&world, &file).1, wanted);
        // Another bank's lines are not looked at.
        deliver(&world, OTHER_BANK, "2025-05-31", &[Row::new("Y-1", 2)]);
        assert_eq!(reconciled(&world, &file).1, wanted);
        let (code, rows, _) = reconciled(&world, &kept);
        assert_eq!((code, rows.len()), (0, 7), "{rows:?}");
    });
}

#[test]
fn broken_rows_and_repeated_ones_are_told_and_counted() {
    on_both_engines(|engine| {
        let world = imported(engine, &county());
        let kept = [Row::new("X-1", 1), Row::new("X-2", 1), Row::new("X-3", 1)];
        deliver(&world, BANK, "2025-05-31", &kept);
        let mut file = kept.to_vec();
        file[0].limit = "一百";
        file.push(Row::new("X-2", 1));
        let (code, rows, told) = reconciled(&world, &file);
        let one = uscc(1);
        let wanted = vec![
            "X-1,,refused,授信额度(元),,一百,".to_owned(),
            format!("X-2,{one},not_comparable,drawn,,0.00,"),
            format!("X-3,{one},not_comparable,drawn,,0.00,"),
        ];
        assert_eq!((code, rows), (1, wanted), "{told}");
        for part in [
            ":2  授信额度(元)  not_a_number",
            "月末.csv:5  协议号码已出现过",
            "refused: 1\n",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
    });
}

#[test]
fn what_cannot_be_compared_is_told_with_its_cure() {
    on_both_engines(|engine| {
        let world = imported(engine, &county());
        let path = world.cli.folder().join("月末.csv");
        write(&path, &[]);
        let path = path.to_str().unwrap();
        let run = |more: &[&'static str]| [&["reconcile", path, "--on", ON], more].concat();
        let told = world.fails(1, &run(&["--source", "none"]));
        assert!(told.contains(BANK) && told.contains(OTHER_BANK), "{told}");
        let told = world.fails(1, &["lines", "--format", "csv", "--bank", "none"]);
        assert!(told.contains(BANK) && told.contains(OTHER_BANK), "{told}");
        let told = world.fails(2, &run(&["--source", BANK, "--format", "xlsx"]));
        assert!(told.contains("--out"), "{told}");
        let told = world.fails(1, &["reconcile", "none.csv", "--on", ON, "--source", BANK]);
        assert!(
            told.contains("none.csv") && told.contains("not_readable"),
            "{told}"
        );
        std::fs::write(path, HEADER.replace("授信额度(元),", "")).unwrap();
        let told = world.fails(1, &run(&["--source", BANK]));
        assert!(told.contains("授信额度"), "{told}");
    });
}
