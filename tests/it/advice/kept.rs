//! What was advised stays, and so does what was added to it.

use super::world::on_both_engines;
use daishan_credit::store::Conn;
use diesel::connection::SimpleConnection;

fn refused(conn: &mut Conn, statement: &str) {
    let error = conn.batch_execute(statement).unwrap_err().to_string();
    assert_eq!(error, "advice is append-only", "{statement}");
}

#[test]
fn neither_advice_nor_what_was_added_is_changed_or_taken_back() {
    on_both_engines(|mut desk| {
        desk.grant(&desk.first, "X-1", 1, "p");
        desk.list_violation(1, "");
        let mut conn = desk.http.app.store.connection().unwrap();
        refused(&mut conn, "UPDATE advice SET cause = 'tier_drop'");
        refused(&mut conn, "DELETE FROM advice");
        // Half of an acknowledgement is none.
        for half in ["acknowledged_at = 1", "acknowledged_by = 'x'", "note = 'x'"] {
            let statement = format!("UPDATE advice SET {half}");
            assert!(conn.batch_execute(&statement).is_err(), "{half}");
        }
        let id = desk.messages(&desk.first)[0]["advice_id"].clone();
        let answer = desk.acknowledge(&desk.first, id.as_str().unwrap(), "R1");
        assert_eq!(answer.status, 200, "{}", answer.text());
        let added = ["acknowledged_at = 1", "acknowledged_by = 'x'", "note = 'x'"];
        let gone = ["acknowledged_at", "acknowledged_by", "note"];
        let all = "acknowledged_at = NULL, acknowledged_by = NULL, note = NULL";
        for change in added {
            refused(&mut conn, &format!("UPDATE advice SET {change}"));
        }
        for column in gone {
            refused(&mut conn, &format!("UPDATE advice SET {column} = NULL"));
        }
        refused(&mut conn, &format!("UPDATE advice SET {all}"));
        // Lifting is added beside it, once.
        desk.list_violation(1, "2025-06-29");
        let lifted = "first X-1 red_line freeze_draws 2025-06-30 lifted";
        assert_eq!(desk.advice(), [lifted]);
        for change in ["lifted_at = 1", "lifted_at = NULL"] {
            refused(&mut conn, &format!("UPDATE advice SET {change}"));
        }
        assert_eq!(desk.advice(), [lifted]);
    });
}
