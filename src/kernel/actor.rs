//! Who does an act. Every flow that changes something takes one, so that nothing happens anonymously.

use super::text::normalised;
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

/// Whether two names are of one person, where one may not do what the other has done: they are if they have the same
/// letters and digits. Signs that nobody sees, capitals and wide digits make no other person.
pub fn is_same_person(one: &str, other: &str) -> bool {
    let told = |name: &str| -> String {
        let name = normalised(name).to_lowercase();
        name.chars().filter(|c| c.is_alphanumeric()).collect()
    };
    told(one) == told(other)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_under_two_spellings_is_one_person() {
        for other in [
            "R007",
            "r007",
            " R007 ",
            "R007\u{200b}",
            "Ｒ００７",
            "R-007",
            "R\u{2060}007",
        ] {
            assert!(is_same_person("R007", other), "{other:?}");
        }
        assert!(is_same_person("张三", "张\u{200d}三"));
        for other in ["R008", "R0071", "张三"] {
            assert!(!is_same_person("R007", other), "{other:?}");
        }
    }
}
