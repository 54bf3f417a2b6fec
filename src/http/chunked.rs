//! Bodies in chunks that nobody reads to their end.
//!
//! Once such a body has been dropped, actix reads on for its end without a limit of time, and whoever never sends it
//! holds a connection for ever. While it is still held when the answer goes out, actix closes the connection instead.

use actix_web::HttpMessage;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::header::TRANSFER_ENCODING;
use futures_util::{Stream, stream::poll_fn};
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

/// How long a body is held after its answer: long enough for the answer to go out.
const AFTERWARDS: Duration = Duration::from_secs(5);

/// A body that outlives its answer; none where its length was declared.
pub struct Held(Option<Rc<RefCell<Payload>>>);

impl Held {
    /// Holds the body of a request, and lets its door read it as before.
    pub fn of(request: &mut ServiceRequest) -> Self {
        if !request.headers().contains_key(TRANSFER_ENCODING) {
            return Self(None);
        }
        let held = Rc::new(RefCell::new(request.take_payload()));
        let read = held.clone();
        let payload = poll_fn(move |context| Pin::new(&mut *read.borrow_mut()).poll_next(context));
        request.set_payload(Payload::Stream {
            payload: Box::pin(payload),
        });
        Self(Some(held))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(held) = self.0.take() {
            actix_web::rt::spawn(async move {
                tokio::time::sleep(AFTERWARDS).await;
                drop(held);
            });
        }
    }
}
