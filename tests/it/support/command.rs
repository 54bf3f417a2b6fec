//! The real binary, run in a folder of its own with no settings from the environment.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;
use tempfile::TempDir;

/// A folder in which commands are run.
pub struct Cli {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Cli {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            environment: Vec::new(),
        }
    }

    /// Sets a variable for the commands that follow.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn command(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_daishan"));
        let ours = std::env::vars_os().filter(|(name, _)| {
            name.to_str()
                .is_none_or(|name| name.starts_with("DAISHAN_"))
        });
        for (name, _) in ours {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .current_dir(self.folder())
            .env("XDG_STATE_HOME", self.folder().join("state"))
            .envs(self.environment.iter().cloned());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Done {
        Done(self.command(arguments).output().unwrap())
    }

    /// Starts a command that serves, and waits until it has told its address.
    pub fn serve(&self, arguments: &[&str]) -> Serving {
        let mut command = self.command(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut told = String::new();
        let address = loop {
            let Some(Ok(line)) = lines.next() else {
                panic!("it ended without serving:\n{told}");
            };
            told += &format!("{line}\n");
            if let Some((_, address)) = line.split_once("listening on http://") {
                // In a log of JSON the line goes on.
                let end = address.find(['"', ' ']).unwrap_or(address.len());
                break address[..end].trim().to_owned();
            }
        };
        // Somebody has to read on, or the server waits for its log.
        let reader = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                told += &format!("{line}\n");
            }
            told
        });
        Serving {
            child,
            address,
            reader: Some(reader),
        }
    }
}

/// What a command left behind.
pub struct Done(Output);

impl Done {
    pub fn code(&self) -> i32 {
        self.0.status.code().unwrap()
    }

    pub fn out(&self) -> &str {
        std::str::from_utf8(&self.0.stdout).unwrap()
    }

    pub fn err(&self) -> &str {
        std::str::from_utf8(&self.0.stderr).unwrap()
    }
}

/// A server of its own process. Killed when it is dropped.
pub struct Serving {
    pub child: Child,
    /// `127.0.0.1:PORT`
    pub address: String,
    reader: Option<JoinHandle<String>>,
}

impl Serving {
    /// Ends it, and gives what it told on stderr.
    pub fn log(mut self) -> String {
        let _ = self.child.kill();
        self.reader.take().unwrap().join().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
