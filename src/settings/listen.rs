//! Where to listen, as it is written: `HOST:PORT`. The name is looked up when the program listens, not before.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::str::FromStr;

/// A host's name or address (of IPv6 in brackets), and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    host: String,
    port: u16,
}

impl Listen {
    /// The same host and another port: the one that the system picked where 0 was asked for.
    #[must_use]
    pub fn with_port(&self, port: u16) -> Self {
        let host = self.host.clone();
        Self { host, port }
    }

    /// Whether it stands for every address of the machine (0.0.0.0, ::), and so is nobody's to ask.
    pub fn is_unspecified(&self) -> bool {
        let bare = self.host.trim_matches(['[', ']']);
        let address = bare.parse::<IpAddr>();
        address.is_ok_and(|address| address.to_canonical().is_unspecified())
    }

    /// The addresses of the host, in the order in which they are to be tried; at least one.
    ///
    /// # Errors
    /// Where the name is not known.
    pub fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        let found: Vec<_> = self.to_string().to_socket_addrs()?.collect();
        if found.is_empty() {
            return Err(io::Error::other("no address"));
        }
        Ok(found)
    }
}

/// A text that is not `HOST:PORT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnAddress;

impl FromStr for Listen {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let (host, port) = text.rsplit_once(':').ok_or(NotAnAddress)?;
        let is_name = |host: &str| {
            let part = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
            !host.is_empty() && host.bytes().all(part)
        };
        if !is_name(host) && text.parse::<SocketAddr>().is_err() {
            return Err(NotAnAddress);
        }
        Ok(Self {
            host: host.to_owned(),
            port: port.parse().map_err(|_| NotAnAddress)?,
        })
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_with_a_port_are_taken_and_nothing_else() {
        for text in ["127.0.0.1:8080", "localhost:0", "[::1]:80", "a-b.c_d:65535"] {
            assert_eq!(text.parse::<Listen>().unwrap().to_string(), text);
        }
        for text in [
            "nowhere", ":80", "::1:80", "a:b:80", "h:65536", "h:", "h :1", "[x]:1",
        ] {
            assert_eq!(text.parse::<Listen>(), Err(NotAnAddress), "{text}");
        }
    }

    #[test]
    fn an_address_of_every_interface_is_told_apart() {
        let is_unspecified = |text: &str| text.parse::<Listen>().unwrap().is_unspecified();
        assert!(
            ["0.0.0.0:1", "[::]:1", "[::ffff:0.0.0.0]:1"]
                .into_iter()
                .all(is_unspecified)
        );
        assert!(
            !["127.0.0.1:1", "[::1]:1", "localhost:1"]
                .into_iter()
                .any(is_unspecified)
        );
    }
}
