//! A bank fetches its messages, looks at what it is advised about its lines, and takes note.

mod acknowledge;
mod look;
mod messages;
mod shown;

use crate::app::App;
use crate::flows::acknowledge_advice::AdviceRefusal;
use crate::flows::tell_advice::{Teller, Telling};
use crate::http::{Bank, Code, Problem, Words};
use crate::store::{Conn, StoreError};
use utoipa_actix_web::service_config::ServiceConfig;

/// The doors of this folder.
pub fn routes(doors: &mut ServiceConfig<'_>) {
    doors
        .service(messages::pending)
        .service(messages::receipts)
        .service(look::list)
        .service(look::one)
        .service(acknowledge::acknowledge);
}

/// How many rows are looked through at a time for what may be told.
const STEP: i64 = 500;

/// The bank's own id of whoever asks; it goes into the log.
type Asker = Words<1, 100>;

/// Tells the bank, as of the business date.
fn teller<'a>(
    app: &'a App,
    conn: &mut Conn,
    bank: &'a Bank,
    requested_by: &'a str,
) -> Result<Teller<'a>, StoreError> {
    let (today, _) = app.today(conn)?;
    let telling = Telling {
        kinds: &app.kinds,
        bank: &bank.id,
        client: bank.client,
        requested_by,
        today,
        clock: &*app.clock,
        randomness: &*app.randomness,
    };
    Teller::new(conn, telling)
}

impl From<AdviceRefusal> for Problem {
    fn from(refusal: AdviceRefusal) -> Self {
        match refusal {
            AdviceRefusal::Unknown => Self::new(Code::NotFound),
            AdviceRefusal::State(_) => Self::new(Code::AdviceStatus).detail(refusal.to_string()),
        }
    }
}
