//! Who does an act. Every flow that changes something takes one, so that nothing happens anonymously.

use std::fmt;

/// The name under which an act is recorded: a person named with `--by`, or a job of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor(String);

/// A name that is blank, too long or holds control characters.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "行为人不能为空、不能超过100字、不能含控制字符 · the actor must be 1 to 100 characters without control characters"
)]
pub struct NotAnActor;

impl Actor {
    /// Accepts 1 to 100 characters without control characters; surrounding blanks are trimmed.
    pub fn parse(text: &str) -> Result<Self, NotAnActor> {
        let name = text.trim();
        let fits = (1..=100).contains(&name.chars().count());
        if fits && !name.chars().any(char::is_control) {
            Ok(Self(name.to_owned()))
        } else {
            Err(NotAnActor)
        }
    }

    /// A job of the service itself, such as the nightly rescoring.
    pub fn job(name: &'static str) -> Self {
        Self(format!("job:{name}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Actor {
    type Err = NotAnActor;
    fn from_str(text: &str) -> Result<Self, NotAnActor> {
        Self::parse(text)
    }
}
