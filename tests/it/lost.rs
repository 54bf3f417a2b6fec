//! Connections that are lost: the server was restarted, or ended them. Of SQLite there is nothing to lose.

use crate::bank::{County, GOOD};
use crate::support::{Engine, TestApp, postgres};
use daishan_credit::store::{Failure, StoreError, error::Never, schema};
use diesel::{QueryDsl, RunQueryDsl};

/// Ends all connections to a test's database.
fn end_connections(app: &TestApp) {
    let url = app.database.url.split('?').next().unwrap();
    let name = url.rsplit('/').next().unwrap();
    postgres::administer(&format!(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
    ));
}

/// Several at once, so that several connections lie in the pool; one is left to whoever else is at work.
fn use_connections(app: &TestApp) {
    let barrier = std::sync::Barrier::new(3);
    let hold = || {
        let read = app.app.store.read(|_| {
            barrier.wait();
            Ok::<_, Failure<Never>>(())
        });
        read.unwrap();
    };
    std::thread::scope(|scope| (0..3).for_each(|_| drop(scope.spawn(hold))));
}

#[test]
fn the_query_after_a_restart_of_the_server_is_answered() {
    if !Engine::all().contains(&Engine::Postgres) {
        return;
    }
    let county = County::start(Engine::Postgres);
    for _ in 0..3 {
        use_connections(&county);
        end_connections(&county);
        let answer = county.ask(GOOD);
        assert_eq!(answer.status, 200, "{}", answer.text());
        use_connections(&county);
        end_connections(&county);
        let ready = county.get("/readyz");
        assert_eq!(ready.status, 200, "{}", ready.text());
        use_connections(&county);
    }
}

#[test]
fn a_connection_that_is_lost_within_an_act_is_temporary_and_never_used_again() {
    if !Engine::all().contains(&Engine::Postgres) {
        return;
    }
    let app = TestApp::start(Engine::Postgres);
    let store = &app.app.store;
    let mut runs = 0;
    let broken = store.write(|conn| {
        runs += 1;
        end_connections(&app);
        let count = schema::merchant::table.count().get_result::<i64>(conn)?;
        Ok::<_, Failure<Never>>(count)
    });
    let error = StoreError::from(broken.unwrap_err());
    assert!(error.is_temporary(), "{error:?}");
    assert_eq!(runs, 1, "what was sent is not sent again");
    let lost_at_commit = store.write(|_| {
        end_connections(&app);
        Ok::<_, Failure<Never>>(())
    });
    let error = StoreError::from(lost_at_commit.unwrap_err());
    assert!(error.is_temporary(), "{error:?}");
    let read = store.read(|conn| {
        end_connections(&app);
        Ok::<_, Failure<Never>>(schema::merchant::table.count().get_result::<i64>(conn)?)
    });
    let error = StoreError::from(read.unwrap_err());
    assert!(error.is_temporary(), "{error:?}");
    use_connections(&app);
}
