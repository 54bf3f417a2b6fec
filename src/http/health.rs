//! For whoever watches over the program: is it alive, is it ready, what has it counted.

use super::{Code, Problem, blocking};
use crate::app::App;
use actix_web::{HttpResponse, get, web::Data};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

/// A state in one word.
#[derive(Serialize, ToSchema)]
pub struct State {
    /// `alive` or `ready`
    status: &'static str,
}

/// The doors of this file.
pub fn routes(doors: &mut ServiceConfig<'_>) {
    doors.service(alive).service(ready).service(metrics);
}

/// 存活 · The program runs.
#[utoipa::path(tag = "operations", responses((status = 200, body = State)))]
#[get("/healthz")]
async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(State { status: "alive" })
}

/// 就绪 · The database answers, has the tables of this program and takes writes.
#[utoipa::path(tag = "operations", responses((status = 200, body = State)))]
#[get("/readyz")]
async fn ready(app: Data<App>) -> Result<HttpResponse, Problem> {
    let migrated = blocking(&app, |app| {
        app.store.check_writable()?;
        app.store.is_migrated()
    });
    let unready = |cause: String| Problem::new(Code::Busy).caused_by(cause);
    match migrated.await {
        Ok(true) => Ok(HttpResponse::Ok().json(State { status: "ready" })),
        Ok(false) => Err(unready("the tables are not up to date".to_owned())),
        Err(problem) => Err(unready(problem.cause().unwrap_or_default().to_owned())),
    }
}

/// 运行指标 · What has been counted, for Prometheus.
#[utoipa::path(tag = "operations", responses(
    (status = 200, body = String, content_type = "application/openmetrics-text"),
))]
#[get("/metrics")]
async fn metrics(app: Data<App>) -> Result<HttpResponse, Problem> {
    let shown = app.metrics.show().map_err(Problem::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(shown))
}
