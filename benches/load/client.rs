//! A client that costs little: one thread, so many connections, one request at a time on each.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One request, as bytes.
#[derive(Clone)]
pub struct Case {
    address: String,
    bytes: Vec<u8>,
    /// Where a number goes that no other request bears.
    places: Vec<usize>,
}

/// Stands where the number goes: as many characters as it has.
pub const NUMBER: &str = "#NUMBER#####";

impl Case {
    pub fn get(address: &str, path: &str, token: Option<&str>) -> Self {
        Self::new(address, "GET", path, token, None)
    }

    pub fn post(address: &str, path: &str, token: &str, body: &str) -> Self {
        Self::new(address, "POST", path, Some(token), Some(body))
    }

    fn new(
        address: &str,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<&str>,
    ) -> Self {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\n");
        if let Some(token) = token {
            head += &format!("authorization: Bearer {token}\r\n");
        }
        if let Some(body) = body {
            head += &format!(
                "content-type: application/json\r\ncontent-length: {}\r\n",
                body.len()
            );
        }
        Self::of(address, format!("{head}\r\n{}", body.unwrap_or_default()))
    }

    fn of(address: &str, text: String) -> Self {
        let places = text.match_indices(NUMBER).map(|(place, _)| place);
        Self {
            address: address.to_owned(),
            places: places.collect(),
            bytes: text.into_bytes(),
        }
    }

    /// A report under a key of its own.
    pub fn keyed(address: &str, path: &str, token: &str, body: &str) -> Self {
        let plain = Self::post(address, path, token, body);
        let text = String::from_utf8(plain.bytes).unwrap();
        let key = format!("\r\nidempotency-key: {NUMBER}\r\ncontent-type");
        Self::of(address, text.replacen("\r\ncontent-type", &key, 1))
    }

    /// The request, with the next number.
    fn numbered(&self) -> Vec<u8> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let mut bytes = self.bytes.clone();
        if !self.places.is_empty() {
            let number = format!("{:012}", NEXT.fetch_add(1, Ordering::Relaxed));
            for place in &self.places {
                bytes[*place..*place + NUMBER.len()].copy_from_slice(number.as_bytes());
            }
        }
        bytes
    }

    /// Sends it once and returns the body of the answer.
    pub fn once(&self) -> String {
        runtime().block_on(async {
            let mut stream = TcpStream::connect(&self.address).await.unwrap();
            let mut buffer = Vec::new();
            let (_, body) = exchange(&mut stream, &self.numbered(), &mut buffer)
                .await
                .unwrap();
            String::from_utf8(buffer[body..].to_vec()).unwrap()
        })
    }
}

/// What came of a case.
#[derive(Default)]
pub struct Measured {
    /// In microseconds.
    latencies: Vec<u32>,
    pub refused: usize,
    seconds: f64,
    /// What the answering process spent on processors, in seconds.
    processor: f64,
}

impl Measured {
    pub fn add(&mut self, more: Self) {
        self.latencies.extend(more.latencies);
        self.refused += more.refused;
        self.seconds += more.seconds;
        self.processor += more.processor;
    }

    /// Microseconds of processor time that the answering process spent on one request.
    pub fn processor(&self) -> f64 {
        self.processor * 1e6 / self.latencies.len() as f64
    }

    pub fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.seconds
    }

    /// A quantile of the latency in milliseconds.
    pub fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let place = (sorted.len() as f64 * share) as usize;
        f64::from(
            sorted
                .get(place.min(sorted.len().saturating_sub(1)))
                .copied()
                .unwrap_or(0),
        ) / 1000.0
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// Asks the cases in turn over so many connections, for so long.
pub fn measure(cases: &[Case], process: u32, connections: usize, time: Duration) -> Measured {
    let before = processor_time(process);
    runtime().block_on(async {
        let begun = Instant::now();
        let until = begun + time;
        let mut asking = tokio::task::JoinSet::new();
        for number in 0..connections {
            let cases = cases.to_vec();
            asking.spawn(async move { ask(&cases, number, until).await });
        }
        let mut all = Measured::default();
        while let Some(one) = asking.join_next().await {
            all.add(one.unwrap());
        }
        all.seconds = begun.elapsed().as_secs_f64();
        all.processor = processor_time(process) - before;
        all
    })
}

/// The user and system time of a process in seconds (proc(5), stat, fields 14 and 15, in hundredths).
fn processor_time(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |place: usize| fields[place].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / 100.0
}

async fn ask(cases: &[Case], first: usize, until: Instant) -> Measured {
    let mut stream = TcpStream::connect(&cases[0].address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut measured = Measured::default();
    let mut buffer = Vec::with_capacity(16 * 1024);
    for number in first.. {
        let sent = Instant::now();
        if sent >= until {
            break;
        }
        let case = &cases[number % cases.len()];
        match exchange(&mut stream, &case.numbered(), &mut buffer).await {
            Ok((200 | 201, _)) => measured.latencies.push(sent.elapsed().as_micros() as u32),
            Ok(_) => measured.refused += 1,
            Err(_) => {
                measured.refused += 1;
                stream = TcpStream::connect(&case.address).await.unwrap();
            }
        }
    }
    measured
}

/// Sends a request and reads its answer; returns the status and where the body begins.
async fn exchange(
    stream: &mut TcpStream,
    request: &[u8],
    buffer: &mut Vec<u8>,
) -> std::io::Result<(u16, usize)> {
    stream.write_all(request).await?;
    buffer.clear();
    let mut whole = usize::MAX;
    let mut body = 0;
    while buffer.len() < whole {
        if stream.read_buf(buffer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if body == 0 {
            let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
                continue;
            };
            body = end + 4;
            whole = body + length(&buffer[..end]);
        }
    }
    let status = std::str::from_utf8(&buffer[9..12])
        .unwrap()
        .parse()
        .unwrap();
    Ok((status, body))
}

fn length(head: &[u8]) -> usize {
    let head = std::str::from_utf8(head).unwrap().to_ascii_lowercase();
    let line = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    line.unwrap().trim().parse().unwrap()
}
