//! What the books must keep whatever is asked of them.

use super::*;
use proptest::prelude::*;

fn posting(movement: Movement, fen: i64) -> Posting {
    Posting {
        movement,
        amount: Money::from_fen(fen),
        claim: None,
        posted_on: Day::from_number(20_000),
    }
}

#[test]
fn what_is_not_there_cannot_be_taken() {
    let mut balances = Balances::default();
    assert_eq!(
        balances.post(&posting(Movement::Reserve, 1)),
        Err(Refusal::Overdrawn(Account::Pool))
    );
    assert_eq!(balances.post(&posting(Movement::Fund, 100)), Ok(()));
    assert_eq!(balances.post(&posting(Movement::Reserve, 100)), Ok(()));
    assert_eq!(
        balances.post(&posting(Movement::Reserve, 1)),
        Err(Refusal::Overdrawn(Account::Pool))
    );
    for fen in [0, -1, i64::MIN] {
        assert_eq!(
            balances.post(&posting(Movement::Fund, fen)),
            Err(Refusal::OutOfRange)
        );
    }
    assert_eq!(
        balances.post(&posting(Movement::Fund, i64::MAX)),
        Err(Refusal::OutOfRange)
    );
    assert_eq!(balances.of(Account::Funding), Money::from_fen(-100));
}

#[test]
fn names_read_back_and_no_movement_stays_where_it_is() {
    for account in Account::ALL {
        assert_eq!(Account::parse(account.as_str()), Some(account));
    }
    for movement in Movement::ALL {
        assert_ne!(movement.debit(), movement.credit());
    }
}

proptest! {
    #[test]
    fn the_sum_is_zero_and_nothing_is_overdrawn(
        asked in prop::collection::vec((0..8usize, -5..200i64), 0..200)
    ) {
        let mut balances = Balances::default();
        for (movement, fen) in asked {
            let before = balances;
            if balances.post(&posting(Movement::ALL[movement], fen)).is_err() {
                prop_assert_eq!(balances, before);
            }
            prop_assert!(balances.is_balanced());
            for account in &Account::ALL[1..] {
                prop_assert!(balances.of(*account) >= Money::ZERO);
            }
        }
    }
}
