//! Starts the nightly job inside `serve`: soon after the start, and whenever the business date turns.

use crate::app::App;
use crate::flows::nightly::nightly;
use crate::flows::rescore::Rescored;
use crate::job::RESCORE;
use crate::job::records::is_finished;
use crate::kernel::Day;
use crate::store::{Failure, error::Never};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// How often the business date is looked at.
const EVERY: Duration = Duration::from_secs(60);

/// Runs until the program ends. Where `stop` is set, what is at work ends within moments, since the program waits for
/// it.
pub async fn run(app: Arc<App>, stop: Arc<AtomicBool>) {
    let mut holder = [0; 16];
    app.randomness.fill(&mut holder);
    let mut last = None;
    loop {
        let (once, done, told) = (app.clone(), last, stop.clone());
        let job = move || run_once(&once, holder, done, &told);
        let outcome = tokio::task::spawn_blocking(job).await;
        match outcome {
            Ok(Ok((today, rescored))) => {
                if let Some(Rescored { merchants, scores }) = rescored {
                    tracing::info!(?today, merchants, scores, "rescored who was due");
                }
                last = today;
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "the nightly job failed and will be tried again")
            }
            Err(error) => {
                tracing::error!(%error, "the nightly job broke off and will be tried again")
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

type Outcome = Result<(Option<Day>, Option<Rescored>), String>;

fn run_once(app: &App, holder: [u8; 16], done: Option<Day>, stop: &AtomicBool) -> Outcome {
    let told = |error: Failure<Never>| error.to_string();
    let (today, card_name) = app.store.read(|conn| Ok(app.today(conn)?)).map_err(told)?;
    if done == Some(today) {
        return Ok((Some(today), None));
    }
    let card = app
        .cards
        .get(&card_name)
        .map_err(|error| error.to_string())?;
    let scoring = app.scoring(card, &card_name, today);
    let rescored = nightly(&app.store, scoring, holder, stop).map_err(|error| error.to_string())?;
    if rescored.is_none()
        && !app
            .store
            .read(|conn| Ok(is_finished(conn, RESCORE, today)?))
            .map_err(told)?
    {
        // Another instance is at it, or was when it died: its lease tells, so look again.
        return Ok((None, None));
    }
    Ok((Some(today), rescored))
}
