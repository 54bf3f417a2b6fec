//! The tables of advice and of the messages about it. None is joined with another.

diesel::table! {
    line_of_merchant (uscc, bank_id, agreement) {
        uscc -> Text,
        bank_id -> Text,
        agreement -> Text,
    }
}

diesel::table! {
    tier_fall (merchant_id, tier_before) {
        merchant_id -> Binary,
        tier_before -> Text,
        fell_on -> Integer,
        due_on -> Integer,
        watched -> Bool,
    }
}

diesel::table! {
    advice (bank_id, id) {
        bank_id -> Text,
        id -> Binary,
        agreement -> Text,
        merchant_id -> Binary,
        uscc -> Text,
        cause -> Text,
        action -> Text,
        since -> Integer,
        made_at -> BigInt,
        acknowledged_at -> Nullable<BigInt>,
        acknowledged_by -> Nullable<Text>,
        note -> Nullable<Text>,
        lifted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    outbox (bank_id, id) {
        bank_id -> Text,
        id -> Binary,
        kind -> Text,
        advice_id -> Binary,
        created_at -> BigInt,
        received_at -> Nullable<BigInt>,
    }
}
