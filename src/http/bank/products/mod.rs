//! A bank tells what its products are, and looks at them.

mod asked;
mod shown;

use crate::app::App;
use crate::flows::declare_product::{Declared, ProductRefusal, declare_product};
use crate::http::bank::lines::broken;
use crate::http::wire::parameter;
use crate::http::{Bank, Keyed, Optional, Params, Problem, blocking};
use crate::idempotency::Answered;
use crate::kernel::Day;
use crate::product::records::{Declarer, products};
use crate::store::{Conn, Failure, StoreError};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use asked::{ProductId, ProductTold};
use serde::Deserialize;
use shown::{ProductReported, ProductShown, ProductsShown};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

/// The doors of this folder.
pub fn routes(doors: &mut ServiceConfig<'_>) {
    doors.service(list).service(tell);
}

/// Of which day.
#[derive(Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ProductsAsked {
    /// 截至日，不写则为营业日 · The date; otherwise the business date
    #[validate(nested)]
    #[param(value_type = Option<String>, format = Date, nullable = false)]
    as_of: Optional<Day>,
}

/// 列出本机构的产品 · List this bank's products
///
/// As they are on a day, which may lie ahead; on a day before all records of a product the first one is told.
#[utoipa::path(
    tag = "products",
    operation_id = "products",
    params(ProductsAsked),
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "本机构的产品 · The products of this bank", body = ProductsShown),
    )
)]
#[get("/v1/products")]
async fn list(
    bank: Bank,
    params: Params<ProductsAsked>,
    app: Data<App>,
) -> Result<Json<ProductsShown>, Problem> {
    let Params(asked) = params;
    let asked = asked.as_of.value();
    let shown = blocking(&app, move |app| {
        app.store.read(|conn| -> Result<_, Failure<StoreError>> {
            let as_of = match asked {
                Some(day) => day,
                None => app.today(conn)?.0,
            };
            let known = products(conn)?;
            let products = known.dated_of_bank(&bank.id, as_of);
            let products = products.map(ProductShown::new).collect();
            Ok(ProductsShown { as_of, products })
        })
    });
    shown.await.map(Json)
}

/// 设定产品 · Tell what a product is from a day on
///
/// Records are only added. The one told last holds from its own day on, whether the bank or a folder of the county
/// has told it; what holds already is `unchanged`. The cap is advice: the bank alone decides.
#[utoipa::path(
    tag = "products",
    operation_id = "tell_product",
    params(
        ("id" = String, Path, description = "产品编号 · The product's id: at most 64 letters, digits or -_."),
        ("Idempotency-Key" = String, Header, description = "幂等键 · The same again with the same request")
    ),
    request_body = ProductTold,
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "已知，无变化 · Known already", body = ProductReported),
        (status = 201, description = "已记录 · Kept", body = ProductReported),
    )
)]
#[post("/v1/products/{id}")]
async fn tell(
    bank: Bank,
    id: Path<String>,
    asked: Keyed<ProductTold>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let id: ProductId = parameter("id", &id)?;
    let (said, person) = asked.body.record(&bank.id, id)?;
    let by = Declarer {
        client: bank.client.as_bytes().to_vec(),
        person,
    };
    let act = move |app: &App, conn: &mut Conn| -> Result<Answered, Failure<ProductRefusal>> {
        let (today, _) = app.today(conn)?;
        let ids = (&*app.clock, &*app.randomness);
        let (status, report) = match declare_product(conn, &said, &by, today, ids)? {
            Declared::New => (201, "new"),
            Declared::Changed => (201, "changed"),
            Declared::Unchanged => (200, "unchanged"),
        };
        let known = products(conn)?;
        let mut own = known.dated_of_bank(&said.record.bank, said.from);
        let product = own.find(|dated| dated.record.id == said.record.id);
        let product = ProductShown::new(product.unwrap_or(&said));
        let body = serde_json::to_string(&ProductReported { report, product })
            .map_err(|error| StoreError::Content(error.to_string()))?;
        Ok(Answered { status, body })
    };
    asked.under.once(&app, bank.client, act).await
}

impl From<ProductRefusal> for Problem {
    fn from(refusal: ProductRefusal) -> Self {
        match refusal {
            ProductRefusal::BeforeToday => broken("/from", "before_today", refusal.to_string()),
        }
    }
}
