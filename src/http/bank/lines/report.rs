//! A bank reports what it has granted and how it is used.

use super::asked::{
    LineEvent, LineGranted, LineMovement, LineOverride, LinePosition, Named, broken, name,
};
use super::shown::{LineShown, ReportedShown};
use crate::access::TokenRefusal;
use crate::app::App;
use crate::credit_line::Report;
use crate::flows::report_lines::{Kept, KeptReport, LineReport, ReportRefusal};
use crate::http::keyed::{UnderKey, answer};
use crate::http::wire::parameter;
use crate::http::{Code, Keyed, PresentedToken, Problem};
use crate::idempotency::Answered;
use crate::store::StoreError;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};

/// Keeps a report under its key, and answers with the line as it then stands: the answer comes when it is durable.
async fn keep(
    PresentedToken(caller): PresentedToken,
    app: &Data<App>,
    under: UnderKey,
    (agreement, report, person): (String, Report, String),
) -> Result<HttpResponse, Problem> {
    let (asked, guard) = under.enter(app, caller.client)?;
    let told = LineReport {
        client: caller.client,
        bank: caller.bank,
        asked,
        agreement,
        report,
        person,
        tell,
        guard,
    };
    answer(app.line_reports.submit(told).await??)
}

/// What the bank is told of a report.
fn tell(kept: KeptReport) -> Result<Answered, StoreError> {
    let (status, report) = match kept.kept {
        Kept::New => (201, "new"),
        Kept::Changed => (201, "changed"),
        Kept::Unchanged => (200, "unchanged"),
    };
    let shown = ReportedShown {
        report,
        as_of: kept.as_of,
        counts_from: kept.counts_from,
        line: LineShown::new(kept.line),
    };
    let body =
        serde_json::to_string(&shown).map_err(|error| StoreError::Content(error.to_string()))?;
    Ok(Answered { status, body })
}

impl From<ReportRefusal> for Problem {
    fn from(refusal: ReportRefusal) -> Self {
        match refusal {
            ReportRefusal::Disabled => TokenRefusal.into(),
            ReportRefusal::NoSuchLine => Self::new(Code::NotFound),
            ReportRefusal::NoSuchAnswer => broken(
                "/relied_on",
                "no_such_answer",
                "本机构没有得到过关于该商户的这一回答 · this bank was given no such answer about the merchant",
            ),
            ReportRefusal::InFuture => broken(
                "/on",
                "in_future",
                "发生日期在今天之后 · the day on which it happened is still to come",
            ),
            ReportRefusal::SamePerson => broken(
                "/approved_by",
                "same_person",
                "经办人与审批人须为两人 · whoever reports and whoever approves must be two persons",
            ),
        }
    }
}

fn agreement(path: &str) -> Result<String, Problem> {
    Ok(name(&parameter::<Named>("agreement", path)?))
}

/// 上报授信 · Report a line that was granted
///
/// Reported again it is a new version; what should not change is flagged. A limit above the cap of the tier is an override: pending until reason and a second person are reported.
#[utoipa::path(
    tag = "lines",
    operation_id = "report_line_granted",
    params(("Idempotency-Key" = String, Header, description = "幂等键 · The same again with the same request")),
    request_body = LineGranted,
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "已知，无变化 · Known already", body = ReportedShown),
        (status = 201, description = "已记录 · Kept", body = ReportedShown),
    )
)]
#[post("/v1/lines")]
pub async fn grant(
    bank: PresentedToken,
    asked: Keyed<LineGranted>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let reported = asked.body.report()?;
    keep(bank, &app, asked.under, reported).await
}

