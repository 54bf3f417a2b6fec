//! The yardstick: hello world on the same actix, with nothing around it, in a process of its own.

use actix_web::{App, HttpServer, web};
use std::process::{Child, Command};

/// Serves until it is killed.
pub fn serve(port: u16) {
    let server = HttpServer::new(|| App::new().route("/", web::get().to(async || "hello world")))
        .bind(("127.0.0.1", port))
        .unwrap();
    actix_web::rt::System::new().block_on(server.run()).unwrap();
}

/// The yardstick's process.
pub struct Hello {
    child: Child,
    address: String,
}

impl Hello {
    pub fn start() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let own = std::env::current_exe().unwrap();
        let child = Command::new(own)
            .args(["hello", &port.to_string()])
            .spawn()
            .unwrap();
        let address = format!("127.0.0.1:{port}");
        while std::net::TcpStream::connect(&address).is_err() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Self { child, address }
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Hello {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
