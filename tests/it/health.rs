use crate::support::{Engine, TestApp, on_both_engines};
use diesel::connection::SimpleConnection;

#[test]
fn the_program_is_alive_and_ready() {
    on_both_engines(|engine| {
        let app = TestApp::start(engine);
        assert_eq!(app.get("/healthz").json()["status"], "alive");
        let ready = app.get("/readyz");
        assert_eq!(
            (ready.status, ready.json()["status"].as_str()),
            (200, Some("ready"))
        );
        let files = std::fs::read_dir(app.database.folder()).unwrap();
        let probes = files
            .flatten()
            .filter(|file| file.file_name().to_string_lossy().contains("probe"));
        assert_eq!(
            probes.count(),
            0,
            "the probe of the disk is taken away again"
        );
    });
}

#[test]
fn a_database_without_all_tables_is_not_ready() {
    on_both_engines(|engine| {
        let app = TestApp::start(engine);
        let mut conn = app.app.store.connection().unwrap();
        conn.batch_execute("DELETE FROM __diesel_schema_migrations")
            .unwrap();
        drop(conn);
        let unready = app.get("/readyz");
        assert_eq!((unready.status, unready.code().as_str()), (503, "busy"));
        assert_eq!(unready.header("retry-after"), "1");
        assert_eq!(app.get("/healthz").status, 200);
    });
}

#[test]
fn a_disk_that_takes_no_writes_is_not_ready_until_it_does() {
    let app = TestApp::start(Engine::Sqlite);
    // The open connections keep reading; beside the database nothing can be written any more.
    let away = app.database.folder().with_extension("away");
    std::fs::rename(app.database.folder(), &away).unwrap();
    assert_eq!(app.get("/readyz").status, 503);
    std::fs::rename(&away, app.database.folder()).unwrap();
    app.clock.advance(5);
    assert_eq!(app.get("/readyz").status, 200);
}

#[test]
fn the_disk_is_asked_once_in_five_seconds_however_often_anybody_asks() {
    let app = TestApp::start(Engine::Sqlite);
    let away = app.database.folder().with_extension("away");
    assert_eq!(app.get("/readyz").status, 200);
    std::fs::rename(app.database.folder(), &away).unwrap();
    app.clock.advance(4);
    assert_eq!(app.get("/readyz").status, 200, "it was not asked again");
    app.clock.advance(1);
    assert_eq!(app.get("/readyz").status, 503);
    std::fs::rename(&away, app.database.folder()).unwrap();
    app.clock.advance(4);
    assert_eq!(app.get("/readyz").status, 503, "nor while it fails");
    app.clock.advance(-100);
    assert_eq!(app.get("/readyz").status, 200, "a clock that was put back");
}

#[test]
fn requests_are_counted_by_pattern() {
    let app = TestApp::start(Engine::Sqlite);
    app.get("/docs/nothing-of-this-name?uscc=91330921MA2A0H1P0X");
    app.get("/no/such/path/91330921MA2A0H1P0X");
    app.send("BREW", "/healthz", &[], "");
    app.app.metrics.watch("waiting", "Acts that wait", || 7);
    let shown = app.get("/metrics");
    assert!(
        shown
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    for line in [
        r#"daishan_http_requests_total{method="GET",route="/docs/{page:.*}",status="404"} 1"#,
        r#"daishan_http_requests_total{method="GET",route="-",status="404"} 1"#,
        r#"daishan_http_requests_total{method="OTHER",route="/healthz",status="405"} 1"#,
        "daishan_http_requests_in_flight 1",
        "daishan_waiting 7",
        "daishan_committer_waiting 0",
        "daishan_line_reports_waiting 0",
        "daishan_build_info{version=",
    ] {
        assert!(shown.text().contains(line), "{line}\n{}", shown.text());
    }
    assert!(!shown.text().contains("91330921MA2A0H1P0X"));
}
