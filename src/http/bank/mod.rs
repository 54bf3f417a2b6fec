//! The bank's door.

mod advice;
mod answers;
mod claims;
mod financing;
mod lines;
mod products;
mod scorecards;
mod scores;
mod statements;

use crate::county::records::banks;
use crate::store::{Conn, StoreError};
use utoipa_actix_web::service_config::ServiceConfig;

/// The doors of this folder.
pub fn routes(doors: &mut ServiceConfig<'_>) {
    doors
        .service(scores::score)
        .service(scores::query)
        .service(financing::financing)
        .service(answers::answer)
        .service(scorecards::scorecard)
        .configure(advice::routes)
        .configure(claims::routes)
        .configure(lines::routes)
        .configure(products::routes)
        .service(statements::report);
}

/// The name by which programmes know a bank as their funder, and statements as their acquirer.
fn name_of(conn: &mut Conn, bank: &str) -> Result<String, StoreError> {
    let known = banks(conn)?.into_iter().find(|known| known.id == bank);
    let known = known.ok_or_else(|| StoreError::Content("a client of no bank".to_owned()))?;
    Ok(known.name)
}
