//! `daishan client` and `daishan key`, as an operator types them.

use super::forge::Signer;
use super::world::{SECRET, World, on_both_engines};
use crate::support::{Cli, command::Done};
use std::path::Path;

/// Runs a command on the world's database.
fn run(world: &World, arguments: &[&str]) -> Done {
    let cli = Cli::new().env("DAISHAN_KEYS__SECRET", SECRET);
    run_by(&cli, world, arguments)
}

fn run_by(cli: &Cli, world: &World, arguments: &[&str]) -> Done {
    cli.run(&[arguments, &["--database", &world.database.url]].concat())
}

fn key_file(folder: &Path, text: &str) -> String {
    let path = folder.join("key");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_client_is_added_listed_and_disabled() {
    on_both_engines(|world| {
        let folder = tempfile::tempdir().unwrap();
        let signer = Signer::es256();
        let file = key_file(folder.path(), &signer.public_pem());
        let ran = run(
            &world,
            &["client", "add", "--bank", "bank-a", "--key", &file],
        );
        assert_eq!(ran.code(), 0, "{}", ran.err());
        let id = ran.out().strip_suffix('\n').unwrap();
        assert!(
            id.starts_with("cli_") && !id.contains('\n'),
            "only the id is printed: {}",
            ran.out()
        );
        let token = world.token(&world.forge(&signer, id));
        assert_eq!(world.with_token("/test/bank", &token).status, 200);
        let listed = run(&world, &["client", "list"]);
        assert!(
            listed
                .out()
                .lines()
                .any(|line| line.starts_with(&format!("{id}\tbank-a\tES256\t")))
        );
        assert_eq!(run(&world, &["client", "disable", id]).code(), 0);
        assert_eq!(
            world.with_token("/test/bank", &token).status,
            401,
            "another process stopped it"
        );
        assert_eq!(
            run(&world, &["client", "disable", id]).code(),
            0,
            "once more changes nothing"
        );
        assert_eq!(
            run(
                &world,
                &["client", "disable", "cli_00000000000000000000000000"]
            )
            .code(),
            1
        );
        assert_eq!(run(&world, &["client", "disable", "admin"]).code(), 2);
    });
}

#[test]
fn what_is_wrong_is_told_with_its_cure() {
    on_both_engines(|world| {
        let folder = tempfile::tempdir().unwrap();
        let signer = Signer::es256();
        let file = key_file(folder.path(), &signer.public_pem());
        let ran = run(
            &world,
            &["client", "add", "--bank", "bank-x", "--key", &file],
        );
        assert_eq!((ran.code(), ran.out()), (1, ""));
        assert!(
            ran.err().contains("bank-x") && ran.err().contains("bank-a, bank-b"),
            "{}",
            ran.err()
        );
        let private = key_file(folder.path(), &signer.private_pem());
        let ran = run(
            &world,
            &["client", "add", "--bank", "bank-a", "--key", &private],
        );
        assert_eq!(ran.code(), 1);
        assert!(ran.err().contains("openssl pkey"), "{}", ran.err());
        assert!(
            !ran.err().contains(&signer.private_pem()[40..60]),
            "the key is shown"
        );
        let absent = run(
            &world,
            &["client", "add", "--bank", "bank-a", "--key", "/nowhere/key"],
        );
        assert_eq!(absent.code(), 1);
        assert_eq!(
            run(&world, &["client", "add", "--bank", "bank-a"]).code(),
            2
        );
        assert_eq!(run(&world, &["client"]).code(), 2);
    });
}

#[test]
fn the_key_is_rotated_by_another_process() {
    on_both_engines(|world| {
        let signer = Signer::es256();
        let client = world.add_client("bank-a", &signer.public_jwk().to_string());
        // The command's clock is the real one, later than the world's.
        let ran = run(&world, &["key", "rotate"]);
        assert_eq!(ran.code(), 0, "{}", ran.err());
        let kid = ran.out().trim_end().to_owned();
        let token = world.token(&world.forge(&signer, &client));
        let jwks = world.get("/.well-known/jwks.json").text().to_owned();
        assert!(jwks.contains(&kid));
        assert_eq!(world.with_token("/test/bank", &token).status, 200);
        let without = run_by(&Cli::new(), &world, &["key", "rotate"]);
        assert_eq!(without.code(), 0, "{}", without.err());
        if !world.app.store.url().is_sqlite() {
            let homeless = Cli::new().env("XDG_STATE_HOME", "").env("HOME", "");
            let without = run_by(&homeless, &world, &["key", "rotate"]);
            assert_eq!((without.code(), without.out()), (2, ""));
            assert!(
                without.err().contains("DAISHAN_KEYS__SECRET"),
                "{}",
                without.err()
            );
        }
    });
}
