//! The tables, once for both engines. `migrations/` makes them; a test compares the two.

mod advising;
mod lines;

pub use advising::*;
pub use lines::*;

diesel::table! {
    county_record (id) {
        id -> Binary,
        name -> Text,
        region -> Text,
        bureau -> Text,
        scorecard -> Text,
        business_date -> Nullable<Integer>,
        document -> Text,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    bank (id) {
        id -> Text,
        name -> Text,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    merchant (id) {
        id -> Binary,
        uscc -> Text,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    delivery (id) {
        id -> Binary,
        kind -> Text,
        source -> Text,
        covers_from -> Integer,
        covers_until -> Integer,
        file -> Text,
        digest -> Binary,
        taken_by -> Text,
        corrects -> Bool,
        started_at -> BigInt,
        finished_at -> Nullable<BigInt>,
        counts -> Nullable<Text>,
    }
}

diesel::table! {
    fact (kind, key) {
        kind -> Text,
        key -> Text,
        merchant_id -> Binary,
        version -> Integer,
        source -> Text,
    }
}

diesel::table! {
    fact_version (merchant_id, kind, key, version) {
        merchant_id -> Binary,
        kind -> Text,
        key -> Text,
        version -> Integer,
        recorded_at -> BigInt,
        delivery_id -> Binary,
        content -> Text,
    }
}

diesel::table! {
    held_change (id) {
        id -> Binary,
        kind -> Text,
        key -> Text,
        known_version -> Integer,
        digest -> Binary,
        merchant_id -> Binary,
        delivery_id -> Binary,
        line -> BigInt,
        content -> Text,
        held_at -> BigInt,
        decided_at -> Nullable<BigInt>,
        decided_by -> Nullable<Text>,
        decision -> Nullable<Text>,
    }
}

diesel::table! {
    dispute (id) {
        id -> Binary,
        kind -> Text,
        key -> Text,
        merchant_id -> Binary,
        reason -> Text,
        opened_at -> BigInt,
        opened_by -> Text,
        decided_at -> Nullable<BigInt>,
        decided_by -> Nullable<Text>,
        outcome -> Nullable<Text>,
    }
}

diesel::table! {
    coverage (delivery_id) {
        delivery_id -> Binary,
        kind -> Text,
        source -> Text,
        covers_from -> Integer,
        covers_until -> Integer,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    score (merchant_id, id) {
        merchant_id -> Binary,
        id -> Binary,
        as_of -> Integer,
        computed_at -> BigInt,
        card -> Text,
        standing -> Text,
        points -> Integer,
        tier -> Nullable<Text>,
        tier_cap -> Nullable<Text>,
        completeness -> Integer,
        next_change_on -> Nullable<Integer>,
        parts -> Text,
        red_lines -> Text,
        inputs -> Binary,
    }
}

diesel::table! {
    current_score (merchant_id) {
        merchant_id -> Binary,
        score_id -> Nullable<Binary>,
        as_of -> Integer,
        next_change_on -> Nullable<Integer>,
        stale -> Bool,
        coverage_count -> BigInt,
        card -> Text,
        marks -> BigInt,
    }
}

diesel::table! {
    client (id) {
        id -> Binary,
        bank_id -> Text,
        algorithm -> Text,
        public_key -> Text,
        added_at -> BigInt,
        disabled_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    signing_key (kid) {
        kid -> Text,
        sealed -> Binary,
        public_jwk -> Text,
        created_at -> BigInt,
        retired_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    used_assertion (client_id, jti_digest) {
        client_id -> Binary,
        jti_digest -> Binary,
        expires_at -> BigInt,
    }
}

diesel::table! {
    bank_query (bank_id, id) {
        bank_id -> Text,
        id -> Binary,
        client_id -> Binary,
        asked_at -> BigInt,
        uscc -> Text,
        purpose -> Text,
        requested_by -> Text,
        business_ref -> Text,
        outcome -> Text,
        merchant_id -> Nullable<Binary>,
        authorisation -> Nullable<Text>,
        as_of -> Integer,
        valid_until -> Nullable<Integer>,
        body_digest -> Nullable<Binary>,
        digest -> Nullable<Binary>,
    }
}

diesel::table! {
    answer_body (merchant_id, digest) {
        merchant_id -> Binary,
        digest -> Binary,
        body -> Text,
    }
}

diesel::table! {
    job_run (job, business_date) {
        job -> Text,
        business_date -> Integer,
        holder -> Binary,
        lease_until -> BigInt,
        finished_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    programme_record (programme, id) {
        programme -> Text,
        id -> Binary,
        in_force_from -> Integer,
        name -> Text,
        funder -> Text,
        first_day -> Integer,
        last_day -> Integer,
        pool -> BigInt,
        rate -> Text,
        cap_per_merchant_month -> Nullable<BigInt>,
        cap_per_merchant_year -> Nullable<BigInt>,
        unit_kinds -> Nullable<Text>,
        tiers -> Nullable<Text>,
        payment -> Text,
        certified -> Text,
        recorded_at -> BigInt,
        recorded_by -> Text,
    }
}

diesel::table! {
    ledger_account (programme, account) {
        programme -> Text,
        account -> Text,
        balance -> BigInt,
    }
}

diesel::table! {
    ledger_transfer (programme, id) {
        programme -> Text,
        id -> Binary,
        debit -> Text,
        credit -> Text,
        amount -> BigInt,
        reason -> Text,
        claim_id -> Nullable<Binary>,
        posted_on -> Integer,
        recorded_at -> BigInt,
        recorded_by -> Text,
    }
}

diesel::table! {
    claim_basis (merchant_id, programme, acquirer, month, version) {
        merchant_id -> Binary,
        programme -> Text,
        acquirer -> Text,
        month -> Integer,
        version -> Integer,
        fee -> BigInt,
        rate -> Integer,
        tier -> Nullable<Text>,
        certified -> Bool,
        entitled -> BigInt,
        granted -> BigInt,
        cause -> Text,
        record_id -> Binary,
        known_at -> BigInt,
        recorded_at -> BigInt,
        recorded_by -> Text,
    }
}

diesel::table! {
    claim (id) {
        id -> Binary,
        programme -> Text,
        merchant_id -> Binary,
        acquirer -> Text,
        month -> Integer,
        number -> Integer,
        fee -> BigInt,
        amount -> BigInt,
        remaining -> BigInt,
        status -> Text,
        version -> Integer,
        submitted_by -> Nullable<Text>,
        computed_at -> BigInt,
    }
}

diesel::table! {
    claim_event (claim_id, number) {
        claim_id -> Binary,
        number -> Integer,
        event -> Text,
        amount -> BigInt,
        reference -> Nullable<Text>,
        acted_at -> BigInt,
        acted_by -> Text,
    }
}

diesel::table! {
    idempotency_key (key_digest) {
        key_digest -> Binary,
        request_digest -> Binary,
        status -> Integer,
        body -> Text,
        created_at -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    county_record,
    bank,
    merchant,
    delivery,
    fact,
    fact_version,
    held_change,
    dispute,
    coverage,
    score,
    current_score,
    client,
    signing_key,
    used_assertion,
    bank_query,
    answer_body,
    job_run,
    programme_record,
    ledger_account,
    ledger_transfer,
    claim_basis,
    claim,
    claim_event,
    idempotency_key,
);
