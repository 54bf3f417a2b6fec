//! For whoever watches over the program: is it alive, is it ready, what has it counted.

use super::{Code, Problem, blocking};
use crate::app::App;
use crate::store::Failure;
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

/// 就绪 · The database answers, has the tables of this program and takes writes, and the county's card is at hand.
#[utoipa::path(tag = "operations", responses((status = 200, body = State)))]
#[get("/readyz")]
async fn ready(app: Data<App>) -> Result<HttpResponse, Problem> {
    match blocking(&app, check).await {
        Ok(()) => Ok(HttpResponse::Ok().json(State { status: "ready" })),
        // Whoever looks after the program is told to come back, also where it is us who are broken.
        Err(problem) if problem.code() == Code::Internal => {
            Err(Problem::new(Code::Busy).caused_by(problem.cause().unwrap_or_default()))
        }
        Err(problem) => Err(problem),
    }
}

fn check(app: &App) -> Result<(), Problem> {
    app.store.check_writable(app.clock.now())?;
    if !app.store.is_migrated()? {
        return Err(Problem::new(Code::Busy).caused_by("the tables are not up to date"));
    }
    match app.card() {
        Ok(_) => Ok(()),
        Err(Failure::Refused(missing)) => {
            let told = missing.to_string();
            Err(Problem::new(Code::Busy).caused_by(&told).detail(told))
        }
        Err(Failure::Store(error)) => Err(error.into()),
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
