//! The tables of products and lines of credit. None is joined with another.

diesel::table! {
    product (id) {
        id -> Binary,
        bank_id -> Text,
        product_id -> Text,
        in_force_from -> Integer,
        content -> Text,
        recorded_at -> BigInt,
        client_id -> Nullable<Binary>,
        reported_by -> Nullable<Text>,
    }
}

diesel::table! {
    loan_prime_rate (id) {
        id -> Binary,
        term -> Text,
        published_on -> Integer,
        basis_points -> Integer,
        in_force_from -> Integer,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    snapshot_row (source, kind, delivery_id, key) {
        source -> Text,
        kind -> Text,
        delivery_id -> Binary,
        key -> Text,
        line -> BigInt,
        merchant_id -> Nullable<Binary>,
        version -> Integer,
    }
}

diesel::table! {
    reported_line (bank_id, agreement) {
        bank_id -> Text,
        agreement -> Text,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    line_report (bank_id, kind, key, agreement, version) {
        bank_id -> Text,
        agreement -> Text,
        kind -> Text,
        key -> Text,
        version -> Integer,
        content -> Text,
        reported_by -> Text,
        client_id -> Binary,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    movement_day (bank_id, agreement, moved_on) {
        bank_id -> Text,
        agreement -> Text,
        moved_on -> Integer,
        drawn -> BigInt,
        repaid -> BigInt,
    }
}
