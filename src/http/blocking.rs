//! The way from an async handler to the synchronous store.

use super::{Code, Problem};
use crate::app::App;
use actix_web::web;
use std::time::Duration;

/// How long a request waits for a connection before it is told to come back.
const WAIT: Duration = Duration::from_secs(1);

/// Runs an act that speaks to the database on a thread of its own, once a connection is free.
///
/// # Errors
/// 503 where none comes free within a second, else what the act says.
pub async fn blocking<T, E>(
    app: &web::Data<App>,
    act: impl FnOnce(&App) -> Result<T, E> + Send + 'static,
) -> Result<T, Problem>
where
    T: Send + 'static,
    E: Into<Problem> + Send + 'static,
{
    let turn = tokio::time::timeout(WAIT, app.turns().acquire_owned());
    let Ok(Ok(turn)) = turn.await else {
        return Err(Problem::new(Code::Busy).caused_by("no connection came free in time"));
    };
    let app = app.clone();
    let outcome = web::block(move || {
        // Held until the act is done, also where the caller has gone away.
        let _turn = turn;
        act(&app)
    });
    match outcome.await {
        Ok(done) => done.map_err(Into::into),
        Err(cancelled) => Err(Problem::new(Code::Busy).caused_by(cancelled)),
    }
}
