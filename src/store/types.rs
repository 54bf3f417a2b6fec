//! How the kernel's words are stored: days, instants and money as integers, ids and digests as bytes.

use crate::kernel::id::Named;
use crate::kernel::{Day, Digest, Id, Instant, Money, Month, Uscc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::expression::AsExpression;
use diesel::internal::derives::as_expression::Bound;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, SingleValue, Text};

/// Says of a type which SQL type holds it and how it is read back; a stored value that cannot be one is an error.
macro_rules! stored {
    ($type:ty $(, $generic:ident)?; $sql:ty as $raw:ty; $read:expr; |$self:ident| $write:expr, $lent:ty) => {
        impl<DB: Backend $(, $generic)?> FromSql<$sql, DB> for $type
        where
            $raw: FromSql<$sql, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                let raw = <$raw as FromSql<$sql, DB>>::from_sql(bytes)?;
                let read: fn($raw) -> Option<Self> = $read;
                read(raw).ok_or_else(|| concat!("no ", stringify!($type)).into())
            }
        }

        impl<DB: Backend $(, $generic: Named + 'static)?> ToSql<$sql, DB> for $type
        where
            $lent: ToSql<$sql, DB>,
        {
            fn to_sql<'b>(&'b $self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                <$lent as ToSql<$sql, DB>>::to_sql($write, out)
            }
        }

        impl<DB: Backend, ST: SingleValue $(, $generic)?> Queryable<ST, DB> for $type
        where
            Self: FromSql<ST, DB>,
        {
            type Row = Self;
            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }

        impl<DB: Backend $(, $generic: Named + 'static)?> ToSql<Nullable<$sql>, DB> for $type
        where
            Self: ToSql<$sql, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                ToSql::<$sql, DB>::to_sql(self, out)
            }
        }

        stored!(@expression $type $(, $generic)?; $sql);
        stored!(@expression $type $(, $generic)?; Nullable<$sql>);
    };
    (@expression $type:ty $(, $generic:ident)?; $sql:ty) => {
        impl $(<$generic: Named + 'static>)? AsExpression<$sql> for $type {
            type Expression = Bound<$sql, Self>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }

        impl<'a $(, $generic: Named + 'static)?> AsExpression<$sql> for &'a $type {
            type Expression = Bound<$sql, &'a $type>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }
    };
}

stored!(Day; Integer as i32; |days| Some(Day::from_number(days)); |self| self.as_number(), i32);
stored!(Month; Integer as i32; |months| Some(Month::from_number(months)); |self| self.as_number(), i32);
stored!(Instant; BigInt as i64; |micros| Some(Instant::from_micros(micros)); |self| self.as_micros(), i64);
stored!(Money; BigInt as i64; |fen| Some(Money::from_fen(fen)); |self| self.as_fen(), i64);
stored!(Id<T>, T; Binary as Vec<u8>; |bytes| Id::from_slice(&bytes); |self| self.as_bytes().as_slice(), [u8]);
stored!(Digest; Binary as Vec<u8>; |bytes| Digest::from_slice(&bytes); |self| self.as_bytes().as_slice(), [u8]);
stored!(Uscc; Text as String; |text| Uscc::parse(&text).ok(); |self| self.as_str(), str);
