//! A bank reports the statements of the merchants whose payments it takes.

mod asked;
mod shown;

use crate::app::App;
use crate::county::records::bank_by_id;
use crate::flows::report_statements::{Reporting, StatementsRefusal, Taken, report_statements};
use crate::http::{Bank, Keyed, Problem};
use crate::idempotency::Answered;
use crate::store::{Conn, Failure, StoreError};
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use asked::{StatementsReported, broken};
use shown::StatementsTaken;

/// The largest body: a thousand rows of about a thousand bytes each.
const BODY_BYTES: usize = 1 << 20;

fn answered(taken: &Taken) -> Result<Answered, StoreError> {
    let body = serde_json::to_string(&StatementsTaken::new(taken));
    Ok(Answered {
        status: 200,
        body: body.map_err(|error| StoreError::Content(error.to_string()))?,
    })
}

impl From<StatementsRefusal> for Problem {
    fn from(refusal: StatementsRefusal) -> Self {
        match refusal {
            StatementsRefusal::CoversFuture => broken("in_the_future", refusal.to_string()),
        }
    }
}

/// 上报收单月报 · Report statements of this bank as an acquirer
///
/// Kept as the same rows of a file would be: a row that is known is unchanged, one that differs is held for a person unless these are corrections, one that a person has rejected before is rejected, and one that cannot be taken is refused by itself while the others are kept. The body is at most 1 MiB (or `limits.body_bytes` where that is more); more is 413.
#[utoipa::path(
    tag = "statements",
    operation_id = "report_statements",
    params(("Idempotency-Key" = String, Header, description = "幂等键 · The same again with the same request")),
    request_body = StatementsReported,
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "每行的结果 · What became of each row", body = StatementsTaken),
    )
)]
#[post("/v1/statements")]
pub async fn report(
    bank: Bank,
    asked: Keyed<StatementsReported, BODY_BYTES>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let Keyed { body, under } = asked;
    let by = bank.actor(&body.reported_by.clone().good()?)?;
    let statements = body.statements()?;
    let client = bank.client;
    let digest = under.asked_by(client).request;
    let act = move |app: &App, conn: &mut Conn| -> Result<_, Failure<StatementsRefusal>> {
        let acquirer = bank_by_id(conn, &bank.id)?.name;
        let reporting = Reporting {
            kinds: &app.kinds,
            acquirer: &acquirer,
            by: &by,
            digest,
            today: app.today(conn)?.0,
            clock: &*app.clock,
            randomness: &*app.randomness,
        };
        let taken = report_statements(conn, reporting, &statements)?;
        Ok(answered(&taken)?)
    };
    under.once(&app, client, act).await
}
