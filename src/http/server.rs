//! The server around the doors: its limits, its end.

use super::openapi::{Document, document_of, text_of};
use super::route_table::{RouteTable, no_door};
use super::shell::shell;
use super::{Code, Problem};
use crate::app::App;
use crate::nightly;
use actix_web::HttpServer;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, PathConfig};
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use utoipa_actix_web::{AppExt, service_config::ServiceConfig};

/// What adds doors to the server and their documentation.
pub type Doors = fn(&mut ServiceConfig<'_>);

/// Serves until `shutdown` is done, then lets the requests on their way finish, within the limit for draining.
///
/// # Errors
/// Where the listener is not fit for use.
pub async fn serve(
    app: Data<App>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    serve_doors(app, listener, shutdown, super::routes).await
}

/// Serves these doors instead of the program's own, with everything else as it is.
///
/// # Errors
/// Where the listener is not fit for use.
pub async fn serve_doors(
    app: Data<App>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
    doors: Doors,
) -> io::Result<()> {
    let limits = app.settings.limits.clone();
    let workers = app.settings.server.workers;
    let nightly_app = app.clone().into_inner();
    let document = document_of(doors);
    let table = Data::new(RouteTable::new(&document));
    let document = Data::new(Document(text_of(&document).map_err(io::Error::other)?));
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(app.clone())
            .app_data(table.clone())
            .app_data(document.clone())
            .app_data(
                PathConfig::default().error_handler(|_, _| Problem::new(Code::NotFound).into()),
            )
            .into_utoipa_app()
            .configure(doors)
            .into_app()
            .default_service(web::to(no_door))
            .wrap(from_fn(shell))
    })
    .client_request_timeout(limits.head)
    .client_disconnect_timeout(Duration::from_secs(1))
    .keep_alive(Duration::from_secs(75))
    .max_connections(limits.connections_per_worker)
    .shutdown_timeout(limits.drain.as_secs())
    .disable_signals();
    let server = if workers == 0 {
        server
    } else {
        server.workers(workers)
    };
    let stop = Arc::new(AtomicBool::new(false));
    let nightly = actix_web::rt::spawn(nightly::run(nightly_app, stop.clone()));
    let running = server.listen(listener)?.run();
    let handle = running.handle();
    let mut running = std::pin::pin!(running);
    let broke_off = tokio::select! {
        ended = &mut running => Some(ended),
        () = shutdown => None,
    };
    // While requests are let finish, the nightly job ends too: the runtime waits for its thread.
    stop.store(true, Ordering::Relaxed);
    if let Some(ended) = broke_off {
        return ended;
    }
    tracing::info!("正在停止 · stopping");
    let (_, ended) = tokio::join!(handle.stop(true), running);
    nightly.abort();
    ended
}

/// Serves on a runtime of its own until SIGINT or SIGTERM.
///
/// # Errors
/// Where the listener is not fit for use.
pub fn run(app: App, listener: TcpListener) -> io::Result<()> {
    actix_web::rt::System::new().block_on(serve(Data::new(app), listener, told_to_stop()))
}

/// SIGINT or SIGTERM. Where a signal cannot be listened for, the other one still ends the program.
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = terminated => {}
        Ok(()) = tokio::signal::ctrl_c() => {}
    }
}
