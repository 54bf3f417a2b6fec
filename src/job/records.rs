//! Rows of jobs.

use super::LEASE_SECONDS;
use crate::kernel::{Day, Instant};
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::{Conn, schema::job_run};
use diesel::prelude::*;

/// One instance's claim on a job of one business date.
pub struct Claim<'a> {
    pub job: &'a str,
    pub business_date: Day,
    /// Which instance; made anew with each start.
    pub holder: [u8; 16],
    pub lease_until: Instant,
}

impl Insert for Claim<'_> {
    row!(job_run, |row| {
        job: row.job,
        business_date: &row.business_date,
        holder: row.holder.as_slice(),
        lease_until: &row.lease_until,
    });
}

/// Claims the job of a business date; false where it is finished, or another instance is at it.
pub fn claim(
    conn: &mut Conn,
    job: &str,
    business_date: Day,
    holder: [u8; 16],
    now: Instant,
) -> QueryResult<bool> {
    let lease_until = now.plus_seconds(LEASE_SECONDS);
    let claim = Claim {
        job,
        business_date,
        holder,
        lease_until,
    };
    if insert(conn, &[claim], OnConflict::Keep)? == 1 {
        return Ok(true);
    }
    let abandoned = job_run::table
        .filter(
            job_run::job
                .eq(job)
                .and(job_run::business_date.eq(business_date)),
        )
        .filter(
            job_run::finished_at
                .is_null()
                .and(job_run::lease_until.lt(now)),
        );
    let taken = (
        job_run::holder.eq(holder.as_slice()),
        job_run::lease_until.eq(lease_until),
    );
    Ok(diesel::update(abandoned).set(taken).execute(conn)? == 1)
}

/// Prolongs the lease of an instance that is at the job; false where another has taken the job over.
pub fn renew(
    conn: &mut Conn,
    job: &str,
    business_date: Day,
    holder: [u8; 16],
    now: Instant,
) -> QueryResult<bool> {
    let own = job_run::table
        .filter(
            job_run::job
                .eq(job)
                .and(job_run::business_date.eq(business_date)),
        )
        .filter(job_run::holder.eq(holder.as_slice()));
    let renewed = job_run::lease_until.eq(now.plus_seconds(LEASE_SECONDS));
    Ok(diesel::update(own).set(renewed).execute(conn)? == 1)
}

/// Whether the job of a business date has been done.
pub fn is_finished(conn: &mut Conn, job: &str, business_date: Day) -> QueryResult<bool> {
    let done = job_run::table
        .filter(
            job_run::job
                .eq(job)
                .and(job_run::business_date.eq(business_date)),
        )
        .filter(job_run::finished_at.is_not_null());
    Ok(done.count().get_result::<i64>(conn)? > 0)
}

/// Says that the job of a business date is done, or may be tried again.
pub fn release(
    conn: &mut Conn,
    job: &str,
    business_date: Day,
    holder: [u8; 16],
    done: Option<Instant>,
) -> QueryResult<()> {
    let own = job_run::table
        .filter(
            job_run::job
                .eq(job)
                .and(job_run::business_date.eq(business_date)),
        )
        .filter(job_run::holder.eq(holder.as_slice()));
    let ended = (
        job_run::finished_at.eq(done),
        job_run::lease_until.eq(Instant::from_micros(0)),
    );
    diesel::update(own).set(ended).execute(conn).map(drop)
}