/// 上报额度调整、冻结、解冻、到期、终止、结清 · Report what happened to a line
///
/// What does not follow is kept and flagged. With a balance a line is not settled.
#[utoipa::path(
    tag = "lines",
    operation_id = "report_line_event",
    params(
        ("agreement" = String, Path, description = "授信协议号码 · The bank's own number of the agreement"),
        ("Idempotency-Key" = String, Header, description = "幂等键 · The same again with the same request")
    ),
    request_body = LineEvent,
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "已知，无变化 · Known already", body = ReportedShown),
        (status = 201, description = "已记录 · Kept", body = ReportedShown),
        (status = 404, description = "本机构没有这笔授信 · This bank has no such line", content_type = "application/problem+json"),
    )
)]
#[post("/v1/lines/{agreement}/events")]
pub async fn event(
    bank: PresentedToken,
    line: Path<String>,
    asked: Keyed<LineEvent>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let agreement = agreement(&line)?;
    let (report, person) = asked.body.report()?;
    keep(bank, &app, asked.under, (agreement, report, person)).await
}

/// 上报用信或还款 · Report a draw or a repayment
///
/// Known by the bank's serial number: the same again is no second movement, another content is a new version and flagged.
#[utoipa::path(
    tag = "lines",
    operation_id = "report_line_movement",
    params(
        ("agreement" = String, Path, description = "授信协议号码 · The bank's own number of the agreement"),
        ("Idempotency-Key" = String, Header, description = "幂等键 · The same again with the same request")
    ),
    request_body = LineMovement,
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "已知，无变化 · Known already", body = ReportedShown),
        (status = 201, description = "已记录 · Kept", body = ReportedShown),
        (status = 404, description = "本机构没有这笔授信 · This bank has no such line", content_type = "application/problem+json"),
    )
)]
#[post("/v1/lines/{agreement}/movements")]
pub async fn movement(
    bank: PresentedToken,
    line: Path<String>,
    asked: Keyed<LineMovement>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let agreement = agreement(&line)?;
    let (report, person) = asked.body.report()?;
    keep(bank, &app, asked.under, (agreement, report, person)).await
}

/// 上报时点余额 · Report a position
///
/// Limit and balance at the end of a day, such as a month's last.
#[utoipa::path(
    tag = "lines",
    operation_id = "report_line_position",
    params(
        ("agreement" = String, Path, description = "授信协议号码 · The bank's own number of the agreement"),
        ("Idempotency-Key" = String, Header, description = "幂等键 · The same again with the same request")
    ),
    request_body = LinePosition,
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "已知，无变化 · Known already", body = ReportedShown),
        (status = 201, description = "已记录 · Kept", body = ReportedShown),
        (status = 404, description = "本机构没有这笔授信 · This bank has no such line", content_type = "application/problem+json"),
    )
)]
#[post("/v1/lines/{agreement}/positions")]
pub async fn position(
    bank: PresentedToken,
    line: Path<String>,
    asked: Keyed<LinePosition>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let agreement = agreement(&line)?;
    let (report, person) = asked.body.report()?;
    keep(bank, &app, asked.under, (agreement, report, person)).await
}

/// 上报超限审批 · Report why a limit lies above the cap
///
/// The reason, and a second person of the bank beside the one who reports.
#[utoipa::path(
    tag = "lines",
    operation_id = "report_line_override",
    params(
        ("agreement" = String, Path, description = "授信协议号码 · The bank's own number of the agreement"),
        ("Idempotency-Key" = String, Header, description = "幂等键 · The same again with the same request")
    ),
    request_body = LineOverride,
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "已知，无变化 · Known already", body = ReportedShown),
        (status = 201, description = "已记录 · Kept", body = ReportedShown),
        (status = 404, description = "本机构没有这笔授信 · This bank has no such line", content_type = "application/problem+json"),
    )
)]
#[post("/v1/lines/{agreement}/override")]
pub async fn agreed(
    bank: PresentedToken,
    line: Path<String>,
    asked: Keyed<LineOverride>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let agreement = agreement(&line)?;
    let (report, person) = asked.body.report()?;
    keep(bank, &app, asked.under, (agreement, report, person)).await
}
