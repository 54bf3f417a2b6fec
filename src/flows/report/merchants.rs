//! Merchant by merchant: scores on the two dates, statements, claims.

use super::{Each, NoReport, Reporting, content};
use crate::county::records::Bank;
use crate::flows::advance_claim::funded_by;
use crate::flows::list_lines::Around;
use crate::kernel::{Id, Month};
use crate::ledger::records::balances_of_claims;
use crate::ledger::{Account, Balances};
use crate::merchant::Merchant;
use crate::merchant::records::{count, page};
use crate::register::records::histories;
use crate::register::{History, Place};
use crate::report::{Acquiring, ClaimStand, Item, Scored, Stand, What};
use crate::scorecard::BeforeFirstDay;
use crate::store::{Conn, Failure, StoreError};
use crate::subsidy::STATEMENTS;
use crate::subsidy::records::{Filter, filtered};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many merchants are held in memory at a time.
const PAGE: i64 = 512;

/// Whose statements and claims are counted; none is everybody's.
struct Own {
    acquirers: Option<BTreeSet<String>>,
    programmes: Option<BTreeSet<String>>,
}

impl Reporting<'_> {
    pub(super) fn each_merchant<E>(
        &self,
        conn: &mut Conn,
        around: &Around<'_>,
        banks: &[Bank],
        each: &mut Each<'_, E>,
    ) -> Result<Result<(), E>, Failure<NoReport>> {
        let own = self.own(conn, banks)?;
        let all = u64::try_from(count(conn)?).unwrap_or(0);
        self.watch.begin("商户 merchants", all);
        let (mut after, mut done) = (None, 0);
        loop {
            let merchants = page(conn, after, PAGE)?;
            let Some((last, _)) = merchants.last() else {
                self.watch.end();
                return Ok(Ok(()));
            };
            after = Some(*last);
            let ids: Vec<_> = merchants.iter().map(|(_, id)| *id).collect();
            let mut claims = self.claims(conn, &own, &ids)?;
            for (id, history) in histories(conn, self.kinds, &ids, None)? {
                let claims = claims.remove(&id).unwrap_or_default();
                let items = self.items(around, &own, &history, claims);
                for item in items.map_err(|error| Failure::Refused(NoReport::from(error)))? {
                    if let Err(error) = each(&item) {
                        return Ok(Err(error));
                    }
                }
            }
            done += merchants.len() as u64;
            self.watch.at(done);
        }
    }

    fn own(&self, conn: &mut Conn, banks: &[Bank]) -> Result<Own, StoreError> {
        if self.asked.bank.is_none() {
            return Ok(Own {
                acquirers: None,
                programmes: None,
            });
        }
        let mut programmes = BTreeSet::new();
        for bank in banks {
            programmes.extend(funded_by(conn, &bank.name)?);
        }
        Ok(Own {
            acquirers: Some(banks.iter().map(|bank| bank.name.clone()).collect()),
            programmes: Some(programmes),
        })
    }

    /// What is to be counted of one merchant.
    fn items(
        &self,
        around: &Around<'_>,
        own: &Own,
        history: &History,
        claims: Vec<ClaimStand>,
    ) -> Result<Vec<Item>, BeforeFirstDay> {
        let stand = |day| {
            let assessed = self.card.assess(history, &around.coverage, day)?;
            Ok(assessed.map(|assessed| Stand::of(&assessed, self.card.tiers())))
        };
        let (before, now) = (stand(self.asked.since)?, stand(self.asked.by)?);
        let place = Place::of(self.kinds, history, self.asked.by);
        let scored = (before.is_some() || now.is_some()).then_some(Scored { before, now });
        let acquiring = self.acquiring(own, history);
        let what = scored.map(What::Scored).into_iter();
        let what = what.chain(acquiring.map(What::Acquiring));
        let what = what.chain(claims.into_iter().map(What::Claim));
        let item = |what| Item {
            uscc: history.uscc,
            place: place.clone(),
            tier: now.and_then(|now| now.tier),
            what,
        };
        Ok(what.map(item).collect())
    }

    /// The months of a merchant's statements that are over; none where there are none.
    fn acquiring(&self, own: &Own, history: &History) -> Option<Acquiring> {
        let index = self.kinds.index(STATEMENTS)?;
        let kind = self.kinds.get(index);
        let (acquirer, month) = (kind.column("acquirer")?, kind.column("month")?);
        let facts = history.of(index).iter().filter(|fact| {
            let acquirer = fact.value(acquirer).as_text();
            let own = own.acquirers.as_ref();
            own.is_none_or(|own| own.contains(acquirer))
        });
        let months = facts.filter_map(|fact| fact.value(month).as_month());
        let months: BTreeSet<Month> = months
            .filter(|month| month.last_day() <= self.asked.by)
            .collect();
        Some(Acquiring {
            first: *months.first()?,
            last: *months.last()?,
        })
    }

    /// The claims of these merchants for months that are over, with where their money stood on the date. A difference
    /// is a part of the claim that it corrects.
    fn claims(
        &self,
        conn: &mut Conn,
        own: &Own,
        merchants: &[Id<Merchant>],
    ) -> Result<HashMap<Id<Merchant>, Vec<ClaimStand>>, StoreError> {
        let mut claims = filtered(conn, &Filter::default(), merchants)?;
        claims.retain(|claim| {
            let programmes = own.programmes.as_ref();
            programmes.is_none_or(|own| own.contains(&claim.programme))
                && claim.month.last_day() <= self.asked.by
        });
        let ids: Vec<_> = claims.iter().map(|claim| claim.id).collect();
        let balances = balances_of_claims(conn, &ids, self.asked.as_of)?;
        let mut whole: BTreeMap<_, Balances> = BTreeMap::new();
        for claim in claims {
            let Some(of_claim) = balances.get(&claim.id) else {
                continue;
            };
            let key = (claim.merchant, claim.programme, claim.acquirer, claim.month);
            let sum = whole.entry(key).or_default();
            for account in Account::ALL {
                let both = sum.of(account).plus(of_claim.of(account));
                sum.set(account, both.map_err(content)?);
            }
        }
        let mut by_merchant: HashMap<_, Vec<ClaimStand>> = HashMap::new();
        for ((merchant, programme, acquirer, month), balances) in whole {
            by_merchant.entry(merchant).or_default().push(ClaimStand {
                programme,
                acquirer,
                month,
                balances,
            });
        }
        Ok(by_merchant)
    }
}
