//! `daishan serve`: answers the banks until it is told to stop.

use super::{Context, Failed, key};
use crate::app::App;
use crate::flows::rotate_key::ensure_key;
use crate::http;
use crate::kernel::{SystemClock, SystemRandomness};
use crate::settings::{LogFormat, Settings};
use clap::Args;
use std::net::TcpListener;
use std::sync::Arc;

/// 启动服务；没有SQLite文件时新建 · Start the service; a missing SQLite file is made
#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    listen: Listen,
}

/// Where to listen; shared by the commands that serve.
#[derive(Args)]
pub struct Listen {
    /// 监听地址，端口0由系统分配 · The address to listen on; port 0 picks one
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
}

impl Listen {
    /// What it says of the settings.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let listen = self.listen.clone();
        listen
            .map(|text| ("server.listen", text))
            .into_iter()
            .collect()
    }
}

impl Serve {
    pub(super) fn settings(&self) -> Vec<(&'static str, String)> {
        self.listen.settings()
    }

    pub(super) fn run(self, context: Context) -> Result<(), Failed> {
        let mut settings = context.settings;
        let listener = listen(&mut settings)?;
        let app = App::build(
            settings,
            &context.configuration,
            Arc::new(SystemClock),
            Arc::new(SystemRandomness),
        )?;
        serve(app, listener)
    }
}

/// Takes the address, and writes into the settings which one it became where port 0 was asked for.
///
/// # Errors
/// Where the name is not known, or the address is taken or not ours.
pub fn listen(settings: &mut Settings) -> Result<TcpListener, Failed> {
    let server = &mut settings.server;
    let address = &server.listen;
    let found = address.addresses().map_err(|error| {
        Failed::new(format!(
            "找不到主机 {address}：{error}；--listen 写IP地址或本机能解析的名称 · there is no host {address}: {error}; give \
             --listen an IP address or a name that this machine can resolve"
        ))
    })?;
    let listener = TcpListener::bind(&*found).map_err(|error| {
        Failed::new(format!(
            "无法监听 {address}：{error}；换一个地址或端口 · cannot listen on {address}: {error}; choose another address or \
             port"
        ))
    })?;
    server.listen = address.with_port(listener.local_addr()?.port());
    if server.issuer.is_none() && server.listen.is_unspecified() {
        tracing::warn!(
            "没有设置 server.issuer，银行的断言须写 http://{0}，而这不是可访问的地址；请设为对外地址 · server.issuer is not \
             set, so assertions must name http://{0}, which is nobody's address: set it (DAISHAN_SERVER__ISSUER) to the \
             address that banks use",
            server.listen
        );
    }
    Ok(listener)
}

/// Tells the address on stderr and serves until SIGINT or SIGTERM.
///
/// # Errors
/// Where the server cannot run, or could answer no query.
pub fn serve(app: App, listener: TcpListener) -> Result<(), Failed> {
    app.card()?;
    // A missing secret is told now, and not to the first bank.
    ensure_key(&app.store, &app.keys, &*app.clock, &*app.randomness).map_err(key::failed)?;
    let address = listener.local_addr()?;
    if app.settings.log.format == LogFormat::Json {
        tracing::info!("listening on http://{address}");
    } else {
        eprintln!("正在监听 · listening on http://{address}");
    }
    Ok(http::server::run(app, listener)?)
}
